using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>The probe does no harm: not to other probes, not to a server that starts, and it leaves nothing.</summary>
[Trait("Lane", "second")]
public sealed class ProbeTests
{
    [KernelFact]
    public async Task Why_HundredRunsSideBySideOnAFreePort_AllSayFreeAndLeaveNothing()
    {
        await using var host = await TestHost.OpenAsync();
        // Each waits for all the others.
        host.Limit = Patience.OfManyWaits;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.RunAsync(Programs.Bindwise, "why", "8080", "--json")));
        foreach (var outcome in outcomes)
        {
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
            Assert.Single(Asking.Answers(outcome)).Is("free", null, "free");
        }

        Assert.Empty(host.Sockets.StatesOn(8080));
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.Folder));
    }

    [KernelFact]
    public async Task Why_ManyRunsWhileAServerRestarts_FailFewerThanOneStartInAThousand()
    {
        // One in a thousand cannot be told from so few starts: three failures more may be chance. bench/probe-harm counts many; a probe that harms
        // fails dozens here.
        const int Chance = 3;
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        var server = await host.StartScriptAsync("restart.py", "8080");
        await AskManyTimesAsync(host);
        server.EndInput();
        using var counted = JsonDocument.Parse(await server.LineAsync());
        var (starts, failures) = (counted.RootElement.GetProperty("starts").GetInt32(), counted.RootElement.GetProperty("failures").GetInt32());

        Assert.True(starts > 100, string.Create(CultureInfo.InvariantCulture, $"only {starts} starts"));
        Assert.True((failures - Chance) * 1000 <= starts, string.Create(CultureInfo.InvariantCulture, $"{failures} of {starts} starts failed"));
    }

    private static async Task AskManyTimesAsync(TestHost host)
    {
        // The native program runs each time; the other one, which takes 40 times as long to start, answers as often.
        var (runs, targets) = ProgramUnderTest.IsNative ? (150, 1) : (12, 25);
        var command = new[] { Programs.Bindwise, "why", "--json" }.Concat(Enumerable.Repeat("0.0.0.0:8080", targets)).ToArray();
        var (answers, open) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, runs), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            var outcome = await host.RunAsync(command);
            var told = Asking.Answers(outcome);
            // A port that changed at each of four looks is told as that, and left alone (docs/probe.md).
            var changing = told.Count(static answer => answer.Limits.Any(static limit => limit.Text.Contains("changed at each check", StringComparison.Ordinal)));
            Assert.True(outcome.ExitCode is 0 or 1 || (outcome.ExitCode == 3 && changing > 0), outcome.ToString());
            Interlocked.Add(ref answers, told.Count);
            Interlocked.Add(ref open, told.Count(static answer => answer.Verdict == "undetermined"));
        });
        Assert.Equal(runs * targets, answers);
        // How often that is depends on how long the machine holds up who looks; that most are answers does not.
        Assert.InRange(open, 0, answers / 2);
    }

    [KernelFact]
    public async Task Why_FreePathAndPort_LeaveNoFileAndNoSocket()
    {
        await using var host = await TestHost.OpenAsync();
        await host.RunAsync(Programs.Bindwise, "why", "8080", "8080/udp", Path.Combine(host.Folder, "a.sock"), "@a", "0", "[::1]:8080");
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.Folder));
        Assert.Empty(host.Sockets.StatesOn(8080));
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_NoProbe_PredictsEverything()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync("8080 --no-probe");
        answer.Has(answer.Attempts.All(static attempt => attempt.Bind is { How: "predicted", Permitted: false }), "nothing was tried");
        answer.Has(answer.Limits.Any(static limit => limit.Id == "not-probed"), "a limit");
    }

    [KernelTheory]
    [InlineData("8080", "", 0)]
    [InlineData("8080/udp", "", 0)]
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.2 8080 listen", 0)]
    [InlineData("8080", "tcp 0.0.0.0 8080 listen", 1)]
    [InlineData("8080 --plain", "tcp 0.0.0.0 8080 reuseaddr", 1)]
    [InlineData("8080 --reuse-address", "tcp 0.0.0.0 8080 reuseaddr", 0)]
    [InlineData("0.0.0.0:8080/udp", "udp 127.0.0.1 8080", 1)]
    public async Task Why_WhereTableAndRulesDecide_NeverTakesThePort(string words, string held, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        if (held.Length > 0)
            await host.StartScriptAsync("hold.py", held);
        var (code, binds) = await TraceBindsAsync(host, [Programs.Bindwise, "why", .. words.Split(' ')]);
        Assert.Equal(exitCode, code);
        Assert.DoesNotContain(binds, static bind => bind is { Port: 8080, Errno: 0 });
        // Whether a policy refuses is asked with the very address and port, of a socket that has a port.
        if (exitCode == 0)
            Assert.Contains(binds, static bind => bind is { Port: 8080, Errno: InvalidArgument });
    }

    [KernelFact]
    public async Task Why_TimeWaitWhoseOptionsNobodyKnows_TakesThePortToKnow()
    {
        await Passing.PlayAsync(static host => host.StartScriptAsync("serve_many.py", "3 tcp 127.0.0.1 8080 listen reuseaddr"), static async host =>
        {
            var (_, binds) = await TraceBindsAsync(host, [Programs.Bindwise, "why", "127.0.0.1:8080"]);
            Assert.Contains(binds, static bind => bind is { Port: 8080, Errno: 0 });
        });
    }

    [KernelFact]
    public async Task Why_ServerThatRestartsWithoutPauseAndWithoutReuseAddress_LeavesItsPortAlone()
    {
        // As many as the machine has time for: beside a load of a hundred a run takes three seconds, and all the while the server takes a processor for itself.
        // bench/probe-harm counts thousands.
        const int Runs = 40;
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("restart_at_once.py", "8080");
        var ran = 0;
        var taken = new List<string>();
        for (var begin = Stopwatch.GetTimestamp(); ran < Runs && (ran < 20 || Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(30)); ran++)
        {
            var (code, binds) = await TraceBindsAsync(host, [Programs.Bindwise, "why", "8080", "--quiet"]);
            Assert.InRange(code, 0, 3);
            if (binds.Any(static bind => bind is { Port: 8080, Errno: 0 }))
                taken.Add($"exit code {code}: {string.Join(", ", binds)}");
        }
        server.EndInput();
        using var counted = JsonDocument.Parse(await server.LineAsync());
        Assert.True(counted.RootElement.GetProperty("starts").GetInt64() > 7 * ran, counted.RootElement.ToString());
        // How often the server fails is no measure: whoever reads a descriptor in /proc holds its file for an instant (docs/probe.md), which beside load
        // lasts until that reader gets a processor again.
        Assert.True(taken.Count == 0, string.Join('\n', taken));
    }

    [KernelTheory]
    [InlineData(0, "process ")]
    [InlineData(TestHost.Nobody, "a program of user daemon holds")]
    public async Task Why_LockSquattedByAnotherUser_SaysWhoHoldsItAndAnswersAllTheSame(int user, string holder)
    {
        await using var host = await TestHost.OpenAsync();
        var squatter = await host.StartScriptAsAsync(TestHost.Daemon, "squat.py", "bindwise/probe/tcp/8080");
        await host.StartScriptAsync("serve_many.py", "3 tcp 127.0.0.1 8080 listen reuseaddr");
        var answer = await host.WhyAsAsync(user, "127.0.0.1:8080");
        answer.Is("free", null, "time-wait");
        var note = Assert.Single(answer.Limits, static limit => limit.Text.Contains("take turns", StringComparison.Ordinal)).Text;
        answer.Has(note.StartsWith(holder, StringComparison.Ordinal) && note.Contains("of user daemon", StringComparison.Ordinal), "who holds the lock");
        if (user == 0)
            answer.Has(note.Contains($"process {squatter.Pid} ", StringComparison.Ordinal), "the process");
    }

    [KernelFact]
    public async Task Why_LockSquattedWhereNothingIsProbed_IsNotEvenMet()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("squat.py", "bindwise/probe/tcp/8080");
        (await host.WhyAsync("8080")).Is("free", null, "free").Has((await host.WhyAsync("8080")).Limits.Count == 0, "no limit");
    }

    private const int InvalidArgument = 22;

    private sealed record TracedBind(string Address, int Port, int Errno);

    private static async Task<(int ExitCode, IReadOnlyList<TracedBind> Binds)> TraceBindsAsync(TestHost host, string[] command)
    {
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("trace_binds.py"), .. command]);
        using var told = JsonDocument.Parse(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        return (told.RootElement.GetProperty("exit").GetInt32(), told.RootElement.GetProperty("binds").Deserialize<List<TracedBind>>(JsonSerializerOptions.Web)!);
    }

    [KernelFact]
    public async Task Why_UdpSocketThatReceives_GetsEveryDatagramWhileItIsAskedAbout()
    {
        await using var host = await TestHost.OpenAsync();
        var receiver = await host.StartScriptAsync("count_datagrams.py", "8080 400");
        for (var i = 0; i < 3; i++)
        {
            await host.RunAsync(Programs.Bindwise, "why", "8080/udp", "--json");
            await host.RunAsync(Programs.Bindwise, "why", "8080/udp", "--reuse-address", "--reuse-port", "--json");
        }

        receiver.EndInput();
        using var counted = JsonDocument.Parse(await receiver.LineAsync());
        Assert.Equal(counted.RootElement.GetProperty("sent").GetInt32(), counted.RootElement.GetProperty("received").GetInt32());
    }
}
