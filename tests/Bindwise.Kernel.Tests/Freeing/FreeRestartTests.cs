using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>What starts a server again is told and ended before "free" is said, and bindwise itself is known for what it is.</summary>
[Trait("Lane", "second")]
public sealed class FreeRestartTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    // Half a second later: after a bind() has proved that the port is free.
    private static readonly string Restarter = $"""
        import subprocess, sys, time
        while True:
            subprocess.run([sys.executable, "-B", "-S", "{Programs.Script("hold.py")}", *"{Listens}".split()])
            time.sleep(0.5)
        """;

    private static readonly string Taker = """
        import socket, time
        while True:
            held = socket.socket()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                held.bind(("127.0.0.1", 8080))
                break
            except OSError:
                time.sleep(0.2)
        held.listen()
        time.sleep(1000)
        """;

    [KernelFact]
    public async Task Free_ServerThatItsParentStartsAgain_IsEndedWithItsParent()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = await StartRestarterAsync(host);
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains(why.Remedies, remedy => remedy.Id == "end-parent" && remedy.Command!.StartsWith($"kill {parent} ", StringComparison.Ordinal));
        var plan = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080", "-n");
        Assert.Contains($"its parent restart.py (python3, pid {parent}), and to what it starts, if it starts it again", plan.Flat, StringComparison.Ordinal);

        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Equal(3, answer.Sent.Count());
        Assert.Equal(parent, answer.Sent.ElementAt(1).Pid);
        Assert.False(host.Lives(parent));
        (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("already-free", null, "free", 0);
    }

    // Two texts for one interpreter are two programs: the one that starts the other is no master of it.
    [KernelFact]
    public async Task Free_CodeThatStartsOtherCode_IsEndedWithIt()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = host.Start(0, "python3", "-B", "-S", "-c", """
            import os, subprocess, sys, time
            print(os.getpid(), flush=True)
            while True:
                subprocess.run([sys.executable, "-B", "-S", "-c", "import socket, time; s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(('127.0.0.1', 8080)); s.listen(); time.sleep(1000)"])
                time.sleep(0.5)
            """);
        var pid = int.Parse(await parent.LineAsync(), CultureInfo.InvariantCulture);
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).Count == 1, "the server");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(pid, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(host.Lives(pid));
    }

    // A socket on the port that does no harm is told of a free one too: neither it nor a client's connection ends the watch.
    [KernelTheory]
    [InlineData("tcp 127.0.0.2 8080 reuseaddr")]
    [InlineData("tcp 127.0.0.2 8080 reuseaddr listen")]
    public async Task Free_AnotherSocketIsOnThePort_TheRestartIsSeenAllTheSame(string bystander)
    {
        await using var host = await TestHost.OpenAsync();
        var beside = await host.StartScriptAsync("hold.py", bystander);
        var parent = await StartRestarterAsync(host);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(parent, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(host.Lives(parent));
        Assert.False(beside.HasEnded);
    }

    // It was there before, and was not shown: neither it nor the parent that started nothing again is ended.
    [KernelFact]
    public async Task Free_PortThatASiblingTakes_EndsNeitherItNorTheirParent()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "pair.py");
        var standby = Path.Combine(host.Folder, "standby.py");
        await File.WriteAllTextAsync(standby, Taker);
        await File.WriteAllTextAsync(script, $"""
            import os, subprocess, sys, time
            other = subprocess.Popen([sys.executable, "-B", "-S", "{Programs.Script("hold.py")}", *"{Listens}".split()], stdout=subprocess.PIPE, text=True)
            other.stdout.readline()
            standby = subprocess.Popen([sys.executable, "-B", "-S", "{standby}"])
            print(os.getpid(), standby.pid, flush=True)
            time.sleep(1000)
            """);
        var pids = (await host.Start(0, "python3", "-B", "-S", script).LineAsync()).Split(' ').Select(static one => int.Parse(one, CultureInfo.InvariantCulture)).ToList();
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        Assert.Single(answer.Sent);
        Assert.All(pids, pid => Assert.True(host.Lives(pid)));
    }

    // Without a look afterwards nothing tells whether it starts it again: no such promise, and no question about it.
    [KernelFact]
    public async Task Free_NothingIsWatchedAfterwards_TheParentIsNotInThePlan()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = await StartRestarterAsync(host);
        var plan = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080", "-n", "--settle", "0");
        Assert.True(plan.ExitCode == 0 && !plan.Output.Contains("its parent", StringComparison.Ordinal), plan.ToString());
        var answer = await host.FreeAsync("127.0.0.1:8080 --yes --settle 0");
        Assert.All(answer.Actions, action => Assert.NotEqual(parent, action.Pid));
        Assert.True(host.Lives(parent));
    }

    [KernelFact]
    public async Task Free_ParentThatMayNotBeEnded_IsSaidToHaveTakenThePortAgain()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = await StartRestarterAsync(host);
        var outcome = await host.FreeInTerminalAsync("y,n", "127.0.0.1:8080 --settle 3m");
        Assert.True(outcome.ExitCode == 1, outcome.ToString());
        Assert.Contains($"started by restart.py (python3, pid {parent}), which has to end first: kill {parent}", outcome.Flat, StringComparison.Ordinal);
        Assert.True(host.Lives(parent));
    }

    [KernelFact]
    public async Task Free_PortThatSomebodyElseTakes_IsSaidWithItsNameAndNotEnded()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        var taker = host.Start(0, "python3", "-B", "-S", "-c", Taker);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        Assert.Contains("has taken it since.", answer.Explanation, StringComparison.Ordinal);
        Assert.False(taker.HasEnded);
        Assert.Single(answer.Sent);
    }

    [KernelFact]
    public async Task Free_ServerOfAScriptThatItsFirstLineStarts_IsEndedWithTheScript()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "sup.sh");
        var text = script + ".text";
        await File.WriteAllTextAsync(text, $"#!/bin/sh\nwhile :; do python3 -B -S {Programs.Script("hold.py")} {Listens}; done\n");
        File.SetUnixFileMode(text, (UnixFileMode)0b111_101_101);
        ProgramCopy.Make(text, script);
        var loop = host.Start(0, script);
        await loop.ReadyAsync();
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains("and the script that runs it", why.Remedies[0].Text, StringComparison.Ordinal);
        var freed = await host.RunAsync("/bin/sh", "-c", why.Remedies[0].Command!);
        Assert.Equal(0, freed.ExitCode);
        await loop.EndAsync();
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).Count == 0, "the port to be free");
    }

    // A wrapper ends with its server, and stands between it and who starts it again.
    [KernelTheory]
    [InlineData("timeout 1000")]
    [InlineData("setsid --wait")]
    public async Task Free_ServerOfALoopBehindAWrapper_IsEndedWithTheLoop(string wrapper)
    {
        await using var host = await TestHost.OpenAsync();
        var loop = await StartLoopAsync(host, $"while :; do {wrapper} python3 -B -S {Programs.Script("hold.py")} {Listens}; sleep 0.2; done\n");
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains("and the script that runs it", why.Remedies[0].Text, StringComparison.Ordinal);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3s")).Is("freed", null, "free", 0);
        Assert.Contains(loop.Pid, answer.Sent.Select(static sent => sent.Pid));
        await loop.EndAsync();
    }

    // The end of the inner one is enough; the outer one has other work to do.
    [KernelFact]
    public async Task Free_ScriptAboveTheOneThatStartsTheServerAgain_GoesOn()
    {
        await using var host = await TestHost.OpenAsync();
        var inner = await WriteAsync(host, "inner.sh", $"while :; do python3 -B -S {Programs.Script("hold.py")} {Listens}; sleep 0.2; done\n");
        var outer = await StartLoopAsync(host, $"sh {inner} &\nsleep 1000\n");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3s")).Is("freed", null, "free", 0);
        Assert.Equal(2, answer.Sent.Count());
        Assert.False(outer.HasEnded);
    }

    [KernelFact]
    public async Task Free_ServerThatTheOutermostOfThreeScriptsStartsAgain_IsEndedWithAllOfThem()
    {
        await using var host = await TestHost.OpenAsync();
        var inner = await WriteAsync(host, "inner.sh", $"python3 -B -S {Programs.Script("hold.py")} {Listens}\ntrue\n");
        var middle = await WriteAsync(host, "middle.sh", $"sh {inner}\ntrue\n");
        var outer = await StartLoopAsync(host, $"while :; do sh {middle}; sleep 0.2; done\n");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(outer.Pid, answer.Sent.Select(static sent => sent.Pid));
        await outer.EndAsync();
    }

    // The loop stands above the tool that somebody would have typed.
    [KernelFact("make")]
    public async Task Free_ServerOfALoopAboveATool_IsEndedWithTheLoop()
    {
        await using var host = await TestHost.OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "Makefile"), $"dev:\n\tpython3 -B -S {Programs.Script("hold.py")} {Listens}\n");
        var loop = await StartLoopAsync(host, $"while :; do make -s --no-print-directory -C {host.Folder} dev; sleep 0.2; done\n");
        var keeper = ShellOf(host);
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.StartsWith("Stop make ", why.Remedies[0].Text, StringComparison.Ordinal);
        Assert.Contains("and the script that runs it", why.Remedies[0].Text, StringComparison.Ordinal);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3s")).Is("freed", null, "free", 0);
        Assert.Contains(keeper, answer.Sent.Select(static sent => sent.Pid));
        await loop.EndAsync();
    }

    [KernelFact("make")]
    public async Task Free_ParentAboveATool_IsEndedIfItStartsItAgain()
    {
        await using var host = await TestHost.OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "Makefile"), $"dev:\n\tpython3 -B -S {Programs.Script("hold.py")} {Listens}\n");
        var parent = await StartRestarterAsync(host, $$"""
            import subprocess, time
            while True:
                subprocess.Popen(["make", "-C", "{{host.Folder}}", "-s", "--no-print-directory", "dev"]).wait()
                time.sleep(0.5)
            """);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(parent, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(host.Lives(parent));
    }

    // It got its signal, and handles it: another kill of the same kind would do nothing.
    [KernelFact]
    public async Task Free_LoopThatGoesOnAfterItsSignal_IsEndedByForceOnly()
    {
        await using var host = await TestHost.OpenAsync();
        var loop = await StartLoopAsync(host, $"trap : TERM\nwhile :; do python3 -B -S {Programs.Script("hold.py")} {Listens}; sleep 0.5; done\n");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        var stubborn = ShellOf(host);
        Assert.Contains("started by loop.sh (", answer.Explanation, StringComparison.Ordinal);
        Assert.EndsWith($"pid {stubborn}), which got SIGTERM and goes on: --force ends it (SIGKILL).", answer.Explanation, StringComparison.Ordinal);
        answer = (await host.FreeAsync("127.0.0.1:8080 --yes --force --settle 40s")).Is("freed", null, "free", 0);
        Assert.Equal(["SIGTERM", "SIGKILL"], answer.Sent.Where(sent => sent.Pid == stubborn).Select(static sent => sent.Signal));
        await loop.EndAsync();
    }

    [KernelFact]
    public async Task Free_ServerThatItsShellExecutesInItsPlace_IsNotSaidToHaveHeldThePortItself()
    {
        await using var host = await TestHost.OpenAsync();
        var server = $"python3 -B -S {Programs.Script("hold.py")} {Listens}";
        var shell = host.Start(0, "sh", "-c", $"{server} || exec {server}");
        await shell.ReadyAsync();
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        Assert.EndsWith(") has taken it since.", answer.Explanation, StringComparison.Ordinal);
    }

    // Nobody started it again: its parent is not to be ended for that.
    [KernelFact]
    public async Task Free_ServerThatExecutesItselfOnItsSignal_IsEndedByForceOnly()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "again.py");
        await File.WriteAllTextAsync(script, """
            import os, signal, socket, sys, time
            def again(*_):
                held.close()
                os.execv(sys.executable, [sys.executable, "-B", "-S", *sys.argv])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
            signal.signal(signal.SIGTERM, again)
            held = socket.socket()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", 8080))
            held.listen()
            print("ready", flush=True)
            time.sleep(1000)
            """);
        var shell = host.Start(0, "sh", "-c", $"python3 -B -S {script}; true");
        Assert.Equal("ready", await shell.LineAsync());
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        var server = Assert.Single(answer.Sent).Pid;
        Assert.Equal($"It was free, and again.py (python3, pid {server}) has taken it again itself. It got SIGTERM and goes on: --force ends it (SIGKILL).", answer.Explanation);
        answer = (await host.FreeAsync("127.0.0.1:8080 --yes --force --settle 40s")).Is("freed", null, "free", 0);
        Assert.Equal(["SIGTERM", "SIGKILL"], answer.Sent.Where(sent => sent.Pid == server).Select(static sent => sent.Signal));
        await shell.EndAsync();
    }

    // The nearest parent ends with its server.
    [KernelFact]
    public async Task Free_ServerThatASupervisorStartsAgainByANewWorker_NamesTheSupervisor()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "restart.py");
        await File.WriteAllTextAsync(script, $"""
            import multiprocessing, subprocess, sys, time
            def work():
                subprocess.run([sys.executable, "-B", "-S", "{Programs.Script("hold.py")}", *"{Listens}".split()])
            fork = multiprocessing.get_context("fork")
            while True:
                worker = fork.Process(target=work)
                worker.start()
                worker.join()
                time.sleep(0.5)
            """);
        await host.Start(0, "python3", "-B", "-S", script).ReadyAsync();
        var supervisor = host.Processes.Commands().Where(static one => one.Value.Contains("/restart.py", StringComparison.Ordinal)).Min(static one => one.Key);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        Assert.EndsWith($"started by restart.py (python3, pid {supervisor}), which has to end first: kill {supervisor}", answer.Explanation, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Free_ServerThatASupervisorStartsAgainByAShell_IsEndedWithIt()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = await StartRestarterAsync(host, $$"""
            import subprocess, time
            while True:
                subprocess.Popen("timeout 1000 python3 -B -S {{Programs.Script("hold.py")}} {{Listens}}; true", shell=True).wait()
                time.sleep(0.5)
            """);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(parent, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(host.Lives(parent));
    }

    // The parent of each new worker is the new server, which is ended as well.
    [KernelFact]
    public async Task Free_ServerWithWorkersThatItsParentStartsAgain_IsEndedWithItsParent()
    {
        await using var host = await TestHost.OpenAsync();
        var parent = await StartRestarterAsync(host, Restarter.Replace("hold.py", "prefork.py", StringComparison.Ordinal).Replace($"\"{Listens}\"", $"\"3 share {Listens}\"", StringComparison.Ordinal));
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Equal(5, why.Remedies.Single(static remedy => remedy.Id == "end-parent").Command!["kill ".Length..].Split(' ').Length);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(parent, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(host.Lives(parent));
    }

    // As a worker that was forked between the look at the server and its end.
    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Free_ServerStartedAgainThatForksAtItsEnd_IsEndedWithItsWorker(bool isUnix)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var (target, listens) = isUnix ? (path, $"unix {path} listen") : ("127.0.0.1:8080", Listens);
        var forks = await WriteAsync(host, "forks.py", $"""
            import os, signal, socket, time
            def fork(*_):
                if os.fork() > 0:
                    os._exit(0)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, fork)
            held = socket.create_server({(isUnix ? $"\"{path}\", family=socket.AF_UNIX" : "(\"127.0.0.1\", 8080)")})
            time.sleep(1000)
            """);
        var once = $"[sys.executable, \"-B\", \"-S\", \"{Programs.Script("hold.py")}\", *\"{listens}\".split()]";
        var parent = await StartRestarterAsync(host, $"import sys\ncommand = {once}\n"
            + Restarter.Replace(Listens, listens, StringComparison.Ordinal).Replace(once, "command", StringComparison.Ordinal)
            + $"\n    command = [sys.executable, \"{forks}\"]");
        var answer = (await host.FreeAsync($"{target} --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Equal(4, answer.Sent.Count());
        Assert.False(host.Lives(parent) || File.Exists(path));
    }

    // The second server leaves a file of its own.
    [KernelFact]
    public async Task Free_UnixServerThatItsParentStartsAgain_IsEndedWithItsParentAndItsFile()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var parent = await StartRestarterAsync(host, Restarter.Replace(Listens, $"unix {path} listen", StringComparison.Ordinal));
        var answer = (await host.FreeAsync($"{path} --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(parent, answer.Sent.Select(static sent => sent.Pid));
        Assert.False(File.Exists(path));
        Assert.False(host.Lives(parent));
    }

    [KernelFact]
    public async Task Free_HeldServerThatALoopStartsAgain_NamesTheLoop()
    {
        await using var host = await TestHost.OpenAsync();
        var loop = await StartLoopAsync(host, $"while :; do {Programs.Bindwise} run --hold -- python3 -B -S {Programs.Script("hold.py")} {Listens}; sleep 0.2; done\n");
        var shell = ShellOf(host);
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Equal($"If it comes back, loop.sh (sh, pid {shell}) restarts it; stop that too.", why.Remedies.Single(static remedy => remedy.Id == "end-parent").Text);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 40s")).Is("freed", null, "free", 0);
        Assert.Contains(shell, answer.Sent.Select(static sent => sent.Pid));
        await loop.EndAsync();
    }

    // Such a shell ignores SIGTERM, with or without a terminal.
    [KernelFact]
    public async Task Free_ServerOfALoopThatSomebodyTyped_TellsHowToCloseItsShell()
    {
        await using var host = await TestHost.OpenAsync();
        var loop = $"while :; do python3 -B -S {Programs.Script("hold.py")} {Listens}; sleep 0.2; done";
        host.Start(0, "sh", "-c", $"echo '{loop}' | bash --norc -i");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var shell = host.Processes.Commands().Single(static one => one.Value.StartsWith("bash --norc", StringComparison.Ordinal)).Key;
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --settle 3m")).Is("failed", "taken-again", "blocked", 1);
        var command = $"kill -HUP {shell}";
        Assert.EndsWith($"started by bash (pid {shell}), which ignores SIGTERM: end its loop there, or close that shell: {command}", answer.Explanation, StringComparison.Ordinal);
        Assert.Equal(0, (await host.RunAsync("/bin/sh", "-c", command)).ExitCode);
        await Patience.UntilAsync(() => !host.Lives(shell), "the shell to close");
    }

    [KernelFact]
    public async Task Hold_IsToldAsWhatKeepsTheSocketOfItsProgram()
    {
        await using var host = await TestHost.OpenAsync();
        var held = host.Start(0, [Programs.Bindwise, "run", "--hold", "--", "python3", "-B", "-S", Programs.Script("hold.py"), .. Listens.Split(' ')]);
        await held.ReadyAsync();
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains($"hold.py (python3, pid {held.Pid}), kept by bindwise (pid ", why.Summary, StringComparison.Ordinal);
        Assert.Equal(["creator", "keeper"], why.Owners.Select(static owner => owner.Role));
        var keeper = why.Owners.ElementAt(1).Pid;
        Assert.Equal($"kill {keeper}", why.Remedies[0].Command);
        var listed = await host.RunAsync(Programs.Bindwise, "ls");
        Assert.Contains("hold.py", listed.Output, StringComparison.Ordinal);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("freed", null, "free", 0);
        Assert.Equal([keeper], answer.Sent.Select(static sent => sent.Pid));
        await held.EndAsync();
    }

    // Gunicorn's master ends its workers: one signal is told, and one is sent.
    [KernelFact("gunicorn")]
    public async Task Gunicorn_IsEndedByItsMaster()
    {
        await using var host = await TestHost.OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "app.py"), "def app(environ, start):\n    start('200 OK', [])\n    return [b'ok']\n");
        var server = host.Start(0, "gunicorn", "--chdir", host.Folder, "-w", "2", "-b", "127.0.0.1:8080", "app:app");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        await Patience.UntilAsync(() => host.Processes.Commands().Count(static one => one.Value.Contains("app:app", StringComparison.Ordinal)) == 3, "the workers");
        var why = await host.WhyAsync("127.0.0.1:8080");
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes --grace 3m")).Is("freed", null, "free", 0);
        Assert.Equal(why.Remedies[0].Command, $"kill {Assert.Single(answer.Sent).Pid}");
        await server.EndAsync();
    }

    // As uvicorn's: each executes python3 anew, with another command line.
    [KernelFact]
    public async Task WorkersOfMultiprocessing_AreNoHeirs()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "server.py");
        await File.WriteAllTextAsync(script, """
            import multiprocessing, socket, time

            def serve(held):
                print("ready\n", end="", flush=True)
                while True:
                    held.accept()

            if __name__ == "__main__":
                held = socket.socket()
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.bind(("127.0.0.1", 8080))
                held.listen()
                spawn = multiprocessing.get_context("spawn")
                workers = [spawn.Process(target=serve, args=(held,)) for _ in range(2)]
                for worker in workers: worker.start()
                for worker in workers: worker.join()
            """);
        var server = host.Start(0, "python3", "-B", "-S", script);
        Assert.Equal(["ready", "ready"], [await server.LineAsync(), await server.LineAsync()]);
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.StartsWith("Stop server.py (python3, pid ", why.Remedies[0].Text, StringComparison.Ordinal);
        Assert.EndsWith(") and its 2 workers.", why.Remedies[0].Text, StringComparison.Ordinal);
        var plan = await host.RunAsync(Programs.Bindwise, "free", "127.0.0.1:8080", "-n");
        Assert.Equal(2, plan.Output.Split(", its worker").Length - 1);
        Assert.DoesNotContain("inherited", plan.Output, StringComparison.Ordinal);
        (await host.FreeAsync("127.0.0.1:8080 --yes --grace 3m")).Is("freed", null, "free", 0);
        await server.EndAsync();
    }

    [KernelTheory]
    // It ends by Ctrl+C; it cannot be ended but by SIGKILL.
    [InlineData("signal.SIGTERM", "kill -INT ", "SIGINT", "freed")]
    [InlineData("signal.SIGTERM, signal.SIGINT, signal.SIGQUIT", "kill -KILL ", "SIGKILL", "refused")]
    public async Task Free_ProcessThatIgnoresSigterm_GetsWhatEndsIt(string ignored, string command, string signal, string outcome)
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, "python3", "-B", "-S", "-c", $"""
            import signal, socket, time
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            for one in ({ignored},): signal.signal(one, signal.SIG_IGN)
            held = socket.socket(); held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); held.bind(("127.0.0.1", 8080)); held.listen()
            print("ready", flush=True)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await server.LineAsync());
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.StartsWith(command, why.Remedies[0].Command, StringComparison.Ordinal);
        var answer = (await host.FreeAsync("127.0.0.1:8080 --yes")).Is(outcome, outcome == "freed" ? null : "sigterm-ignored", outcome == "freed" ? "free" : "blocked", outcome == "freed" ? 0 : 1);
        if (outcome == "refused")
            answer = (await host.FreeAsync("127.0.0.1:8080 --yes --force")).Is("freed", null, "free", 0);
        Assert.Equal(signal, Assert.Single(answer.Sent).Signal);
        await server.EndAsync();
    }

    [KernelFact]
    public async Task Why_FirstProcessOfAPidNamespaceWithoutAHandler_TellsTheSignalThatEndsIt()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "python3", "-B", "-S", Programs.Script("hold.py"), "tcp", "127.0.0.1", "8080", "reuseaddr", "listen");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains("is process 1 of its PID namespace", why.Remedies[0].Text, StringComparison.Ordinal);
        Assert.Equal(0, (await host.RunAsync("/bin/sh", "-c", why.Remedies[0].Command!)).ExitCode);
        await server.EndAsync();
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).Count == 0, "the port to be free");
    }

    [KernelFact("node")]
    public async Task Why_NodeAsTheFirstProcessOfAPidNamespace_TellsWhatIsSureToEndIt()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "node", "-e", "require('net').createServer().listen(8080, '127.0.0.1')");
        await host.Sockets.UntilAsync(8080, "LISTEN");
        var why = await host.WhyAsync("127.0.0.1:8080");
        Assert.Contains("Node.js survives SIGTERM", why.Remedies[0].Text, StringComparison.Ordinal);
        (await host.FreeAsync("127.0.0.1:8080 --yes")).Is("refused", "sigterm-ignored", "blocked", 1);
        // What it survives is not told as a step: two signals of those, and it listens.
        var pid = Assert.Single(why.Owners).Pid!.Value;
        await host.SignalAsync(pid, "TERM");
        await host.SignalAsync(pid, "INT");
        Assert.Equal(why.Remedies[0].Command, (await host.WhyAsync("127.0.0.1:8080")).Remedies[0].Command);
        Assert.Equal(0, (await host.RunAsync("/bin/sh", "-c", why.Remedies[0].Command!)).ExitCode);
        await server.EndAsync();
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).Count == 0, "the port to be free");
    }

    [KernelTheory]
    [InlineData("signal.SIG_DFL", null)]
    [InlineData("lambda *_: sys.exit()", "kill 1")]
    public async Task Why_FirstProcessAskedFromInside_IsToldOnlyTheSignalThatEndsIt(string handler, string? command)
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(0, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "python3", "-B", "-S", "-c", $"""
            import signal, socket, sys, time
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, {handler})
            held = socket.socket(); held.bind(("127.0.0.1", 8080)); held.listen()
            print("ready", flush=True)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await server.LineAsync());
        var pid = (await host.WhyAsync("127.0.0.1:8080")).Owners.Single().Pid!.Value.ToString(CultureInfo.InvariantCulture);
        string[] inside = ["nsenter", "--target", pid, "--pid", "--mount", "--"];
        var why = Asking.Answers(await host.RunAsync([.. inside, Programs.Bindwise, "why", "127.0.0.1:8080", "--json"]))[0];
        Assert.Equal((command is null ? "end-from-outside" : "end-process", command), (why.Remedies[0].Id, why.Remedies[0].Command));
        if (command is null)
            return;
        // The end of process 1 kills all others of its namespace, the shell of the command too where that has not ended yet.
        const int Killed = 137;
        Assert.True((await host.RunAsync([.. inside, "/bin/sh", "-c", command])).ExitCode is 0 or Killed);
        await Patience.UntilAsync(() => host.Sockets.StatesOn(8080).Count == 0, "the port to be free");
    }

    private static async Task<int> StartRestarterAsync(TestHost host, string? text = null)
    {
        var script = Path.Combine(host.Folder, "restart.py");
        await File.WriteAllTextAsync(script, text ?? Restarter);
        await host.Start(0, "python3", "-B", "-S", script).ReadyAsync();
        return host.Processes.Commands().Single(static one => one.Value.Contains("/restart.py", StringComparison.Ordinal)).Key;
    }

    private static async Task<TestProgram> StartLoopAsync(TestHost host, string text)
    {
        var loop = host.Start(0, "sh", await WriteAsync(host, "loop.sh", text));
        await loop.ReadyAsync();
        return loop;
    }

    private static async Task<string> WriteAsync(TestHost host, string name, string text)
    {
        var path = Path.Combine(host.Folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    private static int ShellOf(TestHost host) =>
        host.Processes.Commands().Single(static one => one.Value.EndsWith("/loop.sh", StringComparison.Ordinal)).Key;
}
