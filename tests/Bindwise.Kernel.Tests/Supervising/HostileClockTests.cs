using System.Diagnostics;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>The time of day jumps by twenty years at each look: what is to last a time lasts it all the same, and ends.</summary>
public sealed class HostileClockTests
{
    // Starts that fail are followed by the next after 0.1, 0.2, 0.4 and 0.8 s.
    private const string FailsFourTimes = "echo >> starts; test $(wc -l < starts) = 5";

    private static readonly string[] Jumping = ["env", "LD_PRELOAD=" + Hostile.Library("jumping_clock"), Programs.Bindwise];

    public static TheoryData<string, int, string[]> Times => new()
    {
        { "wait 8080 --timeout 1s", 1000, ["1"] },
        { "wait --until listening 8081 --timeout 1s", 1000, ["1"] },
        { "free 8080 --yes --grace 1s", 1000, ["1"] },
        { "free 8080 --yes --grace 1s --force", 1000, ["0"] },
        { "audit --for 1s -- sleep 1000", 1000, ["0"] },
        { $"run --hold --restart=on-failure -- sh -c @", 1500, ["0"] },
    };

    [KernelTheory(Hostile.Compiler, "python3")]
    [MemberData(nameof(Times))]
    [Trait("Lane", "second")]
    public async Task JumpsOfTheTimeOfDay_ChangeNoTimeThatSomethingLasts(string words, int leastMilliseconds, string[] exitCodes)
    {
        await using var host = await TestHost.OpenAsync();
        var stubborn = host.Start(0, "python3", "-B", "-S", "-c", """
            import signal, socket, time
            signal.signal(signal.SIGTERM, lambda number, frame: None)
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8080)); s.listen()
            print("ready", flush=True)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await stubborn.LineAsync());
        string[] command = [.. Jumping, .. words.Split(' ').Select(static word => word == "@" ? FailsFourTimes : word)];
        var began = Stopwatch.StartNew();
        var outcome = await host.RunAsync(["sh", "-c", $"cd {host.Folder} && exec \"$@\"", "sh", .. command]);
        Assert.True(exitCodes.Contains($"{outcome.ExitCode}") && began.ElapsedMilliseconds >= leastMilliseconds, $"{began.ElapsedMilliseconds} ms: {outcome}");
    }

    [KernelFact(Hostile.Compiler)]
    public async Task JumpsOfTheTimeOfDay_DoNotKeepAProgramThatIgnoresSigtermAlive()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, [.. Jumping, "run", "--hold", "--stop-timeout", "1s", "--", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]);
        Assert.Equal("ready", await program.LineAsync());
        var supervisor = 0;
        await Patience.UntilAsync(() => (supervisor = host.Processes.Commands().FirstOrDefault(static one => one.Value.Contains("run --hold", StringComparison.Ordinal)).Key) != 0, "bindwise");
        var began = Stopwatch.StartNew();
        await host.SignalAsync(supervisor, "TERM");
        await program.EndAsync();
        Assert.Equal(137, program.ExitCode);
        Assert.InRange(began.ElapsedMilliseconds, 1000, long.MaxValue);
    }

    [KernelFact(Hostile.Compiler)]
    public async Task JumpsOfTheTimeOfDay_EndNoLeaseAndKeepNone()
    {
        await using var host = await TestHost.OpenAsync();
        string[] pick = [.. Jumping, "pick", "--range", "8123-8123", "--lease", "1s"];
        var began = Stopwatch.StartNew();
        Assert.Equal(0, (await host.RunAsync(pick)).ExitCode);
        var refused = await host.RunAsync(pick);
        Assert.True(refused.Error.Contains("leased to other picks", StringComparison.Ordinal) || began.ElapsedMilliseconds >= 1000, refused.ToString());
        await Patience.UntilAsync(() => host.RunAsync(pick).GetAwaiter().GetResult().ExitCode == 0, "the end of the lease");
        Assert.InRange(began.ElapsedMilliseconds, 1000, long.MaxValue);
    }
}
