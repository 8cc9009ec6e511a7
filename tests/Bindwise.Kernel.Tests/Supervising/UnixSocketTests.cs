using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run and run --hold: servers on UNIX sockets.</summary>
[Trait("Lane", "second")]
public sealed class UnixSocketTests
{
    private static readonly string[] Server = ["python3", "-B", "-S", Programs.Script("unix_server.py")];

    [KernelTheory]
    [InlineData("run", 0)]
    [InlineData("run", TestHost.Nobody)]
    [InlineData("run --hold --restart=never", 0)]
    public async Task FileOfAnEndedServer_IsExplained(string verb, int user)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        Assert.Equal(0, (await host.RunAsync([.. Server, path, "once"])).ExitCode);
        // From the program's own folder.
        var outcome = await host.RunAsAsync(user, null, ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", host.Folder, Programs.Bindwise, .. verb.Split(' '), .. Server, "app.sock"]);
        Assert.True((outcome.ExitCode, outcome.Output) == (3, "EADDRINUSE\n"), outcome.ToString());
        Assert.Contains($" to {path} failed: EADDRINUSE\n{path} is taken", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(user == 0 ? $"rm -- {path}" : $"sudo bindwise why {path}", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("{0}/app.sock")]
    [InlineData("@bindwise app")]
    public async Task ServerThatRuns_IsNamed(string name)
    {
        await using var host = await TestHost.OpenAsync();
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, name, host.Folder);
        var server = host.Start(0, [.. Server, path]);
        await server.ReadyAsync();
        var outcome = await host.RunAsync([Programs.Bindwise, "run", .. Server, path]);
        Assert.True((outcome.ExitCode, outcome.Output) == (3, "EADDRINUSE\n"), outcome.ToString());
        Assert.Contains($"kill {server.Pid}", outcome.Error, StringComparison.Ordinal);
    }

    // The kernel keeps names of different types apart. An accepted connection bears the name of its listener; here it has none.
    [KernelTheory]
    [InlineData("run", "listen", "dgram", false)]
    [InlineData("run --hold --restart=never", "listen", "dgram", false)]
    [InlineData("run", "listen", "seqpacket", false)]
    [InlineData("run", "dgram", "", false)]
    [InlineData("run", "dgram", "dgram", true)]
    [InlineData("run --hold --restart=never", "dgram", "dgram", true)]
    [InlineData("run", "dgram client", "dgram", true)]
    [InlineData("run", "seqpacket listen", "seqpacket", true)]
    public async Task AbstractName_IsTakenByASocketOfTheSameType(string verb, string holding, string binding, bool isTaken)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", $"unix @app {holding}");
        var outcome = await host.RunAsync([Programs.Bindwise, .. verb.Split(' '), "--events", "-", "python3", "-B", "-S", Programs.Script("hold.py"),
            .. $"unix @app {binding} leave".Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(isTaken, outcome.ExitCode != 0);
        Assert.Equal(isTaken, outcome.Output.Contains("\"bind-failed\"", StringComparison.Ordinal));
        Assert.Equal(isTaken, outcome.Error.Contains("@app is taken", StringComparison.Ordinal));
        Assert.Equal(isTaken, outcome.Error.Contains($"kill {holder.Pid}", StringComparison.Ordinal));
        Assert.Equal(isTaken, outcome.Error.Contains(" failed: ", StringComparison.Ordinal));
    }

    // What became of the clients that waited, and whether the file is the same; then what is left in the folder.
    [KernelTheory]
    [InlineData("app.sock", "", "null", "true", "true", "app.sock")]
    [InlineData("app.sock", "twice", "EADDRINUSE", "true", "true", "app.sock")]
    [InlineData("app.sock", "unlink", "null", "true", "true", "app.sock")]
    [InlineData("app.sock", "tidy", "null", "true", "true", "")]
    [InlineData("app.sock", "tidy unlink", "null", "true", "true", "")]
    [InlineData("app.sock", "tidy overlap", "null", "true", "true", "")]
    [InlineData("app.sock", "tidy unlink overlap", "null", "true", "true", "")]
    [InlineData("app.sock", "probe", "ok", "true", "true", "app.sock")]
    [InlineData("app.sock", "probe tidy", "ok", "true", "true", "")]
    [InlineData("app.sock", "probe tidy overlap", "null", "true", "true", "")]
    // With struct sockaddr_in's and struct sockaddr_in6's length.
    [InlineData("app-short.sock", "probe near", "ok", "true", "true", "app-short.sock")]
    [InlineData("app-of-more-characters.sck", "probe near", "ok", "true", "true", "app-of-more-characters.sck")]
    [InlineData("app.sock", "shut overlap", "null", "true", "true", "app.sock")]
    [InlineData("app.sock", "rename", "null", "\"lost\"", "false", "app.sock")]
    [InlineData("@bindwise app", "", "null", "true", "true", null)]
    [InlineData("@bindwise app", "twice", "EADDRINUSE", "true", "true", null)]
    [InlineData("@bindwise app", "shut overlap", "null", "true", "true", null)]
    public async Task Socket_IsKeptOverRestartsWithItsFile(string name, string words, string second, string waiting, string same, string? left)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RestartAsync(host, name, words);
        second = second == "null" ? second : $"\"{second}\"";
        left = left is null ? "" : $", \"left\": [{(left.Length == 0 ? "" : $"\"{left}\"")}]";
        Assert.True(outcome.Output == $"{{\"second\": [{second}, {second}], \"waiting\": [{waiting}, {waiting}], \"same\": [{same}, {same}]{left}}}\n", outcome.ToString());
    }

    // As its own bind() would give it today.
    [KernelFact]
    public async Task File_ThatTheProgramRemoved_ComesBackWithTheModeOfTheNewOne()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RestartAsync(host, "app.sock", "unlink private");
        Assert.Contains("\"waiting\": [true, true], \"same\": [true, true], \"mode\": \"700\", \"left\": [\"app.sock\"]", outcome.Output, StringComparison.Ordinal);
    }

    // Both of an ordinary user; and root's bindwise with a program that has become one, whose rights are those that count.
    [KernelTheory]
    [InlineData(TestHost.Nobody, "unlink")]
    [InlineData(TestHost.Nobody, "tidy")]
    [InlineData(0, "unlink nobody")]
    [InlineData(0, "tidy nobody")]
    public async Task File_OfAnOrdinaryUser_ComesBack(int user, string words)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RestartAsync(host, "app.sock", words, user);
        var left = words.StartsWith("tidy", StringComparison.Ordinal) ? "" : "\"app.sock\"";
        Assert.True(outcome.Output.Contains($"\"waiting\": [true, true], \"same\": [true, true], \"left\": [{left}]", StringComparison.Ordinal), outcome.ToString());
    }

    // A socket's file, as a bindwise leaves it that was killed, goes; another's stays, and then the next start has a socket of its own.
    [KernelTheory]
    [InlineData("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{0}\")'", "true", "")]
    [InlineData("echo mine > {0}", "\"lost\"", "\".app.sock.bindwise\", ")]
    public async Task SecondName_ThatIsTaken_GoesOnlyIfItIsASockets(string makes, string waiting, string left)
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "run")).FullName;
        Assert.Equal(0, (await host.RunAsync("sh", "-c", string.Format(System.Globalization.CultureInfo.InvariantCulture, makes, $"{folder}/.app.sock.bindwise"))).ExitCode);
        var outcome = await RestartAsync(host, "app.sock", "unlink");
        Assert.Contains($"\"waiting\": [{waiting}, {waiting}]", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"\"left\": [{left}\"app.sock\"]", outcome.Output, StringComparison.Ordinal);
    }

    private static Task<Outcome> RestartAsync(TestHost host, string name, string words, int user = 0)
    {
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, "run")).FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var path = name[0] == '@' ? name : Path.Combine(folder, name);
        return host.RunAsAsync(user, null, [.. Server, "restart", Programs.Bindwise, path, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
    }

    // As that of the .NET runtime's diagnostics, a name with the process's number does not come back.
    [KernelTheory]
    [InlineData("app.sock", "1")]
    [InlineData("app-$$-x.sock", "none")]
    public async Task Socket_OfANameThatComesBack_IsKept(string name, string passed)
    {
        await using var host = await TestHost.OpenAsync();
        var (flag, path) = (Path.Combine(host.Folder, "flag"), Path.Combine(host.Folder, name));
        var script = $"echo ${{LISTEN_FDS:-none}}; if [ -e {flag} ]; then kill -TERM $PPID; exec sleep 60; fi; touch {flag}; exec {string.Join(' ', Server)} {path} once";
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--hold", "--restart=always", "--listen-fds", "sh", "-c", script);
        Assert.Equal(["none", passed], outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '{'));
    }

    // As a socket unit with ListenStream=/run/app.sock: its file is there, so the program's own bind() would fail.
    [KernelFact]
    public async Task Socket_ThatTheServiceManagerPassed_IsGiven_AndWhatCannotBeIsTold()
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var manager = $$"""
            import os, socket, sys
            stream, datagrams = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            stream.bind("{{path}}")
            stream.listen(8)
            waiting = socket.socket(socket.AF_UNIX)
            waiting.connect("{{path}}")
            if os.fork() == 0:
                waiting.sendall(b"stay\n")
                print("answered", len(waiting.makefile().readline()) > 1, flush=True)
                waiting.sendall(b"die\n")
                os._exit(0)
            datagrams.bind("{{path}}.log")
            os.dup2(stream.fileno(), 33)
            os.dup2(datagrams.fileno(), 34)
            os.dup2(33, 3)
            os.dup2(34, 4)
            os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="app:log")
            os.execv(sys.argv[1], sys.argv[1:])
            """;
        var outcome = await host.RunAsync(["python3", "-S", "-c", manager, Programs.Bindwise, "run", "--hold", "--restart=never", .. Server, path]);
        Assert.Contains("answered True\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("the passed socket log is not used", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("EADDRINUSE", outcome.Output, StringComparison.Ordinal);
    }

    // The file is another socket's by now, or the program another user's.
    [KernelTheory]
    [InlineData("replace")]
    [InlineData("nobody")]
    public async Task Socket_OfAnother_IsNotGiven(string how)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var server = string.Join(' ', Server);
        var next = how == "replace" ? $"rm {path}; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{path}\")'; {server} {path}" : $"{server} {path} nobody";
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--hold", "sh", "-c", $"if [ -e {path} ]; then {next}; exit 0; fi; {server} {path} once; exit 1");
        Assert.True(outcome.Output.EndsWith("}\nEADDRINUSE\n", StringComparison.Ordinal), outcome.ToString());
    }
}
