using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>A supervisor that is stopped or killed, and one that somebody wants to get hold of.</summary>
public sealed class HostileSupervisorTests
{
    private static readonly string[] Server = ["python3", "-B", "-S", Programs.Script("run_server.py"), "127.0.0.1", "8080"];

    [KernelFact]
    public async Task Stopped_KeepsTheProgramUntilItGoesOn()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await StopAsync(host);
        await host.SignalAsync(Supervisor(host, "run"), "CONT");
        Assert.Equal("", ErrorOf(await server.LineAsync()));
    }

    // Its standard error, too, which the supervisor would keep open until it goes on.
    [KernelFact]
    [Trait("Program", "both")]
    public async Task StoppedForGood_LeavesTheProgramToSigkill()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await StopAsync(host);
        await host.SignalAsync(server.Pid, "KILL");
        await server.EndAsync();
    }

    // SIGKILL, as by the kernel for want of memory.
    [KernelFact(Hostile.Compiler)]
    public async Task KilledWhileABindWaits_BindsNothingAnyMore()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8081 listen");
        var server = host.Start(0, Hostile.Command("run --wait=10m", [.. Server, "again", "stay"]));
        await server.ReadyAsync();
        Assert.True(await server.ReportAsync("next\n"));
        await Patience.UntilAsync(() => server.Error.Contains("8081", StringComparison.Ordinal), "the line that says for whom the bind waits");
        await host.SignalAsync(Supervisor(host, "run"), "KILL");
        Assert.Equal("ENOSYS", ErrorOf(await server.LineAsync()));
        await host.SignalAsync(holder.Pid, "KILL");
        await Patience.UntilAsync(() => host.StateOf(holder.Pid) is '-' or 'Z', "the end of the holder");
        Assert.Equal("127.0.0.1:8081", await Hostile.WordAsync(host, 0, Hostile.Bare, Hostile.File("closed_address"), "whole", "127.0.0.1", "8081"));
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData("run")]
    [InlineData("hold")]
    [InlineData("audit")]
    public async Task OfRoot_IsOutOfReachForNobody(string under)
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, Hostile.Command(under, [.. Server, "stay"]));
        await server.ReadyAsync();
        var supervisor = Supervisor(host, under).ToString(CultureInfo.InvariantCulture);
        foreach (var user in new[] { 0, TestHost.Nobody })
            Assert.Equal("held-off", await Hostile.WordAsync(host, user, Hostile.Bare, Hostile.File("seize"), supervisor));
    }

    [KernelTheory(Hostile.Compiler, "pgrep")]
    [InlineData("run", "[r]un --supervise")]
    [InlineData("hold", "[r]un --hold")]
    [InlineData("audit", "[b]indwise audit")]
    public async Task OfRoot_IsOutOfReachForItsOwnProgramThatDroppedItsRights(string under, string words)
    {
        await using var host = await TestHost.OpenAsync();
        Assert.Equal("held-off", await Hostile.WordAsync(host, 0, under, "sh", "-c", $"exec {Hostile.File("seize")} $(pgrep --full --oldest '{words}')"));
    }

    // With a bind() that waits for it, or is about to.
    private static async Task<TestProgram> StopAsync(TestHost host)
    {
        var server = host.Start(0, Hostile.Command("run", [.. Server, "again", "stay"]));
        await server.ReadyAsync();
        var supervisor = Supervisor(host, "run");
        await host.SignalAsync(supervisor, "STOP");
        await host.UntilStateAsync(supervisor, 'T');
        Assert.True(await server.ReportAsync("next\n"));
        return server;
    }

    private static int Supervisor(TestHost host, string under)
    {
        var words = under switch { "run" => " run --supervise", "hold" => " run --hold", _ => " audit " };
        return host.Processes.Commands().Single(one => one.Value.Contains(words, StringComparison.Ordinal)).Key;
    }

    private static string? ErrorOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("error").GetString();
}
