using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>What `bindwise free` never ends, and how it says so.</summary>
[Trait("Lane", "second")]
public sealed class FreeRefusalTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    [KernelFact]
    public async Task Free_AProcessOfAnotherUser_IsRefusedWithoutRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        var answer = await host.FreeAsAsync(TestHost.Nobody, "127.0.0.1:8080 --yes");
        Assert.True(answer is { Outcome: "refused", Reason: "other-user" or "owner-hidden", After: "blocked" } && answer.Run.ExitCode == 1, answer.Run.ToString());
        Assert.EndsWith("root sees it (sudo bindwise free 127.0.0.1:8080).", answer.Explanation, StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_AProcessOfAnotherUser_TakesYesOfRootAndIsNamed()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsAsync(TestHost.Daemon, "hold.py", Listens);
        (await host.FreeAsync("127.0.0.1:8080")).Is("refused", "other-user", "blocked", 1);
        (await host.FreeAsync("127.0.0.1:8080 --dry-run")).Is("would-free", "dry-run", "blocked", 0);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Contains(" of user daemon", Assert.Single(answer.Actions).Text, StringComparison.Ordinal);
        Assert.False(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_AnOwnProcess_NeedsNoRoot()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", Listens);
        (await host.FreeAsAsync(TestHost.Nobody, "127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
    }

    [KernelFact]
    public async Task Free_ASetuidProgram_IsItsEffectiveUsers()
    {
        await using var host = await TestHost.OpenAsync();
        // Started by nobody, and of the user daemon: kill(2) would be allowed to nobody by the real user.
        var server = host.Start(0, "setpriv", "--ruid", "65534", "--euid", "1", "--clear-groups", "--", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "8080", "reuseaddr", "listen");
        await server.ReadyAsync();
        var answer = await host.FreeAsAsync(TestHost.Nobody, "127.0.0.1:8080 --yes");
        Assert.True(answer is { Outcome: "refused", Reason: "other-user" or "owner-hidden" } && answer.Run.ExitCode == 1, answer.Run.ToString());
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_WhatItRunsIn_IsNeverEnded()
    {
        await using var host = await TestHost.OpenAsync();
        // A shell that holds the port, and types the command: exec keeps the socket in the shell that waits.
        var script = $"import socket,subprocess,sys; s = socket.socket(); s.bind(('127.0.0.1', 8080)); s.listen(); sys.exit(subprocess.run(['{Programs.Bindwise}', 'free', '127.0.0.1:8080', '--yes', '--json']).returncode)";
        FreeAnswer.Of(await host.RunAsync("python3", "-S", "-c", script)).Is("refused", "ancestor", "blocked", 1);
    }

    [KernelFact]
    public async Task Free_TheFirstProcess_IsNeverEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var script = "import socket,subprocess,sys,signal; s = socket.socket(); s.bind(('127.0.0.1', 8080)); s.listen(); print('up', flush=True); signal.pause()";
        var first = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "python3", "-S", "-c", script);
        Assert.Equal("up", await first.LineAsync());
        var pid = (await host.RunAsync("pgrep", "-n", "python3")).Output.Trim();
        FreeAnswer.Of(await host.RunAsync("nsenter", "--target", pid, "--pid", "--mount", Programs.Bindwise, "free", "127.0.0.1:8080", "--yes", "--json"))
            .Is("refused", "pid-1", "blocked", 1);
    }

    // A text without a loop starts nothing again: the server's end is enough, and the shell goes on with its text.
    [KernelFact]
    public async Task Free_ServerOfAShellThatIsProcess1_IsEndedAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var shell = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "bash", "-c", $"python3 -B -S {Programs.Script("hold.py")} {Listens}; echo after; read line");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var server = Assert.Single((await host.WhyAsync("127.0.0.1:8080")).Owners).Pid!.Value;
        Assert.Equal($"kill {server}", (await host.WhyAsync("127.0.0.1:8080")).Remedies[0].Command);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([server], answer.Sent.Select(static sent => sent.Pid));
        Assert.StartsWith("{", await shell.LineAsync(), StringComparison.Ordinal);
        Assert.Equal("after", await shell.LineAsync());
    }

    [KernelFact]
    public async Task Free_OwnProcessThatIsNotDumpable_IsNotSaidToBeAnotherUsers()
    {
        await using var host = await TestHost.OpenAsync();
        const string script = "import ctypes,socket,signal; s = socket.create_server(('127.0.0.1', 8080)); ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print('up', flush=True); signal.pause()";
        var server = host.Start(TestHost.Nobody, "python3", "-S", "-c", script);
        Assert.Equal("up", await server.LineAsync());
        const string own = "a process that you may not inspect, probably your own (file capabilities, setuid, or not dumpable)";
        Assert.Contains(own, (await host.WhyAsAsync(TestHost.Nobody, "127.0.0.1:8080")).Summary, StringComparison.Ordinal);
        var text = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "free", "127.0.0.1:8080", "--dry-run");
        Assert.True(text.ExitCode == 1 && text.Output.Contains(own, StringComparison.Ordinal), text.ToString());
        var listed = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", "8080-8081");
        Assert.Contains("1 line has no owner: it is " + own, listed.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_APrivilegedPortOfAnotherUser_IsSaidToBeHeldToo()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 81 listen");
        var answer = (await host.FreeAsAsync(TestHost.Nobody, "81 --yes")).Is("refused", "owner-hidden", "blocked", 1);
        Assert.Contains("(EACCES) whoever holds the port, and the process that holds it is not visible here; root sees it (sudo bindwise free 81).", answer.Explanation, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_AnotherNetworkNamespace_IsSaidAndNotTouched()
    {
        await using var host = await TestHost.OpenAsync();
        var other = host.Start(0, "unshare", "--net", "/bin/sh", "-c", $"ip link set lo up; exec python3 -B -S {Programs.Script("hold.py")} tcp 127.0.0.1 8080 listen");
        await other.ReadyAsync();
        var text = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080", "--yes");
        Assert.True(text.ExitCode == 0 && text.Output.Contains("in another network namespace", StringComparison.Ordinal) && text.Output.Contains("left alone", StringComparison.Ordinal), text.ToString());
        Assert.True(host.Lives(other.Pid));
    }

    [KernelFact]
    public async Task Free_AFrozenOrTracedProcess_IsLeftToWhatHoldsIt()
    {
        await using var host = await TestHost.OpenAsync();
        await using var group = await Cgroup.MakeAsync(host, "bindwise-frozen");
        var server = await host.StartScriptAsync("hold.py", Listens);
        await group.PutAsync(server.Pid);
        await group.FreezeAsync();
        (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("refused", "frozen", "blocked", 1);

        var traced = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8081 reuseaddr listen");
        var tracer = host.Start(0, "python3", "-S", "-c", $"import ctypes,os,signal; c = ctypes.CDLL(None); c.ptrace(16, {traced.Pid}, 0, 0); os.waitpid({traced.Pid}, 0x40000000); print('attached', flush=True); signal.pause()");
        Assert.Equal("attached", await tracer.LineAsync());
        await host.UntilStateAsync(traced.Pid, 't');
        (await host.FreeAsync("127.0.0.1:8081 --yes")).Is("refused", "traced", "blocked", 1);
    }

    [KernelFact]
    public async Task Free_AConnectionThatAWorkerOfADeadServerServes_IsNotTouched()
    {
        await using var host = await TestHost.OpenAsync();
        var worker = await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then listener.close");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --plain --yes --force")).Is("refused", "connection-only", "blocked", 1);
        Assert.EndsWith($", not a listening socket, so it is left alone. To end it yourself: kill {worker.Pid}", answer.Explanation, StringComparison.Ordinal);
        Assert.True(host.Lives(worker.Pid));
    }

    [KernelFact]
    public async Task Free_WhatIsNotInUse_HasNothingToFree()
    {
        await using var host = await TestHost.OpenAsync();
        (await host.FreeAsync("192.0.2.1:8080 --yes")).Is("refused", "not-in-use", "blocked", 1);
    }

    // The one verb that ends something reads all of its targets before it ends anything.
    [KernelTheory]
    [InlineData("99999", "port 99999 is out of range")]
    [InlineData("nosuch.invalid:80", "unknown host 'nosuch.invalid'")]
    public async Task Free_SeveralTargetsOfWhichOneIsWrong_EndsNothing(string wrong, string told)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        foreach (var last in (string[])["", "--json"])
        {
            var outcome = await host.RunAsync([Programs.Bindwise, "free", "127.0.0.1:8080", wrong, "--yes", .. last.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
            Assert.True(outcome.ExitCode == 2 && outcome.Output.Length == 0, outcome.ToString());
            Assert.StartsWith("bindwise: " + told, outcome.Error, StringComparison.Ordinal);
            Assert.EndsWith("\nbindwise: nothing was done: free begins only when every target is right\n", outcome.Error, StringComparison.Ordinal);
        }
        Assert.True(host.Lives(server.Pid));
    }

    // The options of `why`: what is freed is what that program asks for.
    [KernelFact]
    public async Task Free_ForAProgramThatBindsToAnInterface_IsAskedForThat()
    {
        await using var host = await TestHost.OpenAsync();
        (await host.FreeAsync("0.0.0.0:8080 --device nosuch0 --yes")).Is("refused", "not-in-use", "blocked", 1);
        var server = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        (await host.FreeAsync("0.0.0.0:8080 --reuse-port --yes")).Is("already-free", null, "free", 0);
        (await host.FreeAsync("0.0.0.0:8080 --device lo --yes")).Is("freed", null, "free", 0);
        Assert.False(host.Lives(server.Pid));
    }

    [KernelTheory]
    [InlineData("free --grace soon 8080", "--grace soon is not a time")]
    [InlineData("free --wait 2d 8080", "--wait 2d is not a time")]
    [InlineData("free", "no target given")]
    [InlineData("free --now 8080", "unknown option --now")]
    [InlineData("free 99999", "99999")]
    [InlineData("free --plain --reuse-port 8080", "--plain asks for a socket without options")]
    public async Task Free_WrongUsage_IsOneLineAndExitCode2(string words, string told)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([Programs.Bindwise, .. words.Split(' ')]);
        Assert.True(outcome.ExitCode == 2 && outcome.Output.Length == 0 && outcome.Error.Contains(told, StringComparison.Ordinal), outcome.ToString());
    }

    // By the number that /proc of another PID namespace shows a signal would reach somebody else.
    [KernelFact]
    public async Task Process_OfAProcThatIsNotOnesOwn_IsNotLookedFor()
    {
        const string told = "/proc is not that of this PID namespace";
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        string[] inside = ["unshare", "--pid", "--mount", "--fork", Programs.Bindwise];
        var freed = FreeAnswer.Of(await host.RunAsync([.. inside, "free", "127.0.0.1:8080", "--yes", "--json"]));
        freed.Is("refused", "owner-hidden", "blocked", 1);
        Assert.Equal($"The process that holds the socket is not visible here: {told}.", freed.Explanation);
        var answer = Assert.Single(Asking.Answers(await host.RunAsync([.. inside, "why", "127.0.0.1:8080", "--json"]))).Is("blocked", "EADDRINUSE", "listener");
        answer.Has(answer.Blockers.All(static blocker => blocker.Owners.Count == 0), "no owner");
        Assert.Equal(("mount-proc", "unshare --mount-proc bindwise why 127.0.0.1:8080"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        foreach (var words in (string[][])[["why", "8080", "--pid", "1"], ["why", "8080", "--netns", "1"], ["audit", "--attach", "1"]])
        {
            var refused = await host.RunAsync([.. inside, .. words]);
            Assert.True(refused.ExitCode == 2 && refused.Error.Contains(told, StringComparison.Ordinal), refused.ToString());
        }
        // What is told to ask with: there the numbers are right, and this process is in none of them.
        var asked = await host.RunAsync(["unshare", "--pid", "--mount", "--fork", "unshare", "--mount-proc", Programs.Bindwise, "why", "127.0.0.1:8080"]);
        Assert.Contains("on the host", asked.Output, StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));
    }

    // It lives: its own namespaces are not shown by a /proc that hides it.
    [KernelTheory("unshare", "setpriv")]
    [InlineData("--netns")]
    [InlineData("--pid")]
    public async Task Process_ThatProcHides_IsNotSaidToHaveEnded(string option)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("unshare", "--mount", "sh", "-c",
            "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" why 8080 \"$1\" 1", Programs.Bindwise, option);
        Assert.Equal((2, "bindwise: /proc does not show process 1 to this user: run with sudo\n"), (outcome.ExitCode, outcome.Error));
    }

    // Who removes a file is decided by its folder, not by who owns it (unlink(2)).
    [KernelTheory]
    [InlineData(0, "755", TestHost.Nobody, false)]
    [InlineData(TestHost.Nobody, "555", TestHost.Nobody, false)]
    [InlineData(TestHost.Nobody, "755", 0, true)]
    [InlineData(0, "777", 0, true)]
    [InlineData(0, "1777", 0, false)]
    [InlineData(0, "1777", TestHost.Nobody, true)]
    public async Task Step_OfALeftFile_WorksForWhoAsks(int folderOwner, string mode, int fileOwner, bool mayRemove)
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Path.Combine(host.Folder, "run");
        var path = Path.Combine(folder, "app.sock");
        await host.SetUpAsync($"mkdir {folder}");
        await (await host.StartScriptAsync("hold.py", $"unix {path} listen leave")).EndAsync();
        await host.SetUpShellAsync($"chown {folderOwner} {folder}; chmod {mode} {folder}; chown {fileOwner} {path}; chmod 666 {path}");
        var command = (await host.WhyAsAsync(TestHost.Nobody, path)).Is("blocked", "EADDRINUSE", "unix-socket-file").Remedies[0].Command;
        Assert.Equal(mayRemove ? $"rm -- {path}" : $"sudo rm -- {path}", command);
        var freed = await host.FreeAsAsync(TestHost.Nobody, $"{path} --yes");
        Assert.Equal(mayRemove ? ("freed", null) : ("refused", "other-user"), (freed.Outcome, freed.Reason));
        Assert.Equal(!mayRemove, File.Exists(path));
        if (!mayRemove)
            Assert.Equal((fileOwner == 0 ? "The left-over file belongs to another user (uid 0)" : "This user may not change the folder of the left-over file")
                + $"; root may remove it (sudo bindwise free {path}).", freed.Explanation);
    }
}
