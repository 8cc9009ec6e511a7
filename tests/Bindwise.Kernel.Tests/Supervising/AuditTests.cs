using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>audit: small programs with one planted fault each, and what is found in them.</summary>
[Trait("Lane", "second")]
public sealed class AuditTests
{
    private static readonly string[] Python = ["python3", "-B", "-S", Programs.Script("audit_programs.py")];

    // Without a look at the program's sockets nothing would be found, and nothing is not clean.
    [KernelTheory]
    [InlineData("1@seccomp")]
    [InlineData("1@pidfd_getfd")]
    [InlineData("38@pidfd_getfd")]
    [InlineData("1@pidfd_open")]
    [InlineData("38@pidfd_open")]
    [InlineData("1@process_vm_readv")]
    public async Task Audit_WhereTheSystemDoesNotAllowIt_SaysSoAndStartsNothing(string denied)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("filter.py"), denied, Programs.Bindwise, "audit", "--", .. Python, "without_option"]);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        var error = Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("bindwise: cannot audit: ", error, StringComparison.Ordinal);
        Assert.Contains(denied.Split('@')[1], error, StringComparison.Ordinal);
        Assert.Equal(denied is "1@pidfd_getfd" or "1@process_vm_readv", error.Contains("kernel.yama.ptrace_scope", StringComparison.Ordinal));
    }

    [KernelTheory("cc", "node")]
    [InlineData("late_option", "BWA001")]
    [InlineData("c_late_v6only", "BWA001")]
    [InlineData("without_option", "BWA002")]
    [InlineData("c_without_option", "BWA002")]
    [InlineData("reuse_port", "BWA003")]
    [InlineData("closes_first", "BWA004")]
    [InlineData("inherited", "BWA005")]
    [InlineData("c_inherited", "BWA005")]
    [InlineData("inherited_number", "BWA005")]
    [InlineData("inherited_variable", "BWA005")]
    [InlineData("wildcard", "BWA006")]
    [InlineData("ephemeral", "BWA007")]
    [InlineData("node_ephemeral", "BWA007")]
    [InlineData("backlog_cut", "BWA008")]
    [InlineData("backlog_full", "BWA009")]
    [InlineData("source_address", "BWA010")]
    [InlineData("c_source_port", "BWA010")]
    [InlineData("looked_for", "BWA011")]
    [InlineData("node_looked_for", "BWA011")]
    [InlineData("tried", "BWA011")]
    [InlineData("default_v6only", "BWA012")]
    [InlineData("both_families", "BWA012", "error")]
    [InlineData("both_families_ipv6_first", "BWA012", "error")]
    [InlineData("file_left", "BWA013")]
    [InlineData("c_error_ignored", "BWA014")]
    [InlineData("clean_server", "")]
    [InlineData("clean_named_option", "")]
    [InlineData("clean_named_word", "")]
    [InlineData("clean_named_file", "")]
    [InlineData("clean_redirected", "")]
    [InlineData("clean_variable", "")]
    [InlineData("clean_client_first", "")]
    [InlineData("clean_deferred", "")]
    [InlineData("clean_pair", "")]
    [InlineData("clean_beside", "")]
    [InlineData("clean_specific", "")]
    [InlineData("clean_own_link", "")]
    [InlineData("clean_unix", "")]
    [InlineData("clean_c", "")]
    [InlineData("clean_node", "")]
    public async Task Program_WithAPlantedFault_IsFoundExactly(string name, string rule, string? severity = null)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await AuditAsync(host, 0, name);
        var report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(report.GetProperty("exitCode").GetInt32() == 0, outcome.ToString());
        Assert.Equal("by-itself", report.GetProperty("end").GetString());
        var found = report.GetProperty("findings").EnumerateArray().ToList();
        Assert.True(found.Select(static one => one.GetProperty("rule").GetString()).SequenceEqual(rule.Length == 0 ? [] : [rule]), outcome.ToString());
        var fails = found.Any(static one => one.GetProperty("severity").GetString() != "note");
        Assert.Equal(fails ? 1 : 0, outcome.ExitCode);
        if (severity is not null)
            Assert.Equal(severity, Assert.Single(found).GetProperty("severity").GetString());
    }

    // "up": the program says so, and goes on.
    [KernelTheory]
    [InlineData("taken_connects", false, "error and the socket connected without it")]
    [InlineData("taken_sends", false, "error and the socket was used without it")]
    [InlineData("taken_ends", false, "warning and the program ended with 0")]
    [InlineData("taken_goes_on", true, "warning and the program goes on without it")]
    [InlineData("taken_ends_with_3", false, "")]
    [InlineData("taken_tries_again", true, "")]
    [InlineData("taken_next_port", false, "")]
    public async Task BindThatFails_AndWhoIgnoresIt(string name, bool goesOn, string expected)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseaddr listen and udp 127.0.0.1 8080");
        var audit = StartAudit(host, [.. Python, name]);
        await audit.ReadyAsync();
        if (goesOn)
        {
            await Patience.UntilAsync(() => audit.Error.Contains("up\n", StringComparison.Ordinal), "the program's word");
            await host.SignalAsync(audit.Pid, "INT");
        }
        var report = JsonDocument.Parse(await audit.LineAsync()).RootElement;
        var found = report.GetProperty("findings").EnumerateArray().Where(static one => one.GetProperty("rule").GetString() == "BWA014").Select(static one => $"{one.GetProperty("severity")} {one.GetProperty("message")}").ToList();
        Assert.Equal(expected.Length == 0 ? [] : [expected.Replace(" and ", $" bind() to 127.0.0.1:8080/{(name == "taken_sends" ? "udp" : "tcp")} failed with EADDRINUSE, and ", StringComparison.Ordinal)], found);
    }

    [KernelFact]
    public async Task ListenThatFails_AndIsIgnored_IsFound()
    {
        await using var host = await TestHost.OpenAsync();
        var report = JsonDocument.Parse((await AuditAsync(host, 0, "taken_listens")).Output).RootElement;
        Assert.Equal(["listen() on 127.0.0.1:8082/tcp failed with EADDRINUSE, and the program ended with 0"],
            report.GetProperty("findings").EnumerateArray().Where(static one => one.GetProperty("rule").GetString() == "BWA014").Select(static one => one.GetProperty("message").GetString()));
    }

    [KernelFact]
    public async Task Findings_AreListedWithTheSeverestFirst()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await AuditAsync(host, 0, "note_before_warning");
        Assert.Equal(["warning", "note"], JsonDocument.Parse(outcome.Output).RootElement.GetProperty("findings").EnumerateArray().Select(static one => one.GetProperty("severity").GetString()));
    }

    // Its own process ends at once, and leaves the other one, which counts.
    [KernelFact]
    public async Task Interrupt_TellsWhatTheProgramLeftOnce()
    {
        await using var host = await TestHost.OpenAsync();
        var audit = StartAudit(host, ["sh", "-c", "python3 -B -S \"$0\" told & wait", Programs.Script("audit_programs.py")]);
        await audit.ReadyAsync();
        await Patience.UntilAsync(() => audit.Error.Contains("up\n", StringComparison.Ordinal), "the program's word");
        await host.SignalAsync(audit.Pid, "INT");
        await audit.LineAsync();
        await audit.EndAsync();
        Assert.Equal(2, audit.Error.Split("told\n").Length);
    }

    // Ctrl+C reaches the program too, and may end it before the audit knows of it. nsenter would stop with what it started.
    [KernelFact]
    public async Task Interrupt_OfAProgramThatHasEndedByIt_TellsNothingOfWhatGoesOn()
    {
        const string script = """
            import os, signal, subprocess, sys
            audit = subprocess.Popen([sys.argv[1], "audit", "--", "sh", "-c", "sleep 600 & echo $$; exec sleep 600"],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            program = int(audit.stdout.readline())
            os.kill(audit.pid, signal.SIGSTOP)
            os.kill(program, signal.SIGKILL)
            os.kill(audit.pid, signal.SIGINT)
            os.kill(audit.pid, signal.SIGCONT)
            print(*audit.communicate())
            """;
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("python3", "-B", "-S", "-c", script, Programs.Bindwise);
        Assert.Contains("the audit was interrupted", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("that it started", outcome.Output, StringComparison.Ordinal);
    }

    // Dumps of their threads are what servers answer it with.
    [KernelFact]
    public async Task Quit_ThatIsTyped_EndsTheAuditOnlyWithTheProgram()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("hold_in_terminal.py"), "report", host.Folder, Programs.Bindwise, "audit", "--");
        Assert.True(outcome.ExitCode == 0 && outcome.Output == "ok\n", outcome.ToString());
    }

    // What a shell's bg does: SIGCONT to the whole process group, and the terminal is the shell's own.
    [KernelFact]
    public async Task Program_ContinuedInTheBackground_GoesOn()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("hold_in_terminal.py"), "background", host.Folder, Programs.Bindwise, "audit", "--");
        Assert.True(outcome.ExitCode == 0 && outcome.Output == "ok\n", outcome.ToString());
    }

    // A process keeps its children when it executes another file.
    [KernelFact]
    public async Task Processes_ThatTheProgramDidNotStart_AreNotTold()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("/bin/sh", "-c", "sleep 600 > /dev/null 2>&1 & exec \"$@\"", "sh", Programs.Bindwise, "audit", "--", "true");
        Assert.DoesNotContain("that it started", outcome.Error, StringComparison.Ordinal);
    }

    [KernelFact("cc")]
    public async Task Finding_SaysWhereAndWhatToWrite()
    {
        await using var host = await TestHost.OpenAsync();
        var finding = JsonDocument.Parse((await AuditAsync(host, 0, "c_without_option")).Output).RootElement.GetProperty("findings")[0];
        Assert.Equal("setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));", finding.GetProperty("code").GetString());
        Assert.Equal("c_without_optio", finding.GetProperty("program").GetString());
        var place = finding.GetProperty("place");
        Assert.EndsWith("/c_without_option", place.GetProperty("file").GetString(), StringComparison.Ordinal);
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
            Assert.Equal("start_server", place.GetProperty("function").GetString());
    }

    [KernelFact("cc")]
    public async Task Program_ThatRustBuilt_IsGivenRust()
    {
        await using var host = await TestHost.OpenAsync();
        var finding = JsonDocument.Parse((await AuditAsync(host, 0, "rust_without_option")).Output).RootElement.GetProperty("findings")[0];
        Assert.Equal("socket.set_reuse_address(true)?;", finding.GetProperty("code").GetString());
        const string LeavesTimeWait = "import socket; one = socket.create_server(('127.0.0.1', 8080)); client = socket.create_connection(('127.0.0.1', 8080)); one.accept()[0].close(); client.recv(1)";
        await host.RunAsync("python3", "-S", "-c", LeavesTimeWait);
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--no-reuse-address", "--", Path.Combine(host.Folder, "rust_without_option"));
        Assert.Contains("socket.set_reuse_address(true)?;", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 143)]
    public async Task Program_EndsByItself_IsToldApartFromTheAuditsEnd(string command, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "audit", "sh", "-c", "echo out; " + command);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.StartsWith("out\n", StringComparison.Ordinal), outcome.ToString());
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"no findings; the program ended with {exitCode} after "), outcome.Output, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("never", 0)]
    [InlineData("error", 0)]
    [InlineData("warning", 1)]
    [InlineData("note", 1)]
    public async Task FailOn_DecidesTheExitCode(string severity, int exitCode)
    {
        await using var host = await TestHost.OpenAsync();
        Assert.Equal(exitCode, (await AuditAsync(host, 0, "without_option", "--fail-on", severity)).ExitCode);
    }

    [KernelTheory]
    [InlineData("/nowhere/at/all", 127, "/nowhere/at/all: command not found")]
    [InlineData("/etc/passwd/x", 126, "/etc/passwd/x: not a directory")]
    [InlineData("/etc/passwd", 126, "/etc/passwd: permission denied")]
    public async Task Program_ThatCannotBeExecuted_IsAsInAShell(string command, int exitCode, string error)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "audit", command);
        Assert.Equal((exitCode, "", $"bindwise: {error}\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [KernelFact]
    public async Task Audit_UnderAnotherSupervisor_SaysSoAndStartsNothing()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "run", Programs.Bindwise, "audit", "echo", "started");
        Assert.Equal((2, "", "bindwise: cannot audit: another supervisor, such as another bindwise run, already watches this process, and keeps doing so (EBUSY, seccomp)\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [KernelFact]
    public async Task Program_OfAnotherUser_IsAuditedWithoutRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, [Programs.Bindwise, "audit", "-q", "--", .. Python, "without_option"]);
        Assert.True(outcome is { ExitCode: 1, Error: "" } && outcome.Output.StartsWith("1 finding (1 warning); the program ended with 0", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Time_IsOver_EndsTheProgramAndWhatItStarted()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "audit", "--for", "200ms", "sh", "-c", "trap '' TERM; sleep 987 & exec sleep 986");
        Assert.True(outcome.ExitCode == 0 && outcome.Output.StartsWith("no findings; the time was up, and the program was stopped after ", StringComparison.Ordinal), outcome.ToString());
        Assert.DoesNotContain(host.Processes.Commands().Values, static command => command.Contains("sleep 98", StringComparison.Ordinal));
    }

    [KernelFact]
    public async Task Interrupt_EndsTheProgramAndReports()
    {
        await using var host = await TestHost.OpenAsync();
        var audit = StartAudit(host, ["python3", "-B", "-S", Programs.Script("run_server.py"), "127.0.0.1", "8080", "stay"]);
        await audit.ReadyAsync();
        await Patience.UntilAsync(() => audit.Error.Contains("\"port\": 8080", StringComparison.Ordinal), "the program's line, on standard error");
        await host.SignalAsync(audit.Pid, "INT");
        var report = JsonDocument.Parse(await audit.LineAsync()).RootElement;
        Assert.Equal(("interrupted", 143), (report.GetProperty("end").GetString(), report.GetProperty("exitCode").GetInt32()));
        Assert.Equal("BWA002", report.GetProperty("findings")[0].GetProperty("rule").GetString());
        await audit.EndAsync();
        Assert.Equal(1, audit.ExitCode);
    }

    [KernelTheory]
    [InlineData("rewrite")]
    [InlineData("blind")]
    [InlineData("pointers")]
    [InlineData("namespaces")]
    [InlineData("full")]
    [InlineData("crowd")]
    public async Task Program_WhateverItDoes_GetsItsAnswers(string what)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(Programs.Bindwise, "audit", "--sarif", "--fail-on", "never", "python3", "-B", "-S", Programs.Script("run_hostile.py"), what);
        Assert.Equal((0, what + "\n"), (outcome.ExitCode, outcome.Error));
    }

    [KernelFact]
    public async Task Attach_ToAServer_TellsWhatCanBeTold()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("run_server.py", "0.0.0.0 8080 stay");
        await host.RunAsync("python3", "-B", "-S", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080)).close()");
        var outcome = await host.RunAsync(Programs.Bindwise, "audit", "--json", "--attach", server.Pid.ToString(CultureInfo.InvariantCulture));
        var report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(outcome.ExitCode == 1 && report.GetProperty("end").GetString() == "running", outcome.ToString());
        Assert.Contains("BWA002", report.GetProperty("findings").EnumerateArray().Select(static one => one.GetProperty("rule").GetString()));
    }

    [KernelFact]
    public async Task Attach_ToAWildcard_CountsNoConnectionOfAnotherProgramsListener()
    {
        await using var host = await TestHost.OpenAsync();
        var wildcard = await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseport listen");
        Assert.Equal(["BWA003", "BWA006"], await RulesAsync());
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseport listen");
        Assert.Equal(["BWA003"], await RulesAsync());

        async Task<IEnumerable<string?>> RulesAsync()
        {
            await host.RunAsync("python3", "-B", "-S", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080)).close()");
            var outcome = await host.RunAsync(Programs.Bindwise, "audit", "--json", "--attach", wildcard.Pid.ToString(CultureInfo.InvariantCulture));
            return JsonDocument.Parse(outcome.Output).RootElement.GetProperty("findings").EnumerateArray().Select(static one => one.GetProperty("rule").GetString());
        }
    }

    [KernelFact]
    public async Task Attach_ToAZombie_SaysThatItHasEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("python3", "-B", "-S", "-c",
            "import os, subprocess, sys\npid = os.fork() or os._exit(0)\nos.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nsys.exit(subprocess.call([*sys.argv[1:], str(pid)]))",
            Programs.Bindwise, "audit", "--attach");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(": it has ended (a zombie, until its parent has asked for its exit code)\n", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory("nginx", "redis-server", "node", "gunicorn")]
    [InlineData("nginx", "BWA004")]
    [InlineData("nginx-reuseport", "BWA004")]
    [InlineData("redis", "BWA004 BWA006")]
    [InlineData("node", "BWA004")]
    [InlineData("gunicorn", "BWA004")]
    public async Task RealServer_HasNoFindingButWhatIsTrueOfIt(string name, string rule)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("audit_real.py"), name, Programs.Bindwise);
        var report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.True(report.GetProperty("findings").EnumerateArray().All(one => rule.Contains(one.GetProperty("rule").GetString()!, StringComparison.Ordinal) && one.GetProperty("severity").GetString() == "note"), outcome.ToString());
        Assert.Contains(report.GetProperty("events").EnumerateArray(), static one => one.GetProperty("event").GetString() == "listen");
    }

    // Its first line is its process id, for signals.
    private static TestProgram StartAudit(TestHost host, string[] program) =>
        host.Start(0, ["/bin/bash", "-c", "echo \"{\\\"pid\\\":$$}\"; exec \"$@\"", "sh", Programs.Bindwise, "audit", "--json", "--", .. program]);

    private static Task<Outcome> AuditAsync(TestHost host, int user, string name, params string[] options) =>
        host.RunAsAsync(user, null, ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", host.Folder, Programs.Bindwise, "audit", "--json", .. options, "--", .. Python, name]);
}
