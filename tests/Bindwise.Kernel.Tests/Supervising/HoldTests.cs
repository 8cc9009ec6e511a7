using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold: the starts of a program, and the signals between them.</summary>
public sealed class HoldTests
{
    // The usual five seconds may pass before a busy machine looks at the signal; SIGKILL would follow.
    private const string StopsPatiently = "--stop-timeout=3m";

    internal static readonly string[] Hold = [Programs.Bindwise, "run", "--hold"];

    [KernelTheory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    [InlineData("change")]
    [InlineData("overlap")]
    [Trait("Lane", "second")]
    public async Task Restarts_UnderLoad_RefuseAndResetNothing(string how)
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("restart_under_load.py"), "hold", how, "10", Programs.Bindwise);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var facts = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal((0, 0, 0), (facts.GetProperty("refused").GetInt32(), facts.GetProperty("reset").GetInt32(), facts.GetProperty("other").GetArrayLength()));
        Assert.True(facts.GetProperty("answered").GetInt32() > 10, outcome.Output);
    }

    [KernelTheory]
    [InlineData("TERM", "")]
    [InlineData("TERM", "--async")]
    [InlineData("change", "")]
    [InlineData("overlap", "--async")]
    [Trait("Lane", "second")]
    public async Task Restarts_OfAProgramThatDisposesWhileItAccepts_RefuseAndResetNothing(string how, string word)
    {
        await using var host = await TestHost.OpenAsync();
        host.Limit = Patience.OfManyWaits;
        string[] words = word.Length == 0 ? [] : [word];
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("restart_under_load.py"), "hold", how, "10", Programs.Bindwise, Programs.Sample("PlainListener"), "8080", .. words]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var facts = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(facts.GetProperty("refused").GetInt32() == 0 && facts.GetProperty("reset").GetInt32() == 0 && facts.GetProperty("other").GetArrayLength() == 0, outcome.Output);
        Assert.True(facts.GetProperty("answered").GetInt32() > 10, outcome.Output);
    }

    [KernelTheory]
    [InlineData("", "exit 0", 1, 0)]
    [InlineData("", "test $n -eq 2; exit $((4 * $?))", 2, 0)]
    [InlineData("--restart=never", "exit 4", 1, 4)]
    [InlineData("--restart=never", "kill -KILL $$", 1, 137)]
    [InlineData("--restart=always", "test $n -lt 3 && exit 0; kill -TERM $PPID; exec sleep 60", 3, 143)]
    public async Task Program_ThatEnds_IsStartedAgainAsThePolicySays(string policy, string script, int starts, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "starts");
        string[] options = policy.Length == 0 ? [StopsPatiently] : [StopsPatiently, policy];
        var outcome = await host.RunAsync([.. Hold, .. options, "--", "sh", "-c", $"echo x >> {file}; n=$(wc -l < {file}); {script}"]);
        Assert.True(outcome.ExitCode == exitCode, outcome.ToString());
        Assert.Equal(starts, (await File.ReadAllLinesAsync(file)).Length);
    }

    [KernelFact]
    public async Task CrashLoop_IsToldAndWaits()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "pid");
        var program = host.Start(0, ["/bin/sh", "-c", $"echo $$ > {file}; exec \"$@\"", "sh", .. Hold, "sh", "-c", "exit 4"]);
        await Patience.UntilAsync(() => program.Error.Contains("a crash loop: the last 5 starts of sh ended before they listened", StringComparison.Ordinal), "the crash loop");
        Assert.Contains("ended with exit code 4: it is started again in 0.4 s", program.Error, StringComparison.Ordinal);
        await host.SignalAsync(await PidAsync(file), "TERM");
        await program.EndAsync();
        Assert.Equal(4, program.ExitCode);
    }

    [KernelFact]
    public async Task Failure_OfStartAfterStart_IsExplainedOnce()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var file = Path.Combine(host.Folder, "starts");
        string[] server = ["python3", "-B", "-S", Programs.Script("run_server.py"), "127.0.0.1", "8080"];
        var outcome = await host.RunAsync([.. Hold, "sh", "-c", $"echo x >> {file}; \"$@\"; [ $(wc -l < {file}) -ge 3 ]", "sh", .. server]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal(3, (await File.ReadAllLinesAsync(file)).Length);
        Assert.Equal(2, outcome.Error.Split(" to 127.0.0.1:8080 failed: EADDRINUSE").Length);
    }

    [KernelTheory]
    [InlineData("/nowhere/at/all", 127, "/nowhere/at/all: command not found")]
    [InlineData("/etc/passwd/x", 126, "/etc/passwd/x: not a directory")]
    [InlineData("/etc/passwd", 126, "/etc/passwd: permission denied")]
    public async Task Program_ThatCannotBeExecuted_EndsAsInAShell(string command, int exitCode, string error)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([.. Hold, command]);
        Assert.Equal((exitCode, $"bindwise: {error}\n"), (outcome.ExitCode, outcome.Error));
    }

    [KernelFact("unshare")]
    public async Task Program_UnderTheFirstProcess_IsItsChild()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["unshare", "--pid", "--fork", "--mount-proc", .. Hold, "--restart=never", "sh", "-c", "echo $PPID; (sleep 0.01 &); exit 5"]);
        Assert.Equal((5, "1\n"), (outcome.ExitCode, outcome.Output));
    }

    [KernelFact]
    public async Task Program_StartsAsItDoesWithoutRun()
    {
        await using var host = await TestHost.OpenAsync();
        string[] program = ["python3", "-B", "-S", Programs.Script("run_state.py"), "a b", ""];
        var shell = "cd /tmp; umask 027; ulimit -n 700; ulimit -c 0; trap '' USR1; export BAD=$(printf '\\377'); exec 7</etc/hostname; \"$@\"; exit $?";
        var plain = await host.RunAsync(["/bin/bash", "-c", shell, "sh", .. program]);
        var held = await host.RunAsync(["/bin/bash", "-c", shell, "sh", .. Hold, "--", .. program]);
        Assert.True(plain.ExitCode == 0, plain.ToString());
        Assert.Equal("", held.Error);
        // "_" is what the shell says of the program that it executes.
        Assert.Equal(Lines(plain), Lines(held));

        static IEnumerable<string> Lines(Outcome outcome) => outcome.Output.Split('\n').Where(static line => !line.Contains("(b'_', ", StringComparison.Ordinal));
    }

    [KernelFact]
    public async Task Signals_StartAgainPassOnAndEnd()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, file) = await StartAsync(host, "", "");
        var first = program.Pid;

        await host.SignalAsync(pid, "USR1");
        Assert.Equal("SIGUSR1", await WordAsync(program, "signal"));
        await host.SignalAsync(pid, "HUP");
        Assert.Equal("SIGTERM", await WordAsync(program, "signal"));
        await program.ReadyAsync();
        Assert.NotEqual(first, program.Pid);
        await host.SignalAsync(pid, "TERM");
        Assert.Equal("SIGTERM", await WordAsync(program, "signal"));
        await program.EndAsync();

        Assert.Equal(5, program.ExitCode);
        Assert.Equal(
            ["started ok ", "option-set ok SO_REUSEADDR", "bind ok ", "listen ok ", "exited 5 ", "restarted ok SIGHUP", "option-set ok SO_REUSEADDR", "bind ok kept", "listen ok ", "exited 5 "],
            await EventsAsync(file));
    }

    // A script's shell has SIGINT ignored in what it starts with &.
    [KernelTheory]
    [InlineData("", true)]
    [InlineData("trap '' INT; ", false)]
    public async Task Interrupt_ThatTheProgramSurvives_IsFinalOnlyForItsOwnEnd(string before, bool isFinal)
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, _) = await StartAsync(host, "", "", before);
        await host.SignalAsync(pid, "INT");
        Assert.Equal("SIGINT", await WordAsync(program, "signal"));
        await host.SignalAsync(pid, "HUP");
        Assert.Equal("SIGTERM", await WordAsync(program, "signal"));
        await program.ReadyAsync();
        await host.SignalAsync(pid, "INT");
        Assert.Equal("SIGINT", await WordAsync(program, "signal"));
        await AskAsync(host, "die");
        if (isFinal)
            await program.EndAsync();
        else
            await program.ReadyAsync();
    }

    [KernelFact]
    public async Task Program_ThatDoesNotStop_IsKilledInTime()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, pid, _) = await StartAsync(host, "--stop-timeout=200ms", "ignore");
        await host.SignalAsync(pid, "TERM");
        await program.EndAsync();
        Assert.Equal(137, program.ExitCode);
        Assert.Contains("has not ended within 0.2 s: SIGKILL", program.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Leftovers_OfAStart_AreEndedBeforeTheNext()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await StartAsync(host, "--stop-timeout=200ms", "");
        var first = program.Pid;
        await AskAsync(host, "leave");
        await program.ReadyAsync();
        await Patience.UntilAsync(() => program.Error.Contains($" (pid {first}) left behind is ended", StringComparison.Ordinal), "the line that tells of it");
        Assert.Single(host.Processes.Commands(), static one => one.Value.Contains("hold_server.py", StringComparison.Ordinal) && !one.Value.Contains("--hold", StringComparison.Ordinal));
    }

    // A process keeps its children when it executes another file; and orphans come to this one, as in a container those of docker exec.
    [KernelFact]
    public async Task Processes_ThatTheProgramDidNotStart_AreLeftAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var (before, maker, later, go) = (Path.Combine(host.Folder, "before"), Path.Combine(host.Folder, "maker"), Path.Combine(host.Folder, "later"), Path.Combine(host.Folder, "go"));
        await host.SetUpAsync($"mkfifo {go}");
        var shell = $"sleep 600 & echo $! > {before}; (read _ < {go}; sleep 600 & echo $! > {later}) & echo $! > {maker}; exec \"$@\"";
        var program = host.Start(0, ["/bin/sh", "-c", shell, "sh", .. Hold, StopsPatiently, "--", "python3", "-B", "-S", Programs.Script("hold_server.py"), host.Folder]);
        await program.ReadyAsync();
        await host.RunAsync("/bin/sh", "-c", $"echo > {go}");
        var old = await PidAsync(maker);
        await Patience.UntilAsync(() => host.StateOf(old) == '-', "the end of the one that leaves an orphan");
        await AskAsync(host, "die");
        await program.ReadyAsync();
        foreach (var pid in new[] { await PidAsync(before), await PidAsync(later) })
            Assert.DoesNotContain(host.StateOf(pid), "-ZX");
        Assert.DoesNotContain("left behind", program.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Leftovers_WithoutAThreadToSpare_AreEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var program = "import os, resource, time\nos.fork() or time.sleep(600)\nresource.prlimit(os.getppid(), resource.RLIMIT_NPROC, (1, 1))\nos._exit(0)";
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, [.. Hold, "--restart=never", "--", "python3", "-S", "-c", program]);
        Assert.True(outcome.ExitCode == 0 && outcome.Error.Contains(" left behind is ended", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Events_ThatNobodyReads_HoldNobodyUp()
    {
        await using var host = await TestHost.OpenAsync();
        var (pipe, file, events) = (Path.Combine(host.Folder, "pipe"), Path.Combine(host.Folder, "pid"), "--events=-");
        await host.SetUpAsync($"mkfifo {pipe}");
        // Its ninth descriptor is the reader that does not read.
        var program = host.Start(0, ["/bin/bash", "-c", $"echo $$ > {file}; exec \"$@\" 9<> {pipe} > {pipe}", "sh", .. Hold, "--restart=never", events, "--", "yes"]);
        bool IsFull() => host.Processes.Commands().Any(one => one.Value == "yes" && host.StateOf(one.Key) == 'S');
        await Patience.UntilAsync(IsFull, "the full pipe");
        await host.SignalAsync(await PidAsync(file), "TERM");
        await program.EndAsync();
        Assert.Equal(143, program.ExitCode);
    }

    // The first one hands over to a helper when it is told to end: that one is told too, and nobody waits for its SIGKILL.
    [KernelFact]
    public async Task Rest_ThatBeginsWhileTheOthersEnd_IsToldToo()
    {
        await using var host = await TestHost.OpenAsync();
        const string Program = """
            import os, signal, sys, time
            again = os.path.exists(sys.argv[1])
            open(sys.argv[1], "a").close()
            if again:
                os._exit(0)
            left, end = os.pipe()
            if os.fork():
                os.read(left, 1)
                os._exit(1)
            def hand_over(*_):
                if os.fork() == 0:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    time.sleep(1000)
                os._exit(0)
            signal.signal(signal.SIGTERM, hand_over)
            os.write(end, b"x")
            time.sleep(1000)
            """;
        // For its SIGKILL it would wait longer than any run may take.
        var outcome = await host.RunAsync([.. Hold, "--stop-timeout=10m", "--", "python3", "-B", "-S", "-c", Program, Path.Combine(host.Folder, "note")]);
        Assert.True(outcome.ExitCode == 0 && outcome.Error.Contains("left behind is ended", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelTheory]
    [InlineData("keys")]
    [InlineData("hangup")]
    [InlineData("interrupt")]
    [InlineData("quit")]
    [InlineData("raw")]
    public async Task Terminal_ItsKeysAndItsEnd_StopResumeAndEnd(string what)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("hold_in_terminal.py"), what, host.Folder, .. Hold, StopsPatiently]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output == "ok\n", outcome.ToString());
    }

    internal static async Task<(TestProgram Program, int Pid, string Events)> StartAsync(TestHost host, string options, string words, string before = "")
    {
        var (file, events) = (Path.Combine(host.Folder, "pid"), Path.Combine(host.Folder, "events"));
        string[] patience = options.Contains("--stop-timeout", StringComparison.Ordinal) ? [] : [StopsPatiently];
        string[] given = [.. patience, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--events", events, "--"];
        string[] server = ["python3", "-B", "-S", Programs.Script("hold_server.py"), host.Folder, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var program = host.Start(0, ["/bin/sh", "-c", $"{before}echo $$ > {file}; exec \"$@\"", "sh", .. Hold, .. given, .. server]);
        await program.ReadyAsync();
        return (program, await PidAsync(file), events);
    }

    /// <summary>What a connection is answered after a line.</summary>
    internal static async Task<string> AskAsync(TestHost host, string line)
    {
        var outcome = await host.RunAsync("python3", "-S", "-c", $"import socket; one = socket.create_connection(('127.0.0.1', 8080)); one.sendall(b'{line}\\n'); print(one.makefile().readline().strip())");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output.Trim();
    }

    // What has no end yet is still being written.
    internal static async Task<IEnumerable<string>> EventsAsync(string file) =>
        (await File.ReadAllTextAsync(file)).Split('\n')[..^1].Select(static line => JsonDocument.Parse(line).RootElement)
            .Select(static one => $"{one.GetProperty("event")} {one.GetProperty("result")} {one.GetProperty("reason")}");

    private static async Task<int> PidAsync(string file) => int.Parse((await File.ReadAllTextAsync(file)).Trim(), CultureInfo.InvariantCulture);

    private static async Task<string> WordAsync(TestProgram program, string fact) => JsonDocument.Parse(await program.LineAsync()).RootElement.GetProperty(fact).ToString();
}
