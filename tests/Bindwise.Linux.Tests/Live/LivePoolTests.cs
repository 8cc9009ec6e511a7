using System.Diagnostics;
using System.Text.RegularExpressions;
using Bindwise.Linux.Live;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Tests.Live;

/// <summary>Which namespace a scenario is played in, and what it leaves.</summary>
[Collection(AloneCollection.Name)]
public sealed class LivePoolTests
{
    private static string Restart(int port) => $"""
        tcp4 a; bind a 127.0.0.1 {port}; listen a; tcp4 c; connect c @a; accept a s; close s; close c; close a;
        tcp4 b; bind b 127.0.0.1 {port} -> EADDRINUSE
        """;

    [KernelTheory]
    [InlineData(1, "tcp4 a; bind a 127.0.0.1 8000", "tcp4 a; bind a 127.0.0.1 8001", "tcp4 a; connect a 127.0.0.1 9 -> ECONNREFUSED")]
    [InlineData(2, "tcp4 a; bind a 127.0.0.1 8000", "udp4 a; send a 1 127.0.0.1 8000", "tcp4 a; bind a 127.0.0.1 8001")]
    [InlineData(3, "tcp4 a; bind a 127.0.0.1 0", "tcp4 a; bind a 127.0.0.1 0", "tcp4 a; bind a 127.0.0.1 8000")]
    [InlineData(3, "sysctl net.ipv4.tcp_rfc1337 1", "sysctl net.ipv4.tcp_rfc1337 1", "tcp4 a; bind a 127.0.0.1 8000")]
    [InlineData(3, "tcp4 a; bind a 127.0.0.1 40000", "tcp4 a; bind a 127.0.0.1 40001", "tcp4 a; bind a 127.0.0.1 8000")]
    [InlineData(2, "tcp4 a; set a IP_LOCAL_PORT_RANGE 40000-40001", "tcp4 a; bind a 127.0.0.1 8000", "tcp4 a; bind a 127.0.0.1 8001")]
    [InlineData(2, "tcp4 a device=v0", "tcp4 a; bind a 127.0.0.1 8000", "tcp4 a device=v1; bind a 127.0.0.1 8000")]
    public void Namespaces_OfThreeScenarios_AreAsManyAsTheyNeed(int namespaces, params string[] scenarios) => PoolThread.Run(pool =>
    {
        foreach (var scenario in scenarios)
            PoolThread.Check(pool, scenario);
        Assert.Equal(namespaces, pool.Created);
    });

    [KernelFact]
    public void Port_UsedBefore_StartsEmptyAgain() => PoolThread.Run(pool =>
    {
        for (var round = 0; round < 5; round++)
            PoolThread.Check(pool, Restart(8000));
        Assert.Equal(5, pool.Created);
    });

    [KernelFact]
    public void Scenarios_InFlightTogether_DoNotMeet() => PoolThread.Run(pool =>
    {
        var scenarios = Enumerable.Range(0, 40).Select(index => ScenarioText.Of(Restart(8000 + (index % 20)))).ToArray();
        var hosts = scenarios.Select(scenario => pool.Lease(ScenarioNeeds.Of(scenario.Scenario))).ToArray();
        var results = scenarios.Select(static _ => new List<string>()).ToArray();
        for (var step = 0; step < scenarios[0].Texts.Count; step++)
        {
            for (var index = 0; index < scenarios.Length; index++)
                results[index].Add($"{scenarios[index].Texts[step]} -> {hosts[index].Play(scenarios[index].Scenario.Steps[step]).Result}");
        }
        foreach (var host in hosts)
            host.Dispose();
        Assert.All(scenarios.Zip(results), pair => Assert.Equal(pair.First.Lines, pair.Second));
        Assert.Equal(2, pool.Created);
    });

    /// <summary>Every sixteenth port of the range is named: of two hundred automatic ones some would stand there by chance.</summary>
    [KernelFact]
    public void AutomaticPorts_BesideNamedOnes_AvoidThem() => PoolThread.Check(
        string.Concat(Enumerable.Range(0, 200).Select(static index => $"udp4 u{index}; bind u{index} 127.0.0.1 0;"))
        + string.Concat(Enumerable.Range(0, 1764).Select(static index => $"udp4 n; bind n 127.0.0.1 {32768 + (index * 16)};")));

    [KernelFact]
    public void Playing_LeavesNothingBehind()
    {
        PoolThread.Run(static pool => PoolThread.Check(pool, Restart(8000)));
        // What earlier tests left to the collector is closed now, not in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (descriptors, table, home) = (Descriptors(), TimeWaits(), Home());
        PoolThread.Run(static pool =>
        {
            for (var round = 0; round < 50; round++)
                PoolThread.Check(pool, Restart(8000 + (round % 10)));
            PoolThread.Check(pool, "tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; tcp4 d device=v0; udp4 u");
        });
        Assert.Equal(home, Home());
        Assert.Equal(descriptors, Descriptors());
        Assert.Equal(table, TimeWaits());
    }

    [KernelFact]
    public void Thread_OfAPool_IsBackWhereItWas()
    {
        var (before, within, after) = ("", "", "");
        var thread = new Thread(() =>
        {
            before = Home();
            using (var pool = LivePool.Open())
            {
                PoolThread.Check(pool, "tcp4 a");
                within = Home();
            }
            after = Home();
        });
        thread.Start();
        thread.Join();
        Assert.NotEqual(before, within);
        Assert.Equal(before, after);
    }

    [KernelFact]
    public void Pool_OnAnotherThread_Refuses() => PoolThread.Run(pool =>
    {
        var thread = new Thread(() => Assert.Throws<InvalidOperationException>(() => pool.Lease(ScenarioNeeds.Of(new Scenario("", [])))));
        thread.Start();
        thread.Join();
    });

    [KernelFact]
    public void Wait_IsRealAndEndsEarlyWhenToldTo()
    {
        var clock = Stopwatch.StartNew();
        PoolThread.Check("wait 0.25; wait 0");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.25, 600);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Throws<OperationCanceledException>(() => PoolThread.Run(static pool => PoolThread.Check(pool, "wait 86400"), cancellation.Token));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 3600);
    }

    [KernelFact]
    public void User_ThatCannotBe_IsNoAnswer() =>
        Assert.Throws<LiveUnavailableException>(() => PoolThread.Check($"tcp4 a user={uint.MaxValue}"));

    private static string Home() => new FileInfo("/proc/thread-self/ns/net").LinkTarget!;

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    // Of the ports played here: the host has TIME_WAITs of its own, which come and go.
    private static int TimeWaits() => File.ReadLines("/proc/net/tcp").Count(static line => Regex.IsMatch(line, @":1F4\d (\S+:\S+ )?06 "));
}
