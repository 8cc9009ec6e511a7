using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run: real servers, unmodified, killed and started again at once over the TIME_WAIT that they left.</summary>
[Trait("Lane", "second")]
public sealed class RunProgramTests
{
    private static readonly string[] Run = [Programs.Bindwise, "run", "--"];

    [KernelFact("java")]
    public Task Java_WithoutTheOption_FailsAloneAndWorksUnderRun() => FailsAloneAsync("java");

    [KernelFact("ruby")]
    public Task Ruby_WithoutTheOption_FailsAloneAndWorksUnderRun() => FailsAloneAsync("ruby");

    [KernelFact("cc")]
    public Task AStaticProgram_WithoutTheOption_FailsAloneAndWorksUnderRun() => FailsAloneAsync("c");

    [KernelFact("nginx")]
    public Task Nginx_WithWorkers_WorksUnderRun() => WorksAsync("nginx");

    [KernelFact("nginx")]
    public Task Nginx_WithReuseport_WorksUnderRun() => WorksAsync("nginx-reuseport");

    [KernelFact("node")]
    public Task NodeCluster_WorksUnderRun() => WorksAsync("node");

    [KernelFact("gunicorn")]
    public Task Gunicorn_WithWorkers_WorksUnderRun() => WorksAsync("gunicorn");

    [KernelFact("redis-server")]
    public Task Redis_WorksUnderRun() => WorksAsync("redis");

    [KernelFact("/usr/lib/postgresql/15/bin/postgres")]
    public Task PostgreSql_WorksUnderRun() => WorksAsync("postgres");

    private static async Task FailsAloneAsync(string name)
    {
        (bool First, bool Second, int Between, bool Lasted) alone;
        // What a busy machine starts only after a minute meets no TIME_WAIT any more.
        do
        {
            await using var host = await TestHost.OpenAsync();
            alone = await StartTwiceAsync(host, name, []);
        }
        while (!alone.Lasted);
        Assert.True(alone.First && !alone.Second && alone.Between > 0, alone.ToString());
        await WorksAsync(name);
    }

    private static async Task WorksAsync(string name)
    {
        await using var host = await TestHost.OpenAsync();
        var supervised = await StartTwiceAsync(host, name, Run);
        Assert.True(supervised.First && supervised.Second && supervised.Between > 0, supervised.ToString());
    }

    private static async Task<(bool First, bool Second, int Between, bool Lasted)> StartTwiceAsync(TestHost host, string name, string[] prefix)
    {
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("run_real.py"), name, .. prefix]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var facts = JsonDocument.Parse(outcome.Output).RootElement;
        return (facts.GetProperty("first").GetBoolean(), facts.GetProperty("second").GetBoolean(), facts.GetProperty("between").GetInt32(), facts.GetProperty("lasted").GetBoolean());
    }
}
