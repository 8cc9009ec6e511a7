using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Testing.Tests;

/// <summary>Programs that can restart, programs that cannot, and what is said of them. The programs are the samples.</summary>
[Trait("Lane", "second")]
[SupportedOSPlatform("linux")]
public sealed class RestartTests
{
    [IsolatedFact]
    public Task ServerThatSetsReuseAddress_CanRestart_OverItsTimeWait() => Body.RunAsync(static async () =>
    {
        var report = await RestartAssertion.CanRestartAsync(Sample("AddressUsed2") with { Connections = 5, Talk = ReadHelloAsync });
        Assert.Equal(8080, report.Port);
        Assert.Equal([RestartStop.Kill, RestartStop.Terminate], report.Rounds.Select(static one => one.Stop));
        var crash = report.Rounds[0];
        Assert.Equal((5, 3, 2, 137, false), (crash.Accepted, crash.TimeWaits, crash.FinWaits, crash.ExitCode, crash.EndedByItself));
        Assert.NotEqual(0, report.Rounds[1].TimeWaits);
        Assert.True(report.FirstStart > TimeSpan.Zero && crash.Restart > TimeSpan.Zero);
        AssertNothingRuns("AddressUsed2");
    });

    [IsolatedFact]
    public Task ServerThatDoesNot_CannotRestart_AndTheDiagnosisSaysWhy() => Body.RunAsync(static async () =>
    {
        var failure = await Assert.ThrowsAsync<RestartException>(static () => RestartAssertion.CanRestartAsync(Sample("AddressUsed")));
        Assert.Equal((RestartStage.Restart, 1, Verdict.Blocked), (failure.Stage, failure.ExitCode, failure.Diagnosis!.Verdict));
        Assert.Contains(failure.Diagnosis.Cause, (Cause[])[Cause.TimeWait, Cause.FinWait]);
        Assert.StartsWith("dotnet cannot restart after SIGKILL: it ended with exit code 1 after ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("EADDRINUSE", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Next: Set SO_REUSEADDR before bind() in the program", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Output);
    });

    [IsolatedFact]
    public Task ServerOfOneClient_EndsByItself_AndCanRestartOrNot() => Body.RunAsync(static async () =>
    {
        var report = await RestartAssertion.CanRestartAsync(Sample("MendedServer") with { Connections = 1 });
        Assert.All(report.Rounds, static round => Assert.True(round.TimeWaits > 0));
        var failure = await Assert.ThrowsAsync<RestartException>(static () => RestartAssertion.CanRestartAsync(Sample("ServerBroken", 8081) with { Connections = 1 }));
        Assert.Equal((RestartStage.Restart, Cause.TimeWait), (failure.Stage, failure.Diagnosis!.Cause));
    });

    [IsolatedFact]
    public Task Kestrel_OnALeasedPort_CanRestart_AfterItHasAnswered() => Body.RunAsync(static async () =>
    {
        var report = await RestartAssertion.CanRestartAsync(new RestartOptions
        {
            Program = "dotnet",
            Arguments = ["exec", Started.PathOf("KestrelFallback"), "--urls", "http://localhost:{port}"],
            Talk = RestartOptions.HttpGet("/"),
        });
        Assert.NotInRange(report.Port, 32768, 60999);
        Assert.All(report.Rounds, static round => Assert.Equal(4, round.Accepted));
        Assert.Equal(2, report.Rounds[0].TimeWaits);
    });

    [IsolatedFact]
    public Task Answer_ThatIsNotHttp_IsAFailureOfTheTalk() => Body.RunAsync(static async () =>
    {
        var failure = await Assert.ThrowsAsync<RestartException>(static () => RestartAssertion.CanRestartAsync(Sample("AddressUsed2") with { Talk = RestartOptions.HttpGet() }));
        Assert.Equal(RestartStage.Talk, failure.Stage);
        Assert.Contains("GET / is not HTTP", failure.Message, StringComparison.Ordinal);
        AssertNothingRuns("AddressUsed2");
    });

