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
        var alone = await StartTwiceAsync(name, []);
        Assert.True(alone.First && !alone.Second && alone.Between > 0, alone.ToString());
        await WorksAsync(name);
    }

    private static async Task WorksAsync(string name)
    {
        var supervised = await StartTwiceAsync(name, Run);
        Assert.True(supervised.First && supervised.Second && supervised.Between > 0, supervised.ToString());
    }

    private static async Task<Starts> StartTwiceAsync(string name, string[] prefix)
    {
        // What a busy machine starts only after a minute meets no TIME_WAIT any more. And where the kernel's own work is held up, the server sends its FIN
        // again, to a client that is closed by then: that answers with a reset, which ends the TIME_WAIT at once.
        const int MostPlays = 5;
        for (var plays = 1; ; plays++)
        {
            await using var host = await TestHost.OpenAsync();
            host.Limit = Patience.OfManyWaits;
            var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("run_real.py"), name, .. prefix]);
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
            var starts = JsonSerializer.Deserialize<Starts>(outcome.Output, JsonSerializerOptions.Web)!;
            if (plays == MostPlays || (starts.Between > 0 && starts.Lasted))
                return starts;
        }
    }

    private sealed record Starts(bool First, int Between, bool Second, bool Lasted);
}
