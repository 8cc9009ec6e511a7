using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>wait: until a target is free, listened on or closed, and then a command.</summary>
public sealed class WaitTests
{
    private const string Orphan = "tcp 127.0.0.1 8080 then server.close listener.close";
    private static readonly string[] Sleep = ["sleep", "30"];

    [KernelTheory]
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.1 8080 listen")]
    [InlineData("8080", "tcp 0.0.0.0 8080 reuseaddr listen")]
    [InlineData("127.0.0.1:8080", "tcp 127.0.0.1 8080")]
    [InlineData("127.0.0.1:8080/udp", "udp 127.0.0.1 8080")]
    [InlineData("@app", "unix @app listen")]
    public async Task Free_TheHolderEnds_IsMetAndBecomesTheCommand(string target, string holding)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", holding);
        var waiting = host.Start(TestHost.Nobody, Programs.Bindwise, "wait", target, "--", "/bin/sh", "-c", "echo $0 $PPID; exit 7", "begun");
        await Patience.UntilAsync(() => waiting.Error.Contains("bindwise: waiting: ", StringComparison.Ordinal), "the line that says what it waits for");
        Assert.False(waiting.HasEnded);

        await host.SignalAsync(holder.Pid, "KILL");

        Assert.StartsWith("begun ", await waiting.LineAsync(), StringComparison.Ordinal);
        await waiting.EndAsync();
        Assert.Equal(7, waiting.ExitCode);
        Assert.Single(waiting.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // The socket stays, and lets the next one by: nothing else changes that a look at it would tell.
    [KernelFact]
    public async Task Free_TheHolderSetsAnOption_IsMetAndFollowed()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = host.Start(0, "python3", "-B", "-S", "-c", """
            import socket, sys, time
            held = socket.socket()
            held.bind(("127.0.0.1", 8080))
            print("ready", flush=True)
            sys.stdin.readline()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await holder.LineAsync());
        var waiting = host.Start(0, Programs.Bindwise, "wait", "127.0.0.1:8080");
        var following = host.Start(0, Programs.Bindwise, "why", "127.0.0.1:8080", "--follow", "--json");
        await Patience.UntilAsync(() => waiting.Error.Contains("bindwise: waiting: ", StringComparison.Ordinal), "the line that says what it waits for");
        Assert.Contains("\"blocked\"", await following.LineAsync(), StringComparison.Ordinal);
        await holder.ReportAsync("\n");
        Assert.Contains("\"free\"", await following.LineAsync(), StringComparison.Ordinal);
        await waiting.EndAsync();
        Assert.Equal(0, waiting.ExitCode);
    }

    [KernelFact]
    public async Task Free_IntoAPipe_SaysTheReasonOnceAndHowItEnded()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var late = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "--timeout", "3s");
        // On a machine that had no time to say that it waits, the last line has the reason.
        Assert.True(late.Error.Split("hold.py").Length == 2 && late.Error.Contains("bindwise: timed out after ", StringComparison.Ordinal), late.ToString());
        var waiting = host.Start(0, Programs.Bindwise, "wait", "127.0.0.1:8080");
        await Patience.UntilAsync(() => waiting.Error.Contains("bindwise: waiting: ", StringComparison.Ordinal), "the line that says what it waits for");
        await host.SignalAsync(holder.Pid, "KILL");
        await waiting.EndAsync();
        Assert.Matches("\nbindwise: 127.0.0.1:8080/tcp is free \\(after [^)]+\\)\n$", waiting.Error);
        var quiet = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "-q");
        Assert.Equal((0, ""), (quiet.ExitCode, quiet.Error));
    }

    [KernelFact]
    public async Task Free_AUnixPath_WaitsForItsFileToo()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var holder = await host.StartScriptAsync("hold.py", $"unix {path} listen");
        await host.SignalAsync(holder.Pid, "KILL");
        var early = await host.RunAsync(Programs.Bindwise, "wait", path, "--timeout", "300ms");
        Assert.True(early.ExitCode == 1 && early.Error.Contains("timed out after ", StringComparison.Ordinal), early.ToString());
        var waiting = host.Start(0, Programs.Bindwise, "wait", path, "--json");

        await host.SetUpAsync("rm " + path);

        Assert.Contains("\"met\":true", await waiting.LineAsync(), StringComparison.Ordinal);
    }

    // The summary tells the time that is left; it is no longer than that of its time.
    [KernelFact]
    public async Task Free_TheTimeIsOver_TellsWhatIsLeftThen()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then server.close client.close listener.close");
        await host.Sockets.UntilAsync(8080, "TIME_WAIT");
        var began = DateTimeOffset.Now;
        var outcome = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "--plain", "--json", "--timeout", "4s");
        using var line = JsonDocument.Parse(outcome.Output);
        var freeAt = DateTimeOffset.Parse(line.RootElement.GetProperty("freeAt").GetString()!, CultureInfo.InvariantCulture);
        var told = Regex.Match(line.RootElement.GetProperty("summary").GetString()!, "for another ([0-9]+) s").Groups[1].Value;
        Assert.True(told.Length > 0, outcome.ToString());
        var answered = freeAt - TimeSpan.FromSeconds(int.Parse(told, CultureInfo.InvariantCulture));
        Assert.True(answered > began + TimeSpan.FromSeconds(2.5), $"{answered:O} of {began:O}: {outcome}");
    }

    [KernelFact]
    public async Task Free_ATimerOfTheKernel_EndsWithIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.tcp_fin_timeout", "6");
        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var outcome = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "--plain", "-q");
        Assert.Equal((0, "", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [KernelTheory]
    [InlineData("8080", "tcp 127.0.0.1 8080 listen", "127.0.0.1:8080")]
    [InlineData("127.0.0.1:8080", "tcp :: 8080 dual listen", "[::]:8080")]
    [InlineData("localhost:8080", "tcp ::1 8080 listen", "[::1]:8080")]
    [InlineData("8080/udp", "udp 0.0.0.0 8080", "0.0.0.0:8080")]
    [InlineData("@app", "unix @app listen", "@app")]
    [InlineData("@app", "unix @app seqpacket listen", "@app")]
    [InlineData("@app", "unix @app dgram client", "@app")]
    public async Task Listening_SomebodyListens_IsMet(string target, string holding, string listener)
    {
        await using var host = await TestHost.OpenAsync();
        await host.NameAsync("127.0.0.1 localhost\n::1 localhost\n");
        string[] connect = holding.StartsWith("udp", StringComparison.Ordinal) ? [] : ["--connect"];
        var waiting = host.Start(TestHost.Nobody, [Programs.Bindwise, "wait", "--until", "listening", target, "--json", .. connect]);
        await host.StartScriptAsync("hold.py", holding);

        using var line = JsonDocument.Parse(await waiting.LineAsync());
        Assert.True(line.RootElement.GetProperty("met").GetBoolean());
        Assert.Equal([listener], line.RootElement.GetProperty("listeners").EnumerateArray().Select(static one => one.GetString()));
        await waiting.EndAsync();
        Assert.Equal((0, ""), (waiting.ExitCode, waiting.Error.Trim()));
    }

    [KernelTheory]
    [InlineData("127.0.0.2:8080", "tcp 127.0.0.1 8080 listen")]
    [InlineData("127.0.0.1:8080", "tcp :: 8080 v6only listen")]
    [InlineData("[::1]:8080", "tcp 0.0.0.0 8080 listen")]
    [InlineData("8080", "tcp 127.0.0.1 8080")]
    [InlineData("8080/udp", "tcp 127.0.0.1 8080 listen")]
    public async Task Listening_SomethingElseIsThere_TimesOut(string target, string holding)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", holding);
        var outcome = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", target, "--timeout", "200ms");
        Assert.True(outcome.ExitCode == 1 && outcome.Error.Contains($"nothing listens on {target}", StringComparison.Ordinal), outcome.ToString());
        var closed = await host.RunAsync(Programs.Bindwise, "wait", "--until", "closed", target, "--timeout", "200ms");
        Assert.Equal(0, closed.ExitCode);
    }

    // Both interfaces have the address.
    [KernelTheory]
    [InlineData("[fe80::7%v0]:8080", "tcp fe80::7 8080 listen device=v0", true)]
    [InlineData("[fe80::7%v1]:8080", "tcp fe80::7 8080 listen device=v0", false)]
    [InlineData("[fe80::7%v1]:8080", "tcp :: 8080 listen device=v0", false)]
    [InlineData("[fe80::7%v1]:8080", "tcp :: 8080 listen", true)]
    [InlineData("8080 --device v0", "tcp 0.0.0.0 8080 listen device=v0", true)]
    [InlineData("8080 --device v1", "tcp 0.0.0.0 8080 listen device=v0", false)]
    public async Task Listening_OnAnInterface_IsMetByWhatServesThere(string target, string holding, bool serves)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        foreach (var link in (string[])["v0", "v1"])
        {
            await host.SetUpAsync($"ip link set {link} up");
            await host.SetUpAsync($"ip -6 address add fe80::7/64 dev {link} nodad");
        }
        await host.StartScriptAsync("hold.py", holding);
        var listening = await host.RunAsync([Programs.Bindwise, "wait", "--until", "listening", .. target.Split(' '), "--timeout", "200ms"]);
        Assert.True(listening.ExitCode == (serves ? 0 : 1), listening.ToString());
        var closed = await host.RunAsync([Programs.Bindwise, "wait", "--until", "closed", .. target.Split(' '), "--timeout", "200ms"]);
        Assert.True(closed.ExitCode == (serves ? 1 : 0), closed.ToString());
    }

    // Of a UNIX socket, a non-blocking connect() gets EAGAIN then.
    [KernelFact]
    public async Task Listening_TheQueueIsFull_TimesOut()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        await host.StartScriptAsync("hold.py", $"unix {path} listen backlog=0 client");
        var outcome = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", path, "--timeout", "200ms");
        Assert.True(outcome.ExitCode == 1 && outcome.Error.Contains($"the listener on {path} takes no connection", StringComparison.Ordinal), outcome.ToString());
        var listed = await host.RunAsync(Programs.Bindwise, "ls", path);
        Assert.Contains("accepts no connections: 1 waits, as many as a backlog of 0 allows", listed.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Listening_NoSourcePortIsLeft_TimesOutAndNamesIt()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40000");
        await host.StartScriptAsync("connect.py", "tcp 127.0.0.1 8080 then");
        var outcome = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", "--connect", "127.0.0.1:8080", "--timeout", "200ms");
        Assert.True(outcome.ExitCode == 1 && outcome.Error.Contains("no connection to the listener on 127.0.0.1:8080/tcp (Cannot assign requested address; "
            + "see bindwise why \"connect 127.0.0.1:8080\")\n", StringComparison.Ordinal), outcome.ToString());
        var why = await host.RunAsync(Programs.Bindwise, "why", "connect 127.0.0.1:8080");
        Assert.StartsWith("A connection to 127.0.0.1:8080 gets no source port", why.Output, StringComparison.Ordinal);
    }

    // As connect() does, and unlike bind().
    [KernelTheory]
    [InlineData("app.sock")]
    [InlineData("{0}/app.sock")]
    [InlineData("other.link")]
    public async Task Listening_ThroughASymbolicLink_IsMet(string leadsTo)
    {
        await using var host = await TestHost.OpenAsync();
        var link = Path.Combine(host.Folder, "app.link");
        File.CreateSymbolicLink(link, string.Format(CultureInfo.InvariantCulture, leadsTo, host.Folder));
        File.CreateSymbolicLink(Path.Combine(host.Folder, "other.link"), "app.sock");
        var dangling = await host.RunAsync(Programs.Bindwise, "wait", "--until", "closed", link);
        Assert.True(dangling.ExitCode == 0, dangling.ToString());
        await host.StartScriptAsync("hold.py", $"unix {host.Folder}/app.sock listen");
        var listening = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", "--connect", link);
        Assert.True(listening.ExitCode == 0, listening.ToString());
        var closed = await host.RunAsync(Programs.Bindwise, "wait", "--until", "closed", link, "--timeout", "200ms");
        Assert.True(closed.ExitCode == 1 && closed.Error.Contains($"something still listens on {link}", StringComparison.Ordinal), closed.ToString());
    }

    [KernelTheory]
    [InlineData("closed", "private/app.sock")]
    [InlineData("listening", "private/app.sock")]
    [InlineData("closed", "app.link")]
    public async Task Path_ThatCannotBeSeen_IsAnError(string until, string name)
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        File.CreateSymbolicLink(Path.Combine(host.Folder, "app.link"), "private/app.sock");
        await host.StartScriptAsync("hold.py", $"unix {folder}/app.sock listen");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "wait", "--until", until, Path.Combine(host.Folder, name), "--timeout", "200ms");
        Assert.True(outcome.ExitCode == 2 && outcome.Error.Contains("cannot be seen by this user", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelFact]
    public async Task Closed_TheListenerEnds_IsMetOverTimeWait()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("connect.py", Orphan);
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.2 8080 listen");
        var waiting = host.Start(TestHost.Nobody, Programs.Bindwise, "wait", "--until", "closed", "8080", "--json");
        await host.SignalAsync(holder.Pid, "KILL");
        Assert.Contains("\"until\":\"closed\",\"met\":true", await waiting.LineAsync(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Listening_AnotherNamespace_IsSeenThere()
    {
        await using var host = await TestHost.OpenAsync();
        var elsewhere = host.Start(0, ["unshare", "--net", "/bin/sh", "-c", "ip link set lo up && echo $$ && exec python3 -B -S \"$0\" tcp 127.0.0.1 8080 listen", Programs.Script("hold.py")]);
        var pid = (await elsewhere.LineAsync()).Trim();
        await elsewhere.ReadyAsync();
        var there = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", "--connect", "8080", "--netns", pid, "--timeout", "3m");
        Assert.True(there.ExitCode == 0, there.ToString());
        var here = await host.RunAsync(Programs.Bindwise, "wait", "--until", "listening", "8080", "--timeout", "100ms", "-q");
        Assert.Equal((1, ""), (here.ExitCode, here.Error));
        var waiting = host.Start(0, Programs.Bindwise, "wait", "8080", "--netns", pid);
        await Patience.UntilAsync(() => waiting.Error.Contains("bindwise: waiting: ", StringComparison.Ordinal), "the line that says what it waits for");
        await host.SignalAsync(int.Parse(pid, CultureInfo.InvariantCulture), "KILL");
        await waiting.EndAsync();
        // Free there, or gone with its last process.
        Assert.True(waiting.ExitCode is 0 or 2, waiting.Error);
    }

    // A path is of no network namespace: as a container has its host's docker.sock.
    [KernelTheory]
    [InlineData("listen", "--connect")]
    [InlineData("seqpacket listen", "--connect")]
    [InlineData("dgram", "--connect")]
    [InlineData("dgram", "")]
    public async Task Path_ServedFromAnotherNetworkNamespace_IsSeen(string kind, string option)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var server = host.Start(0, ["unshare", "--net", "python3", "-B", "-S", Programs.Script("hold.py"), "unix", path, .. kind.Split(' ')]);
        await server.ReadyAsync();
        var listening = await host.RunAsync([Programs.Bindwise, "wait", "--until", "listening", path, "--timeout", "1m", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.True(listening.ExitCode == 0, listening.ToString());
        var closed = await host.RunAsync(Programs.Bindwise, "wait", "--until", "closed", path, "--timeout", "200ms");
        Assert.True(closed.ExitCode == 1, closed.ToString());
        await host.SignalAsync(server.Pid, "KILL");
        closed = await host.RunAsync(Programs.Bindwise, "wait", "--until", "closed", path, "--timeout", "1m");
        Assert.True(closed.ExitCode == 0, closed.ToString());
    }

    [KernelFact]
    public async Task Several_AllOrAny()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var all = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "127.0.0.1:8081", "--json", "--timeout", "200ms");
        Assert.Equal(1, all.ExitCode);
        Assert.Equal([false, true], Met(all));
        var any = await host.RunAsync(Programs.Bindwise, "wait", "127.0.0.1:8080", "127.0.0.1:8081", "--json", "--any", "--timeout", "3m");
        Assert.Equal(0, any.ExitCode);
        Assert.Equal([false, true], Met(any));
    }

    [KernelTheory]
    [InlineData(80)]
    [InlineData(20)]
    [Trait("Lane", "second")]
    public async Task Free_OnATerminal_CountsDownInOneLine(int columns)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.tcp_fin_timeout", "60");
        await host.StartScriptAsync("connect.py", Orphan);
        await host.Sockets.UntilAsync(8080, "FIN_WAIT2");
        var outcome = await host.RunAsync(
            "python3", "-B", "-S", Programs.Script("in_terminal.py"), columns.ToString(CultureInfo.InvariantCulture), Programs.Bindwise, "wait", "127.0.0.1:8080");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        var lines = outcome.Output.Split("\r\u001b[K");
        Assert.True(lines.Length > 3, outcome.ToString());
        Assert.All(lines[1..^1], line => Assert.True(line.Length < columns && !line.Contains('\n', StringComparison.Ordinal), line));
        Assert.StartsWith("bindwise:", lines[^1], StringComparison.Ordinal);
        if (columns == 80)
            Assert.Contains("free in ", lines[1], StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("nosuchprogram", 127, "bindwise: nosuchprogram: command not found")]
    [InlineData("./note", 126, "bindwise: ./note: permission denied")]
    [InlineData("/nosuch/program", 127, "bindwise: /nosuch/program: command not found")]
    [InlineData("./lost", 127, "bindwise: ./lost: the interpreter or loader that it names was not found")]
    public async Task Command_ThatCannotBeStarted_EndsAsAShellDoes(string program, int exitCode, string error)
    {
        await using var host = await TestHost.OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "note"), "not executable\n");
        var lost = Path.Combine(host.Folder, "lost");
        await File.WriteAllTextAsync(lost, "#!/nosuch/interpreter\n");
        File.SetUnixFileMode(lost, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var outcome = await host.RunAsync("/bin/sh", "-c", "cd \"$1\" && exec \"$0\" wait 8080 -- \"$2\"", Programs.Bindwise, host.Folder, program);
        Assert.Equal((exitCode, error), (outcome.ExitCode, outcome.Error.Trim()));
    }

    [KernelFact]
    public async Task Command_IsItselfWithItsInputBytesAndSignals()
    {
        await using var host = await TestHost.OpenAsync();
        // The option, the target-like words and the bytes are the command's; so is the input, and SIGPIPE kills as it does by default.
        var outcome = await host.RunAsAsync(
            0, "typed\n", "/bin/sh", "-c", "exec env --default-signal=PIPE \"$0\" wait 8080 -- /bin/sh -c 'cat; printf %s \"$1\" | od -An -tx1; grep SigIgn /proc/self/status; shift; echo \"$@\"' sh \"$(printf '@\\377')\" --json 8080 -- @x",
            Programs.Bindwise);
        Assert.Equal(["typed", " 40 ff", "SigIgn:\t0000000000000000", "--json 8080 -- @x"], outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", outcome.Error);
    }

    [KernelFact]
    public async Task Wait_CtrlC_EndsWith130()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var outcome = await host.RunAsync(["timeout", "--preserve-status", "--signal=INT", "4", Programs.Bindwise, "wait", "127.0.0.1:8080", "-q", "--", .. Sleep]);
        Assert.Equal((130, "", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    private static IEnumerable<bool> Met(Outcome outcome) =>
        outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("met").GetBoolean();
        });
}