    [IsolatedFact]
    public Task ChildThatKeepsThePort_IsNamed_AndEndedToo() => Body.RunAsync(static async () =>
    {
        var wrapped = new RestartOptions
        {
            Program = "/bin/sh",
            Arguments = ["-c", "\"$@\" & wait", "sh", "dotnet", "exec", Started.PathOf("AddressUsed2"), "{port}"],
            Port = 8080,
            // The shell has to end within it, however busy the machine is; its child keeps the port for all of it.
            StopTimeout = TimeSpan.FromSeconds(20),
        };
        var failure = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(wrapped));
        Assert.Equal((RestartStage.Stop, Cause.Listener), (failure.Stage, failure.Diagnosis!.Cause));
        Assert.StartsWith("sh cannot restart: it ended after SIGKILL, but something still listened on its port.", failure.Message, StringComparison.Ordinal);
        AssertNothingRuns("AddressUsed2");
    });

    [IsolatedFact]
    public Task ProgramThatIgnoresSigterm_IsToldAndKilled() => Body.RunAsync(static async () =>
    {
        var stubborn = new RestartOptions
        {
            Program = "/bin/sh",
            Arguments = ["-c", "trap '' TERM; \"$@\" & while :; do wait; done", "sh", "dotnet", "exec", Started.PathOf("AddressUsed2"), "{port}"],
            Port = 8080,
            Stops = [RestartStop.Terminate],
            StopTimeout = TimeSpan.FromSeconds(2),
        };
        var failure = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(stubborn));
        Assert.StartsWith("sh cannot restart: it did not end within 2 s after SIGTERM.", failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.ExitCode);
        AssertNothingRuns("AddressUsed2");
    });

    [IsolatedFact]
    public Task PortOfAnotherProgram_FailsTheFirstStart_AndLeavesItAlone() => Body.RunAsync(static async () =>
    {
        using var other = new TcpListener(IPAddress.Loopback, 8080);
        other.Start();
        var failure = await Assert.ThrowsAsync<RestartException>(static () => RestartAssertion.CanRestartAsync(Sample("AddressUsed2")));
        Assert.Equal((RestartStage.FirstStart, Cause.Listener), (failure.Stage, failure.Diagnosis!.Cause));
        Assert.Contains($"pid {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 8080);
    });

    [IsolatedFact]
    public Task ProgramThatDoesNotListen_OrIsNotThere_FailsTheFirstStart() => Body.RunAsync(static async () =>
    {
        var idle = new RestartOptions { Program = "sleep", Arguments = ["1000"], Port = 8080, StartTimeout = TimeSpan.FromSeconds(1) };
        var failure = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(idle));
        Assert.StartsWith("sleep cannot start: it did not listen on port 8080 within 1 s.", failure.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(idle with { Program = "/nowhere/server" }));
        Assert.StartsWith("server cannot start: it could not be started (", none.Message, StringComparison.Ordinal);
        var brief = await Assert.ThrowsAsync<RestartException>(() => RestartAssertion.CanRestartAsync(idle with { Program = "/bin/sh", Arguments = ["-c", "echo out of stock >&2; exit 3"], StartTimeout = TimeSpan.FromMinutes(4) }));
        Assert.Equal(3, brief.ExitCode);
        Assert.EndsWith("Port 8080 is free, so it was not the port.\nIt wrote:\n  out of stock", brief.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task Cancelled_ItLeavesNothing() => Body.RunAsync(static async () =>
    {
        using var cancel = new CancellationTokenSource();
        // It talks for ever: it is cancelled then.
        var options = Sample("AddressUsed2") with { Talk = async (_, token) => { await cancel.CancelAsync(); await Task.Delay(Timeout.Infinite, token); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RestartAssertion.CanRestartAsync(options, cancel.Token));
        AssertNothingRuns("AddressUsed2");
    });

    [Fact]
    public async Task Options_ThatContradictThemselves_AreRefused()
    {
        var options = new RestartOptions { Program = "server" };
        foreach (var wrong in (RestartOptions[])[options, options with { Port = 70_000 }, options with { Port = 1, Stops = [] }, options with { Port = 1, Connections = 0 }, options with { Port = 1, StartTimeout = TimeSpan.Zero }])
            await Assert.ThrowsAsync<ArgumentException>("options", () => RestartAssertion.CanRestartAsync(wrong));
        Assert.Equal(options with { Arguments = ["a"], Environment = options.Environment.Add("A", "b") }, options with { Arguments = ["a"], Environment = options.Environment.Add("A", "b") });
        Assert.NotEqual(options, options with { Arguments = ["a"] });
    }

    [IsolatedFact]
    public Task Sample_SaysWhetherAServerCanRestart() => Body.RunAsync(static async () =>
    {
        await using var can = Started.Sample("CanRestart", "8080", "dotnet", "exec", Started.PathOf("MendedServer"), "8080");
        Assert.Equal(0, await can.EndAsync());
        await can.SaysAsync("Kill: listens again after ");
        await using var cannot = Started.Sample("CanRestart", "8081", "dotnet", "exec", Started.PathOf("ServerBroken"), "8081");
        Assert.Equal(1, await cannot.EndAsync());
        // It ends by itself, unless SIGKILL comes first.
        await cannot.SaysAsync("dotnet cannot restart after ");
    });

    // What it says once it has accepted the connection.
    private static async Task ReadHelloAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte["hello\n".Length];
        for (var length = 0; length < buffer.Length;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (received == 0)
                return;
            length += received;
        }
    }

    private static RestartOptions Sample(string name, int port = 8080) => new() { Program = "dotnet", Arguments = ["exec", Started.PathOf(name), "{port}"], Port = port };

    private static void AssertNothingRuns(string name)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                var path = $"/proc/{process.Id}/cmdline";
                Assert.DoesNotContain(name + ".dll", File.Exists(path) ? File.ReadAllText(path) : "", StringComparison.Ordinal);
            }
        }
    }
}
