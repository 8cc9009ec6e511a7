using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

[Trait("Lane", "second")]
public sealed class UnixTests
{
    [KernelFact]
    public async Task Why_SocketFileOfADeadServer_IsALeftOverFile()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var program = await host.StartScriptAsync("hold.py", $"unix {path} listen leave");
        await program.EndAsync();
        var answer = await host.WhyAsync(path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-file");
        Assert.Equal(("unix", path), (answer.Target.Protocol, answer.Target.Path));
        Assert.Empty(answer.Owners);
        answer.Has(answer.Remedies.Any(remedy => remedy.Command?.Contains(path, StringComparison.Ordinal) == true), "the exact rm");
        Assert.True(File.Exists(path));
    }

    [KernelFact]
    public async Task Why_SocketFileOfALivingServer_NamesIt()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var program = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        var answer = await host.WhyAsync(path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        Assert.Equal(("LISTEN", path), (answer.Blockers[0].State, answer.Blockers[0].Local));
    }

    [KernelFact]
    public async Task Why_AbstractName_IsHeldByItsProcessAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "unix @bindwise-test listen");
        var answer = await host.WhyAsync("@bindwise-test");
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        (await host.WhyAsync("@bindwise-other")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_OnFileSystemsWithoutSockets_SaysWhatBindSays()
    {
        await using var host = await TestHost.OpenAsync();
        var asked = 0;
        foreach (var kind in new[] { "mqueue", "bpf", "pstore", "fusectl", "binfmt_misc", "debugfs", "tracefs", "securityfs", "cgroup2", "devpts", "proc", "sysfs" })
        {
            var folder = Path.Combine(host.Folder, kind);
            Directory.CreateDirectory(folder);
            // A kernel may be built without one, and mqueue wants an IPC namespace of its user.
            if ((await host.RunAsync("mount", "-t", kind, "none", folder)).ExitCode != 0)
                continue;
            var path = folder + "/app.sock";
            var bind = await host.RunAsync("python3", "-S", "-c",
                "import socket, sys, errno\ntry: socket.socket(socket.AF_UNIX).bind(sys.argv[1])\nexcept OSError as e: print(errno.errorcode[e.errno])", path);
            var answer = await host.WhyAsync(path);
            answer.Is("blocked", bind.Output.Trim(), "unix-socket-file");
            answer.Has(answer.Summary.Contains("takes no sockets", StringComparison.Ordinal), kind);
            asked++;
        }
        Assert.True(asked > 3, $"{asked} of them can be mounted");
    }

    [KernelTheory]
    [InlineData("61ff62", "@a\\xffb", "@a\\0377b")]
    [InlineData("fffe", "@\\xff\\xfe", "@\\0377\\0376")]
    [InlineData("610a62", "@a\\x0ab", "@a\\nb")]
    [InlineData("610a", "@a\\x0a", "@a\\n")]
    [InlineData("2061202020", "@\\x20a\\x20\\x20\\x20", "@ a   ")]
    [InlineData("613a2062", "@a:\\x20b", "@a: b")]
    [InlineData("610062", "@a\\x00b", null)]
    [InlineData("610000", "@a\\x00\\x00", null)]
    [InlineData("615c783431", "@a\\\\x41", null)]
    [InlineData("1b5b316d27", "@\\x1b[1m'", "@\\0033[1m'")]
    public async Task Why_AbstractNameOfAnyBytes_CanBeAskedAsItIsPrintedAndAsItIs(string bytes, string printed, string? typed)
    {
        await using var host = await TestHost.OpenAsync();
        Assert.Equal("free", (await host.WhyAsync(printed)).Verdict);
        var program = await host.StartScriptAsync("hold_name.py", bytes);
        var answer = await host.WhyAsync(printed);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal((program.Pid, printed, printed), (Assert.Single(answer.Owners).Pid, answer.Target.Path, answer.Blockers[0].Local));
        answer.Has(answer.Summary.StartsWith(printed + " is taken", StringComparison.Ordinal), "the name in the first line");
        if (typed is null)
            return;
        // The bytes themselves, as a shell passes them on; it cuts off newlines at the end of what a command prints.
        var words = $"name=$(printf '%bx' \"$1\"); exec {Programs.Bindwise} why \"${{name%x}}\" --json";
        var raw = Assert.Single(Asking.Answers(await host.RunAsync("/bin/sh", "-c", words, "sh", typed)));
        raw.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal((program.Pid, printed), (Assert.Single(raw.Owners).Pid, raw.Target.Path));
    }

    [KernelFact]
    public async Task Why_FreePath_IsFreeAndLeavesNoFile()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "free.sock");
        (await host.WhyAsync(path)).Is("free", null, "free");
        Assert.False(File.Exists(path));
    }

    [KernelFact]
    public async Task Why_OrdinaryFileAtThePath_IsInTheWayAndNotToBeRemoved()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "notes.txt");
        await File.WriteAllTextAsync(path, "precious");
        var answer = await host.WhyAsync(path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-file");
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Command?.StartsWith("rm", StringComparison.Ordinal) == true), "no rm of what is no socket");
    }

    [KernelFact]
    public async Task Why_FolderThatDoesNotExist_IsNoEntry()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await host.WhyAsync(Path.Combine(host.Folder, "nowhere", "app.sock"));
        Assert.Equal(("blocked", "ENOENT"), (answer.Verdict, answer.Errno));
    }

    // Whether its file is still there is not known: nothing is said of that.
    [KernelFact]
    public async Task Why_FolderThatMayNotBeEntered_TellsNothingOfTheFile()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        await host.StartScriptAsync("hold.py", $"unix {folder}/app.sock listen");
        foreach (var answer in new[] { await host.WhyAsAsync(TestHost.Nobody, $"{folder}/app.sock"), await host.WhyAsync($"{folder}/app.sock --user nobody") })
        {
            answer.Is("blocked", "EACCES", "unix-socket-file");
            answer.Has(answer.Summary.Contains("its folder cannot be entered by this user", StringComparison.Ordinal), "why");
            Assert.Empty(answer.Warnings);
        }
        var free = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "free", $"{folder}/app.sock");
        Assert.DoesNotContain("No socket is in the way", free.Output + free.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_PathSpeltAnotherWay_StillFindsTheLivingServer()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var program = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        await host.SetUpAsync($"mv {path} {path}.moved");
        await host.SetUpAsync($"ln {path}.moved {path}.link");
        foreach (var other in new[] { path + ".moved", path + ".link", $"{host.Folder}/../{Path.GetFileName(host.Folder)}/app.sock.link" })
            Assert.Equal(program.Pid, Assert.Single((await host.WhyAsync(other)).Is("blocked", "EADDRINUSE", "unix-socket-listener").Owners).Pid);
        var old = await host.WhyAsync(path);
        old.Is("free", null, "free");
        old.Has(old.Warnings.Any(static warning => warning.Id == "bound-to-removed-file"), "the old server is told");
    }

    [KernelFact]
    public async Task Why_PathInMountsOfItsServer_IsLookedAtThereForTheProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "own")).FullName;
        var path = $"{folder}/app.sock";
        var server = host.Start(0, "unshare", "-m", "sh", "-c",
            $"mount -t tmpfs none {folder} && exec python3 -B -S {Programs.Script("hold.py")} unix {path} listen");
        await server.ReadyAsync();
        var here = await host.WhyAsync(path);
        here.Is("free", null, "free").Has(here.Warnings.Any(static w => w.Id == "bound-in-other-mounts"), "the other file");
        var there = await host.WhyAsync($"{path} --pid {server.Pid}");
        Assert.Equal(server.Pid, Assert.Single(there.Is("blocked", "EADDRINUSE", "unix-socket-listener").Owners).Pid);
        (await host.WhyAsync($"{path}.new --pid {server.Pid}")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_RelativePathOfAProcess_IsLookedAtInItsFolder()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "cwd")).FullName;
        await File.WriteAllTextAsync($"{folder}/app.sock", "");
        var program = host.Start(0, "sh", "-c", $"cd {folder} && exec python3 -B -S {Programs.Script("hold.py")} tcp 127.0.0.1 9090 listen");
        await program.ReadyAsync();
        (await host.WhyAsync("./app.sock")).Is("free", null, "free");
        var answer = await host.WhyAsync($"./app.sock --pid {program.Pid}");
        answer.Is("blocked", "EADDRINUSE", "unix-socket-file");
    }

    [KernelFact]
    public async Task Why_FolderWithoutAnInodeLeftOrThatWasRemoved_SaysWhatBindSays()
    {
        await using var host = await TestHost.OpenAsync();
        var full = Directory.CreateDirectory(Path.Combine(host.Folder, "full")).FullName;
        await host.SetUpAsync($"mount -t tmpfs -o nr_inodes=2 none {full}");
        await host.SetUpAsync($"touch {full}/one");
        (await host.WhyAsync($"{full}/app.sock")).Is("blocked", "ENOSPC", "unix-socket-file");
        await host.SetUpAsync($"umount {full}");
        var gone = await host.RunAsync("sh", "-c", $"cd {full} && rmdir {full} && exec {Programs.Bindwise} why ./app.sock --json");
        var answer = Assert.Single(Asking.Answers(gone));
        answer.Is("blocked", "ENOENT", "unix-socket-file");
        answer.Has(answer.Remedies is [{ Id: "change-folder", Command: null }, ..], "no folder is made where there is none");
    }

    [KernelFact]
    public async Task Why_FileReplacedUnderALivingServer_IsALeftOverOfAnother()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await host.StartScriptAsync("hold.py", $"unix {path} listen");
        await host.SetUpAsync($"mv {path} {path}.old");
        var second = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        var answer = await host.WhyAsync(path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal(second.Pid, Assert.Single(answer.Owners).Pid);
        await host.SignalAsync(second.Pid, "KILL");
        await second.EndAsync();
        var left = await host.WhyAsync(path);
        left.Is("blocked", "EADDRINUSE", "unix-socket-file");
        Assert.Empty(left.Owners);
    }

    [KernelTheory]
    [InlineData("listen", "LISTEN")]
    [InlineData("", "UNCONN")]
    public async Task Why_PathServedFromAnotherNetworkNamespace_NamesItsServerAndRemovesNothing(string how, string state)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var program = await host.StartInAnotherNetworkAsync("hold.py", $"unix {path} {how}");
        var answer = await host.WhyAsync(path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
        Assert.Equal((state, path), (answer.Blockers[0].State, answer.Blockers[0].Local));
        HasNoRemoval(answer);
        answer.Has(answer.Summary.Contains("in another network namespace", StringComparison.Ordinal), "where it is");
        await host.SignalAsync(program.Pid, "KILL");
        await program.EndAsync();
        (await host.WhyAsync(path)).Is("blocked", "EADDRINUSE", "unix-socket-file").Has(File.Exists(path), "the file is still there");
    }

    [KernelTheory]
    [InlineData("listen")]
    [InlineData("")]
    public async Task Why_ServerInNoVisibleNamespace_IsNoLeftOver(string how)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var program = await host.StartInAnotherNetworkAsync("hold.py", $"unix {path} {how}");
        // As in a container: other network, mounts and processes, and the same file.
        string[] container = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "--", Programs.Bindwise, "why", path, "--json"];
        var answer = Assert.Single(Asking.Answers(await host.RunAsync(container)));
        answer.Is("blocked", "EADDRINUSE", "unix-socket-listener");
        Assert.Empty(answer.Owners);
        HasNoRemoval(answer);
        await host.SignalAsync(program.Pid, "KILL");
        await program.EndAsync();
        var left = Assert.Single(Asking.Answers(await host.RunAsync(container)));
        Assert.Equal($"rm -- {path}", left.Is("blocked", "EADDRINUSE", "unix-socket-file").Remedies[0].Command);
    }

    [KernelFact]
    public async Task Why_ServerOfAnotherUserInAnotherNetwork_IsNamedByItsName()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await host.StartInAnotherNetworkAsync("hold.py", $"unix {path} listen");
        await host.SetUpAsync($"chmod 666 {path}");
        var answer = await host.WhyAsAsync(TestHost.Nobody, path);
        answer.Is("blocked", "EADDRINUSE", "owner-hidden");
        HasNoRemoval(answer);
        Assert.Equal($"sudo bindwise why {path}", answer.Remedies[0].Command);
    }

    [KernelFact]
    public async Task Why_SocketFileThatMayNotBeConnectedTo_IsNotToBeRemoved()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await (await host.StartScriptAsync("hold.py", $"unix {path} listen leave")).EndAsync();
        await host.SetUpAsync($"chmod 600 {path}");
        var answer = await host.WhyAsAsync(TestHost.Nobody, path);
        answer.Is("blocked", "EADDRINUSE", "unix-socket-file");
        HasNoRemoval(answer);
        Assert.Equal($"sudo bindwise why {path}", answer.Remedies[0].Command);
        Assert.Equal($"rm -- {path}", (await host.WhyAsync(path)).Remedies[0].Command);
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Step_OfAMissingFolder_WorksForWhoAsks(bool mayMake)
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Path.Combine(host.Folder, "run", "app", "sockets");
        await host.SetUpShellAsync($"mkdir {host.Folder}/run; chmod {(mayMake ? 777 : 755)} {host.Folder}/run");
        var path = Path.Combine(folder, "app.sock");
        var command = (await host.WhyAsAsync(TestHost.Nobody, path)).Remedies[0].Command!;
        Assert.Equal(mayMake ? $"mkdir -p -- {folder}" : $"sudo install -d -o {TestHost.Nobody} -- {folder}", command);
        await host.RunAsAsync(mayMake ? TestHost.Nobody : 0, null, "sh", "-c", command.Replace("sudo ", "", StringComparison.Ordinal));
        (await host.WhyAsAsync(TestHost.Nobody, path)).Is("free", null, "free");
    }

    private static void HasNoRemoval(Answer answer) =>
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Command?.Contains("rm ", StringComparison.Ordinal) == true), "no rm of what is served, or may be");
}
