using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>What connections leave on the port once their server is gone: every state that can stay.</summary>
public sealed class ClosingTests
{
    private const string ServerFirst = "server.close client.close listener.close";

    // Of a time that began with the clock or later.
    private static double LeastLeft(Stopwatch clock) => 60 - clock.Elapsed.TotalSeconds - 1;

    [KernelFact]
    public async Task Why_ServerClosedFirst_IsTimeWaitForTheTimeThatTheKernelTells()
    {
        await using var host = await TestHost.OpenAsync();
        var clock = Stopwatch.StartNew();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then " + ServerFirst);
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "time-wait");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal("TIME_WAIT", blocker.State);
        answer.Has(blocker.SecondsLeft >= LeastLeft(clock) && blocker.SecondsLeft <= 66, "the rest of 60 s to 66 s");
        Assert.Equal("local", answer.ClosedFirst);
        var left = answer.FreeAt - DateTimeOffset.UtcNow;
        answer.Has(left?.TotalSeconds >= LeastLeft(clock) && left?.TotalSeconds < 70, $"freeAt in the rest of 60 s to 70 s, not {left}");
        Assert.Empty(answer.Owners);
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Command?.Contains("kill", StringComparison.Ordinal) == true), "no process to end");
        answer.Has(answer.Remedies.Any(static remedy => remedy.Id == "wait"), "waiting helps");
    }

    [KernelTheory]
    [InlineData("", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("reuseaddr", "ok", "EADDRINUSE")]
    [InlineData("reuseport", "EADDRINUSE", "ok")]
    [InlineData("reuseaddr reuseport", "ok", "ok")]
    public async Task Why_TimeWaitOfAnOldServer_TellsWhatItsOptionsAllowNow(string options, string withReuseAddress, string withReusePort)
    {
        await Passing.PlayAsync("connect.py", $"tcp 0.0.0.0 8080 {options} then {ServerFirst}", "TIME_WAIT", async host =>
        {
            // A bare port is asked for a server that sets SO_REUSEADDR; --plain for a socket without it.
            var answer = await host.WhyAsync("0.0.0.0:8080");
            answer.Is(withReuseAddress == "ok" ? "free" : "blocked", withReuseAddress == "ok" ? null : "EADDRINUSE", "time-wait");
            (await host.WhyAsync("0.0.0.0:8080 --plain")).Is("blocked", "EADDRINUSE", "time-wait");
            Assert.Equal("EADDRINUSE", answer.ResultWith("0.0.0.0"));
            Assert.Equal(withReuseAddress, answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
            Assert.Equal(withReusePort, answer.ResultWith("0.0.0.0", "SO_REUSEPORT"));
            var advised = answer.Remedies.Any(static remedy => remedy.Id == "set-reuse-address");
            answer.Has(advised == (withReuseAddress == "ok"), "SO_REUSEADDR advised exactly where it helps now");
        });
    }

    [KernelTheory]
    [InlineData("", "blocked", "time-wait")]
    [InlineData("reuseaddr", "free", "free")]
    public async Task Why_WithReuseAddressOverTimeWait_IsTheVerdictOfThatBind(string options, string verdict, string cause)
    {
        await Passing.PlayAsync("connect.py", $"tcp 0.0.0.0 8080 {options} then {ServerFirst}", "TIME_WAIT", async host =>
        {
            var answer = await host.WhyAsync("8080 --reuse-address");
            answer.Is(verdict, verdict == "free" ? null : "EADDRINUSE", cause);
            if (verdict == "blocked")
                answer.Has(answer.Blockers.Single().Options.Count == 0, "what the probe revealed: no option on the old socket");
        });
    }

    [KernelFact]
    public async Task Why_TimeWaitWithoutProbe_IsBlockedPlainlyAndOpenWithReuseAddress()
    {
        await Passing.PlayAsync("connect.py", "tcp 0.0.0.0 8080 then " + ServerFirst, "TIME_WAIT", async host =>
        {
            (await host.WhyAsync("0.0.0.0:8080 --no-probe --plain")).Is("blocked", "EADDRINUSE", "time-wait");
            foreach (var option in new[] { "--reuse-address", "" })
            {
                var answer = await host.WhyAsync($"0.0.0.0:8080 --no-probe {option}".Trim());
                answer.Has(answer is { Verdict: "undetermined", Errno: null, Cause: "time-wait" }, "undetermined: nobody can read a TIME_WAIT's options");
            }
        });
    }

    // What the first step says of the connections, and what is in the table once it was followed.
    [KernelTheory]
    [InlineData("accepted", "its 1 open connection will keep the port in TIME_WAIT for about a minute more", "FIN_WAIT2")]
    [InlineData("accepted accepted queued", "its 2 open connections will keep the port in TIME_WAIT for about a minute more", "FIN_WAIT2 FIN_WAIT2")]
    [InlineData("accepted unread", "its 1 open connection will keep the port in TIME_WAIT for about a minute more", "FIN_WAIT2")]
    [InlineData("finished reset", "its 1 open connection will keep the port in FIN_WAIT2 for about a minute more, and for a minute of TIME_WAIT if the peer closes before that", "FIN_WAIT2")]
    [InlineData("unread", "its 1 open connection may keep the port in TIME_WAIT for about a minute more", "")]
    [InlineData("reset", null, "")]
    [InlineData("closed", "1 connection in FIN_WAIT2 will keep the port for up to two minutes more", "FIN_WAIT2")]
    [InlineData("left", null, "")]
    [InlineData("queued queued", null, "")]
    public async Task Why_ServerWithConnections_SaysWhatItsEndLeavesOfThem(string connections, string? left, string after)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold_clients.py", "8080 " + connections);
        var step = (await host.WhyAsync("127.0.0.1:8080")).Remedies.First(static remedy => remedy.Id == "end-process");
        Assert.Equal($"Stop hold_clients.py (python3, pid {server.Pid}){(left is null ? "" : "; " + left)}.", step.Text);
        await host.SetUpAsync(step.Command!);
        await host.UntilStateAsync(server.Pid, '-');
        await host.Sockets.UntilAsync(8080, after.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        (await host.WhyAsync("127.0.0.1:8080")).Is(after.Length == 0 ? "free" : "blocked", after.Length == 0 ? null : "EADDRINUSE", after.Length == 0 ? "free" : "fin-wait");
    }

    [KernelFact]
    public async Task Why_ReuseAddressSetOnlyOnTheAcceptedSocket_Counts()
    {
        await Passing.PlayAsync("connect.py", "tcp 0.0.0.0 8080 then server.reuseaddr " + ServerFirst, "TIME_WAIT", async host =>
        {
            Assert.Equal("ok", (await host.WhyAsync("0.0.0.0:8080")).ResultWith("0.0.0.0", "SO_REUSEADDR"));
        });
    }

    [KernelFact]
    public async Task Why_ClientClosedFirst_LeavesTheServersPortFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then client.close server.close listener.close");
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_ResetConnection_LeavesThePortFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.reset client.close listener.close");
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_ServerThatNeverClosed_IsCloseWaitOfThatProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then client.close listener.close");
        await host.Sockets.UntilAsync(8080, "CLOSE_WAIT");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "close-wait");
        Assert.Equal(["CLOSE_WAIT"], answer.States);
        Assert.Equal("remote", answer.ClosedFirst);
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        Assert.Null(answer.FreeAt);
    }

    [KernelTheory]
    [InlineData("", "EADDRINUSE")]
    [InlineData("reuseaddr", "ok")]
    public async Task Why_ListenerClosedAndConnectionOpen_IsASurvivingConnection(string options, string withReuseAddress)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("connect.py", $"tcp 0.0.0.0 8080 {options} then listener.close");
        await host.Sockets.UntilAsync(8080, "ESTABLISHED");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is(options == "reuseaddr" ? "free" : "blocked", options == "reuseaddr" ? null : "EADDRINUSE", "surviving-connection");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        Assert.Null(answer.ClosedFirst);
        Assert.Equal(withReuseAddress, answer.ResultWith("0.0.0.0", "SO_REUSEADDR"));
        Assert.Equal(options == "reuseaddr", answer.Blockers[0].Options.Contains("SO_REUSEADDR"));
    }

    [KernelFact]
    public async Task Why_ConnectionOfOneAddress_DoesNotHoldAnother()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then listener.close");
        (await host.WhyAsync("127.0.0.2:8080")).Is("free", null, "free");
        (await host.WhyAsync("127.0.0.1:8080")).Is("blocked", "EADDRINUSE", "surviving-connection");
    }

    [KernelFact]
    public async Task Why_ListenerWithOpenConnections_IsAListenerFirst()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "listener");
        Assert.Equal("LISTEN", answer.Blockers[0].State);
    }

    [KernelFact]
    public async Task Why_ServerClosedAndClientStays_IsFinWait2WithoutOwner()
    {
        await using var host = await TestHost.OpenAsync();
        var clock = Stopwatch.StartNew();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.close listener.close");
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal(["FIN_WAIT2"], answer.States);
        Assert.Equal("local", answer.ClosedFirst);
        Assert.Empty(answer.Owners);
        var left = answer.Blockers[0].SecondsLeft;
        answer.Has(left >= LeastLeft(clock) && left <= 66, "the rest of 60 s to 66 s");
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Command?.Contains("kill ", StringComparison.Ordinal) == true), "no process to end");
    }

    // The client closes while the server's end waits for it: a whole TIME_WAIT follows.
    [KernelFact]
    public async Task Why_FinWait2WhosePeerCloses_LastsNoLongerThanWasSaid()
    {
        await using var host = await TestHost.OpenAsync();
        var client = await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then server.close listener.close");
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var before = await host.WhyAsync("127.0.0.1:8080 --plain");
        before.Has(before.Summary.Contains(" for at least another ", StringComparison.Ordinal), "at least");
        var refused = (await host.FreeAsync("127.0.0.1:8080 --plain --dry-run")).Is("refused", "orphan", "blocked", 1);
        await host.SignalAsync(client.Pid, "TERM");
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        var after = await host.WhyAsync("127.0.0.1:8080 --plain");
        after.Has(after.FreeAt <= before.FreeAt, $"free by {before.FreeAt}");
        var wait = int.Parse(Regex.Match(refused.Explanation!, "--wait ([0-9]+)s").Groups[1].Value, CultureInfo.InvariantCulture);
        after.Has(wait >= after.Blockers[0].SecondsLeft, $"within --wait {wait}s");
    }

    [KernelFact]
    public async Task Why_ServerShutItsSideDownAndStays_IsFinWait2OfThatProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.finish listener.close");
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal("local", answer.ClosedFirst);
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        answer.Has(answer.FreeAt is null, "no timer: the process holds it");
    }

    [KernelFact]
    public async Task Why_AcknowledgementLost_IsFinWait1WithoutOwner()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.drop server.close listener.close");
        await host.Sockets.UntilAsync(8080, "FIN_WAIT1");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal(["FIN_WAIT1"], answer.States);
        Assert.Equal("local", answer.ClosedFirst);
        Assert.Empty(answer.Owners);
    }

    [KernelFact]
    public async Task Why_LastAcknowledgementLost_IsLastAck()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then client.finish client.drop server.close listener.close");
        await host.Sockets.UntilAsync(8080, "LAST_ACK");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "last-ack");
        Assert.Equal(["LAST_ACK"], answer.States);
        Assert.Equal("remote", answer.ClosedFirst);
        Assert.Empty(answer.Owners);
    }

    [KernelFact]
    public async Task Why_BothSidesClosedAtOnce_IsToldAsBoth()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then server.drop client.drop server.finish client.finish server.take listener.close");
        await host.Sockets.UntilAsync(8080, "CLOSING");
        var answer = await host.WhyAsync("0.0.0.0:8080");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal("both", answer.ClosedFirst);
    }

    [KernelFact]
    public async Task Why_DualStackServersTimeWait_BlocksIPv4Too()
    {
        await Passing.PlayAsync("connect.py", "tcp ::ffff:127.0.0.1 8080 then " + ServerFirst, "TIME_WAIT", async host =>
        {
            (await host.WhyAsync("127.0.0.1:8080")).Is("blocked", "EADDRINUSE", "time-wait");
            (await host.WhyAsync("[::1]:8080")).Is("free", null, "free");
        });
    }

    [KernelFact]
    public async Task Why_ManyTimeWaits_AreCountedAndTheLastOneCounts()
    {
        await Passing.PlayAsync(static async host =>
        {
            await host.StartScriptAsync("serve_many.py", "300 tcp 127.0.0.1 8080 listen reuseaddr");
            await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).All(static state => state == "TIME_WAIT"), "nothing but TIME_WAIT");
        }, static async host =>
        {
            // On a busy machine the first may have ended before the last was made.
            var count = host.Sockets.Passing().Count;
            Assert.InRange(count, 100, 300);
            var clock = Stopwatch.StartNew();
            var answer = await host.WhyAsync("127.0.0.1:8080 --plain");
            answer.Is("blocked", "EADDRINUSE", "time-wait");
            Assert.Equal(count, answer.Blockers.Count);
            var last = answer.Blockers.Max(static blocker => blocker.SecondsLeft!.Value);
            var later = (answer.FreeAt!.Value - DateTimeOffset.UtcNow).TotalSeconds - last;
            answer.Has(later > -10 - clock.Elapsed.TotalSeconds && later < 10, "freeAt is the end of the last one");
            var told = await host.ReportAsync("127.0.0.1:8080 --plain");
            answer.Has(told.Output.Contains($"{count}", StringComparison.Ordinal) && told.Output.Split('\n').Length <= 13, $"summed up for people\n{told}");
        });
    }

    [KernelFact]
    public async Task Why_TimeWaitBesideALivingConnection_HasNoEndOfItsOwn()
    {
        await Passing.PlayAsync("connect.py", "tcp 0.0.0.0 8080 reuseaddr then " + ServerFirst, "TIME_WAIT", async host =>
        {
            await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 reuseaddr then listener.close");
            var answer = await host.WhyAsync("0.0.0.0:8080 --plain");
            answer.Has(answer is { Verdict: "blocked", Cause: "surviving-connection" or "time-wait" }, "blocked by both");
            Assert.Equal(["ESTABLISHED", "TIME_WAIT"], answer.States);
            answer.Has(answer.FreeAt is null, "the connection has no timer");
            answer.Has(!answer.Remedies.Any(static remedy => remedy.Id == "wait"), "waiting is not enough");
        });
    }

    [KernelFact]
    public async Task Why_GhostOfADualStackServer_BlocksTheIPv4WildcardButNoIPv4Address()
    {
        // A socket that a [::] listener accepted on ::1 still covers IPv4 since its v6only stayed off (ipv6_rcv_saddr_equal).
        await Passing.PlayAsync("connect.py", "tcp :: 8080 then " + ServerFirst, "TIME_WAIT", async host =>
        {
            (await host.WhyAsync("0.0.0.0:8080")).Is("blocked", "EADDRINUSE", "time-wait");
            (await host.WhyAsync("127.0.0.1:8080")).Is("free", null, "free");
            (await host.WhyAsync("[::1]:8080")).Is("blocked", "EADDRINUSE", "time-wait");
        });
    }

    [KernelFact]
    public async Task Why_TimeWaitOfAnIPv6Server_ItsOwnProbesDoNotOpenTheWayForReusePort()
    {
        await Passing.PlayAsync("connect.py", "tcp ::1 8080 then " + ServerFirst, "TIME_WAIT", async host =>
        {
            for (var again = 0; again < 2; again++)
            {
                var answer = await host.WhyAsync("8080");
                answer.Is("blocked", "EADDRINUSE", "time-wait");
                Assert.Equal(("ok", "EADDRINUSE"), (answer.ResultWith("0.0.0.0", "SO_REUSEPORT"), answer.ResultWith("::", "SO_REUSEPORT")));
            }
        });
    }

    [KernelTheory("ss")]
    [InlineData("127.0.0.1 127.0.0.1 127.0.0.1", "127.0.0.1:8080", "state fin-wait-1 state closing state last-ack 'src = 127.0.0.1:8080'", 0)]
    [InlineData("127.0.0.1 ::1", "8080", "state fin-wait-1 state closing state last-ack 'sport = :8080'", 0)]
    [InlineData("127.0.0.1 127.0.0.2", "127.0.0.1:8080", "'src = 127.0.0.1:8080 and dst = 127.0.0.1:", 1)]
    [InlineData("::1 127.0.0.2", "[::1]:8080", "'src = [::1]:8080 and dst = [::1]:", 1)]
    public async Task Why_ConnectionsOfWhichQueuesAreFull_AreResetByTheCommandThatIsToldAndNoOther(string addresses, string target, string filter, int left)
    {
        await using var host = await TestHost.OpenAsync();
        await StartAsync(host, "orphans.py", addresses.Split(' '), """
            import socket, sys, time
            held = []
            for address in dict.fromkeys(sys.argv[1:]):
                listener = socket.create_server((address, 8080), family=socket.AF_INET6 if ':' in address else socket.AF_INET)
                for _ in range(sys.argv.count(address)):
                    held.append(socket.create_connection((address, 8080)))
                    server = listener.accept()[0]
                    server.setblocking(False)
                    try:
                        while True: server.send(b'x' * 65536)
                    except BlockingIOError: server.close()
                listener.close()
            print('{}', flush=True); time.sleep(600)
            """);
        await host.Sockets.UntilAsync(8080, [.. addresses.Split(' ').Select(static _ => "FIN_WAIT1")]);
        var command = (await host.WhyAsync(target + " --plain")).Remedies.Single(static remedy => remedy.Id == "destroy-socket").Command!;
        Assert.StartsWith("ss -K -t " + filter, command, StringComparison.Ordinal);
        // A live connection on the same port.
        await StartAsync(host, "live.py", [], """
            import socket, time
            listener = socket.create_server(('127.0.0.1', 9000)); live = socket.socket(); live.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            live.bind(('127.0.0.1', 8080)); live.connect(('127.0.0.1', 9000)); print('{}', flush=True); time.sleep(600)
            """);
        var ran = await host.RunAsync("/bin/sh", "-c", command);
        Assert.True(ran.ExitCode == 0 && ran.Error.Length == 0, ran.ToString());
        await host.Sockets.UntilAsync(8080, [.. Enumerable.Repeat("FIN_WAIT1", left), "ESTABLISHED"]);
    }

    private static async Task StartAsync(TestHost host, string name, string[] words, string text)
    {
        var script = Path.Combine(host.Folder, name);
        await File.WriteAllTextAsync(script, text);
        await host.Start(0, ["python3", "-S", script, .. words]).ReadyAsync();
    }
}
