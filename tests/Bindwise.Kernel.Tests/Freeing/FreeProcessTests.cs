using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>`bindwise free` ends the processes that hold the socket, and no other.</summary>
[Trait("Lane", "second")]
public sealed class FreeProcessTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    [KernelFact]
    public async Task Free_AServer_GetsSigtermAndThePortIsProvenFree()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold_and_handle.py", Listens);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM")], answer.Sent);
        await server.EndAsync();
        Assert.Equal(0, server.ExitCode);
        (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("already-free", null, "free", 0);
    }

    [KernelFact]
    public async Task Free_WithoutATerminalOrWithDryRun_OnlyTells()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        (await host.FreeAsync("127.0.0.1:8080")).Is("would-free", "not-confirmed", "blocked", 1);
        var dry = (await host.FreeAsync("127.0.0.1:8080 --dry-run")).Is("would-free", "dry-run", "blocked", 0);
        Assert.Equal(("signal", server.Pid, "SIGTERM", "planned"), Assert.Single(dry.Actions) switch { var a => (a.Kind, a.Pid!.Value, a.Signal, a.Result) });
        var text = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080");
        Assert.True(text.ExitCode == 1 && text.Output.Contains($"would send SIGTERM to hold.py (python3, pid {server.Pid})", StringComparison.Ordinal)
            && text.Output.EndsWith("Nothing was done: add --yes to do it.\n", StringComparison.Ordinal), text.ToString());
        Assert.True(host.Lives(server.Pid));
    }

    [KernelTheory]
    [InlineData("share tcp 127.0.0.1 8080 reuseaddr listen")]
    [InlineData("own tcp 127.0.0.1 8080 reuseaddr reuseport listen")]
    public async Task Free_APreForkServerThatRespawns_EndsItsParent(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("respawn.py", words);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM")], answer.Sent);
        Assert.Contains(answer.Actions, action => action.Pid == server.Number("worker") && action.Result == "not-needed");
    }

    [KernelFact]
    public async Task Free_WorkersThatOutliveTheirParent_GetTheSignalAfterIt()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("prefork.py", "3 share " + Listens);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([server.Pid, .. server.Numbers("workers").Order()], answer.Sent.Select(static sent => sent.Pid!.Value).Take(1).Concat(answer.Sent.Skip(1).Select(static sent => sent.Pid!.Value).Order()));
    }

    [KernelFact]
    public async Task Free_ALoopInAShellThatRestartsTheServer_IsEndedWithIt()
    {
        await using var host = await TestHost.OpenAsync();
        var loop = host.Start(0, "/bin/sh", "-c", $"while :; do python3 -B -S {Programs.Script("hold.py")} {Listens}; done");
        await loop.ReadyAsync();
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal((2, loop.Pid), (answer.Sent.Count(), answer.Sent.Last().Pid));
        await loop.EndAsync();
    }

    [KernelFact]
    public async Task Free_SeveralTargetsOfOneServer_AreFreedByOneSignal()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", $"{Listens} and tcp 127.0.0.1 8443 reuseaddr listen");
        var outcome = await host.RunAsync([Programs.Bindwise, .. FreeVerb.Patient("127.0.0.1:8080 127.0.0.1:8443 --yes --json")]);
        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(outcome.ExitCode == 0 && lines.Length == 2 && lines[0].Contains("\"freed\"", StringComparison.Ordinal) && lines[1].Contains("\"already-free\"", StringComparison.Ordinal), outcome.ToString());
        Assert.False(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_TwoPastedErrorsOfOneServer_DoesNotCallTheSecondOver()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", $"{Listens} and tcp 127.0.0.1 8443 reuseaddr listen");
        const string Pasted = "listen tcp 127.0.0.1:8080: bind: address already in use\nlisten tcp 127.0.0.1:8443: bind: address already in use\n";
        var outcome = await host.RunAsAsync(0, Pasted, [Programs.Bindwise, .. FreeVerb.Patient("- --yes")]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("127.0.0.1:8443/tcp is free:", StringComparison.Ordinal)
            && !outcome.Output.Contains("no longer applies", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Free_AnOrphanedChildThatInheritedTheSocket_IsAskedAboutByName()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("leave_heir.py", Listens);
        await host.UntilStateAsync(server.Pid, '-');
        var outcome = await host.FreeInTerminalAsync("y", "127.0.0.1:8080");
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains($"Do it: send SIGTERM to sleep (pid {server.Number("heir")})", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Free_AChildThatInheritedTheSocket_IsAskedSeparately()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("keep_heir.py", Listens);
        var declined = await host.FreeInTerminalAsync("y,n", "127.0.0.1:8080");
        Assert.True(declined.ExitCode == 1 && declined.Output.Contains($"Also send SIGTERM to sleep (pid {server.Number("heir")}), which only inherited the socket", StringComparison.Ordinal), declined.ToString());
        // Nothing half done: the server itself was not ended either.
        Assert.True(host.Lives(server.Pid) && host.Lives(server.Number("heir")));

        var freed = await host.FreeInTerminalAsync("y,y", "127.0.0.1:8080");
        Assert.True(freed.ExitCode == 0 && freed.Output.Contains("127.0.0.1:8080/tcp is free.", StringComparison.Ordinal), freed.ToString());
        Assert.False(host.Lives(server.Pid) || host.Lives(server.Number("heir")));
    }

    [KernelFact]
    public async Task Free_AStoppedProcess_GetsSigtermAndIsResumed()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold_and_handle.py", Listens);
        await host.SignalAsync(server.Pid, "STOP");
        await host.UntilStateAsync(server.Pid, 'T');
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM"), (server.Pid, "SIGCONT")], answer.Sent);
        Assert.Equal(["signal", "continue"], answer.Actions.Select(static action => action.Kind));
    }

    [KernelFact]
    public async Task Free_SigtermIgnored_IsSaidAndOnlyForceKills()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("ignore_term.py", Listens);
        (await host.FreeAsync("127.0.0.1:8080 --yes --grace 300ms")).Is("failed", "still-held", "blocked", 1);
        Assert.True(host.Lives(server.Pid));
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --grace 300ms --force")).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM"), (server.Pid, "SIGKILL")], answer.Sent);
    }

    [KernelFact]
    public async Task Free_SigtermThatIsLetInLater_IsSentAndWaitedFor()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("block_term.py", Listens);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"kill {server.Pid}"), (await host.WhyAsync("127.0.0.1:8080")).Remedies[0].Command);
        var free = host.FreeAsync("127.0.0.1:8080 --yes --grace 3m");
        await host.RunAsync("sh", "-c", $"until grep -q 'ShdPnd:.*[1-9a-f]' /proc/{server.Pid}/status; do sleep 0.1; done");
        await host.SignalAsync(server.Pid, "USR1");
        var answer = (await free).Is("freed", null, "free", 0);
        Assert.Equal([(server.Pid, "SIGTERM")], answer.Sent);
    }

    [KernelTheory]
    [InlineData("", "tcp")]
    [InlineData("/udp", "udp")]
    public async Task Free_TcpAndUdpOfOneNumber_EndsTheOneAsked(string suffix, string ended)
    {
        await using var host = await TestHost.OpenAsync();
        var tcp = await host.StartScriptAsync("hold.py", Listens);
        var udp = await host.StartScriptAsync("hold.py", "udp 127.0.0.1 8080");
        var answer = (await host.FreeAsync($"127.0.0.1:8080{suffix} --yes")).Is("freed", null, "free", 0);
        Assert.Equal(ended == "tcp" ? tcp.Pid : udp.Pid, Assert.Single(answer.Sent).Pid);
        Assert.True(host.Lives(ended == "tcp" ? udp.Pid : tcp.Pid));
    }

    [KernelFact]
    public async Task Free_IPv4AndIPv6OfOnePort_EndsTheFamilyAskedOrBoth()
    {
        await using var host = await TestHost.OpenAsync();
        var ipv4 = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseaddr listen");
        var ipv6 = await host.StartScriptAsync("hold.py", "tcp :: 8080 reuseaddr v6only listen");
        var one = (await host.FreeAsync("0.0.0.0:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal(ipv4.Pid, Assert.Single(one.Sent).Pid);
        Assert.True(host.Lives(ipv6.Pid));
        var again = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseaddr listen");
        var both = (await host.FreeAsync("8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([.. new[] { ipv6.Pid, again.Pid }.Order()], both.Sent.Select(static sent => sent.Pid!.Value).Order());
    }

    [KernelFact]
    public async Task Free_AClientOfThePort_IsLeftAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var client = await host.StartScriptAsync("dial.py", "127.0.0.1 8080");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal(server.Pid, Assert.Single(answer.Sent).Pid);
        Assert.True(host.Lives(client.Pid));
    }

    [KernelFact]
    public async Task Free_AConnectionThatGoesOutFromThePort_IsNotTouched()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9090 listen");
        var client = await host.StartScriptAsync("dial.py", "127.0.0.1 9090 from 127.0.0.1 8080");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("refused", "connection-only", "blocked", 1);
        Assert.True(host.Lives(client.Pid));
        // The step that why recommends.
        var step = (await host.WhyAsync("127.0.0.1:8080")).Remedies.First(static remedy => remedy.Command is not null).Command!;
        Assert.Contains($"kill {client.Pid}", step, StringComparison.Ordinal);
        Assert.Contains(step, answer.Explanation, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_APidThatAnotherProcessTookDuringTheQuestion_IsRefused()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var pid = server.Pid.ToString(CultureInfo.InvariantCulture);
        // It takes the number and the port: by both it looks like the process that was asked about.
        var swap = $"kill -9 {pid}; exec python3 -B -S {Programs.Script("take_pid.py")} {pid} {Listens}";
        var outcome = await host.FreeInTerminalAsync("y", "127.0.0.1:8080", swap);
        Assert.True(outcome.ExitCode == 1 && outcome.Output.Contains("The holder has changed since the plan was shown", StringComparison.Ordinal), outcome.ToString());
        Assert.True(host.Lives(server.Pid), "the process that has the number now");
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
    }

    // The kernel drops no signal that process 1 blocks (sig_ignored(), kernel/signal.c), as bindwise run --hold does in a container.
    [KernelFact]
    public async Task FirstProcess_ThatReadsSigtermFromASignalfd_GetsIt()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "first.py");
        await File.WriteAllTextAsync(script, """
            import ctypes, os, signal, socket
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            mask = (ctypes.c_ulong * 16)(1 << 14)
            told = ctypes.CDLL(None).signalfd(-1, mask, 0)
            listener = socket.create_server(('127.0.0.1', 8080))
            print('{}', flush=True)
            os.read(told, 128)
            """);
        await host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "python3", "-S", script).ReadyAsync();
        var remedy = (await host.WhyAsync("127.0.0.1:8080")).Is("blocked", "EADDRINUSE", "listener").Remedies[0];
        Assert.DoesNotContain("KILL", remedy.Command, StringComparison.Ordinal);
        (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
    }
}
