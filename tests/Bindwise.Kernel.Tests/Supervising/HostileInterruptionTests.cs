using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>A supervisor whose system calls are interrupted without pause (EINTR), as by a debugger or a frozen control group, loses no call.</summary>
[Trait("Lane", "second")]
public sealed class HostileInterruptionTests
{
    private const string Interruptions = "20000";

    // A kept socket is given anew for each bind(), which takes longer.
    [KernelTheory(Hostile.Compiler)]
    [InlineData("run", " run --supervise", 32_000)]
    [InlineData("hold", " run --hold", 1_600)]
    [InlineData("audit", " audit ", 9_600)]
    public async Task Interruptions_LoseNoCall(string under, string supervisor, int count)
    {
        await using var host = await TestHost.OpenAsync();
        var number = count.ToString(CultureInfo.InvariantCulture);
        var program = host.Start(0, Hostile.Command(under, Hostile.File("many_binds"), number, "32"));
        var process = await FindAsync(host, Hostile.File("many_binds"), supervisor);
        var disturbance = await host.RunAsync(Hostile.File("disturb"), process.ToString(CultureInfo.InvariantCulture), Interruptions);
        Assert.Equal(0, disturbance.ExitCode);
        // Not its end: nsenter stops with what it started, and nobody lets it go on.
        Assert.Equal(number, await program.LineAsync());
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData("run", " run --supervise")]
    [InlineData("hold", " run --hold")]
    [InlineData("audit", " audit ")]
    public async Task InterruptionOfAnAnswer_LosesNoCall(string under, string supervisor)
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, Hostile.Command(under, "sh", "-c", $"read word; exec {Hostile.File("many_binds")} 300 2"));
        var process = await FindAsync(host, "sh -c read", supervisor);
        await host.Start(0, Hostile.File("interrupt"), process.ToString(CultureInfo.InvariantCulture)).ReadyAsync();
        Assert.True(await program.ReportAsync("go\n"));
        Assert.Equal("300", await program.LineAsync());
    }

    // Once there is the program: before that there are others on the way to the supervisor.
    private static async Task<int> FindAsync(TestHost host, string program, string words)
    {
        bool HasBegun() => host.Processes.Commands().Values.Any(one => one.StartsWith(program, StringComparison.Ordinal));
        await Patience.UntilAsync(HasBegun, program);
        return host.Processes.Commands().Single(one => one.Value.Contains(words, StringComparison.Ordinal)).Key;
    }
}
