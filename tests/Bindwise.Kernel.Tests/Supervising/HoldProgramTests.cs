using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold: real servers, unmodified, killed and told to stop while clients connect.</summary>
[Trait("Lane", "second")]
public sealed class HoldProgramTests
{
    [KernelFact]
    public Task Python_IsNeverRefused() => NeverRefusedAsync("http.server");

    [KernelFact]
    public Task Asyncio_IsNeverRefused() => NeverRefusedAsync("asyncio");

    [KernelFact("nginx")]
    public Task Nginx_WithWorkers_IsNeverRefused() => NeverRefusedAsync("nginx");

    [KernelFact("nginx")]
    public Task Nginx_WithReuseport_IsNeverRefused() => NeverRefusedAsync("nginx-reuseport");

    [KernelFact("node")]
    public Task NodeCluster_IsNeverRefused() => NeverRefusedAsync("node");

    [KernelFact("gunicorn")]
    public Task Gunicorn_WithWorkers_IsNeverRefused() => NeverRefusedAsync("gunicorn");

    [KernelFact("redis-server")]
    public Task Redis_IsNeverRefused() => NeverRefusedAsync("redis");

    [KernelFact("ruby")]
    public Task Ruby_IsNeverRefused() => NeverRefusedAsync("ruby");

    [KernelFact("java")]
    [Trait("Lane", "second")]
    public Task Java_IsNeverRefused() => NeverRefusedAsync("java");

    [KernelFact]
    public async Task Kestrel_RestartedUnderLoad_RefusesAndResetsNothing()
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("restart_web.py"), "5", "5000", Programs.Bindwise, Programs.Sample("PlainWeb"));
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var facts = JsonDocument.Parse(outcome.Output).RootElement;
        // Kestrel itself may end a connection that it accepted as it stops, without an answer: that is "closed".
        Assert.True(facts.GetProperty("starts").GetInt32() == 6, outcome.Output);
        Assert.All(["refused", "reset", "other"], word => Assert.True(facts.GetProperty(word).GetInt32() == 0, outcome.Output));
    }

    private static async Task NeverRefusedAsync(string name)
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("hold_real.py"), name, Programs.Bindwise);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var facts = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(facts.GetProperty("starts").GetInt32() == 4 && facts.GetProperty("counts") is var counts && counts.GetProperty("refused").GetInt32() == 0 && counts.GetProperty("unanswered").GetInt32() == 0, outcome.Output);
    }
}
