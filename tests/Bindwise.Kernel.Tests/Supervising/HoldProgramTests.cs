using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold: real servers, unmodified, killed and told to stop while clients connect.</summary>
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
