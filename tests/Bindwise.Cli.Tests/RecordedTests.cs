using System.Globalization;
using System.Text;

namespace Bindwise.Cli.Tests;

/// <summary><c>history</c> and <c>why --at</c> on a record that is always the same, as people see them; what they do without one.</summary>
public sealed class RecordedTests : IDisposable
{
    // A database that was there when the recorder began; a web server that is stopped, and its successor, which meets the old one's connections.
    private const string Lines = """
        {"schema":"bindwise.event/1","time":"2026-11-24T03:00:00Z","pid":0,"event":"recorder-started","result":"ok","count":1,"limits":[],"diagnosis":null}
        {"schema":"bindwise.census/1","time":"2026-11-24T03:00:00.2Z","same":false,"sockets":[{"protocol":"tcp","address":"127.0.0.1:5432","state":"LISTEN","networkNamespace":4026531840,"pid":700,"program":"postgres","userId":105}],"states":{"LISTEN":1}}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:05:00Z","pid":812,"event":"listen","protocol":"tcp","address":"0.0.0.0:8080","result":"ok","program":"python3","command":"python3 server.py","userId":1000,"networkNamespace":4026531840,"cgroup":"/","options":[],"count":1,"limits":[],"diagnosis":null}
        {"schema":"bindwise.census/1","time":"2026-11-24T03:05:10Z","same":false,"sockets":[{"protocol":"tcp","address":"127.0.0.1:5432","state":"LISTEN","networkNamespace":4026531840,"pid":700,"program":"postgres","userId":105},{"protocol":"tcp","address":"0.0.0.0:8080","state":"LISTEN","networkNamespace":4026531840,"pid":812,"program":"python3","userId":1000}],"states":{"LISTEN":2}}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:12:05Z","pid":812,"event":"closed","protocol":"tcp","address":"0.0.0.0:8080","result":"ok","program":"python3","userId":1000,"count":1,"limits":[],"diagnosis":null}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:12:07Z","pid":915,"event":"bind-failed","protocol":"tcp","call":"bind","address":"0.0.0.0:8080","result":"EADDRINUSE","cause":"time-wait","summary":"0.0.0.0:8080/tcp is taken (EADDRINUSE) for another 58 s: 3 connections in TIME_WAIT.","program":"python3","command":"python3 server.py","userId":1000,"networkNamespace":4026531840,"cgroup":"/","options":[],"count":4,"lastTime":"2026-11-24T03:12:07.6Z","limits":[],"diagnosis":null}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:12:07.8Z","pid":77,"event":"bind-failed","protocol":"tcp","call":"bind","address":"127.0.0.1:5432","result":"EADDRINUSE","reason":"in another network namespace","cause":"listener","summary":"127.0.0.1:5432/tcp is taken (EADDRINUSE): postgres (pid 70) listens on 127.0.0.1:5432.","program":"postgres","userId":999,"networkNamespace":4026532999,"count":1,"limits":[],"diagnosis":null}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:12:08Z","pid":0,"event":"lost","result":"ok","userId":1001,"count":512,"summary":"512 more failed calls of user 1001 are not told one by one: too many different ones came at once","limits":[],"diagnosis":null}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:13:10Z","pid":930,"event":"listen","protocol":"tcp","address":"0.0.0.0:8080","result":"ok","program":"python3","command":"python3 server.py","userId":1000,"networkNamespace":4026531840,"cgroup":"/","options":[],"count":1,"limits":[],"diagnosis":null}
        {"schema":"bindwise.event/1","time":"2026-11-24T03:14:00Z","pid":930,"event":"owner-changed","protocol":"tcp","address":"0.0.0.0:8080","result":"ok","previousPid":930,"program":"\u001b[31mevil\u202e","userId":1000,"count":1,"limits":[],"diagnosis":null}
        no event
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-record-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LinuxFact]
    public void History_OfARecord_IsToldAsBefore()
    {
        var text = string.Concat(Lines.Split('\n').Select(static line => line + "\n"));
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), text);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var transcript = new StringBuilder();
        foreach (var line in (string[])[
            "history 8080", "history --failed", "history 5432", "history --since 2026-11-24T03:12:06 --program python3", "history 8080 --timeline",
            "history 5432 --timeline", "history 9999", "history 8080 --since soon", "history 8080 --until 2026-11-24T03:12:07", "why 8080 --at 2026-11-24T03:05:15", "why 8080 --at 2026-11-24T03:12:40"])
        {
            var run = Bindwise.RunWith([], new() { ["TZ"] = "UTC", ["COLUMNS"] = "80", ["LC_ALL"] = "C.UTF-8" }, [.. line.Split(' '), "--dir", _folder]);
            transcript.Append(CultureInfo.InvariantCulture, $"$ bindwise {line}\n{run.Output}{run.Errors}[{run.ExitCode}]\n\n");
        }
        Expectation.Check("history.txt", transcript.ToString().Replace(_folder, "DIR", StringComparison.Ordinal));
    }

    // Three runs: while no recorder ran, a server ended, one began, one was restarted, and one whose holder a recorder may not see stayed.
    [LinuxFact]
    public void History_AcrossRecorders_TellsWhoWentAndWhoCameMeanwhile()
    {
        string[] lines =
        [
            Started("01:00"), Census("01:00", Listener(8080, 184), Listener(8082, 190), Listener(5432, 700, "postgres"), Listener(9000, 0, null)),
            Listens("01:30", 8090, 300), Stopped("02:00"),
            Started("03:00"), Census("03:00", Listener(8081, 201), Listener(8082, 202), Listener(5432, 700, "postgres"), Listener(9000, 77), Listener(8090, 300)),
            Fails("03:30", 8081), Stopped("04:00"),
            Started("05:00"), Census("05:00", Listener(5432, 700, "postgres"), Listener(9000, 77)),
        ];
        File.WriteAllText(Path.Combine(_folder, "20261124T010000000Z.jsonl"), string.Join('\n', lines[..4]) + '\n');
        // A recorder begins a file of its own; where files were joined it does not.
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), string.Join('\n', lines[4..]) + '\n');
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var transcript = new StringBuilder();
        foreach (var line in (string[])[
            "history 8080", "history 8081", "history 8082", "history 8090", "history 9000", "history 5432", "history", "history --failed",
            "history --timeline", "history 8080 --timeline", "history 8081 --since 2026-11-24T02:30:00", "history 8080 --since 2026-11-24T04:30:00",
            "history 8080 --until 2026-11-24T02:30:00", "history 8081 --json", "history 9999"])
        {
            var run = Bindwise.RunWith([], new() { ["TZ"] = "UTC", ["COLUMNS"] = "80", ["LC_ALL"] = "C.UTF-8" }, [.. line.Split(' '), "--dir", _folder]);
            transcript.Append(CultureInfo.InvariantCulture, $"$ bindwise {line}\n{run.Output}{run.Errors}[{run.ExitCode}]\n\n");
        }
        Expectation.Check("history-restarts.txt", transcript.ToString().Replace(_folder, "DIR", StringComparison.Ordinal));
    }

    [LinuxFact]
    public void History_AsJson_IsTheLinesAsTheyWereWritten()
    {
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), Lines);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Bindwise.Run("history", "--json", "8080", "--dir", _folder);
        Assert.Equal(0, run.ExitCode);
        // What is lost may be of any port.
        Assert.Equal(Lines.Split('\n').Where(static line => (line.Contains("\"0.0.0.0:8080\"", StringComparison.Ordinal) || line.Contains("\"lost\"", StringComparison.Ordinal))
            && line.Contains("bindwise.event/1", StringComparison.Ordinal)).Order(), run.Output.Split('\n')[..^1].Order());
    }

    private static string Started(string time) => Event(time, "recorder-started", "null", 0);

    private static string Stopped(string time) => Event(time, "recorder-stopped", "null", 0);

    private static string Listens(string time, int port, int process) => Event(time, "listen", $"\"0.0.0.0:{port}\"", process);

    private static string Fails(string time, int port) => Event(time, "bind-failed", $"\"127.0.0.1:{port}\"", 400);

    private static string Event(string time, string kind, string address, int process) =>
        $$"""{"schema":"bindwise.event/1","time":"2026-11-24T{{time}}:00Z","pid":{{process}},"event":"{{kind}}","protocol":{{(process == 0 ? "null" : "\"tcp\"")}},"address":{{address}},"result":"ok","program":{{(process == 0 ? "null" : "\"python3\"")}},"count":1,"limits":[],"diagnosis":null}""";

    private static string Census(string time, params string[] sockets) =>
        $$"""{"schema":"bindwise.census/1","time":"2026-11-24T{{time}}:00.5Z","same":false,"sockets":[{{string.Join(',', sockets)}}],"states":{ } }""";

    private static string Listener(int port, int process, string? program = "python3") =>
        $$"""{"protocol":"tcp","address":"0.0.0.0:{{port}}","state":"LISTEN","networkNamespace":1,"pid":{{process}},"program":{{(program is null ? "null" : $"\"{program}\"")}},"userId":0}""";

    [LinuxFact]
    public void Why_AtAMomentToCome_SaysSo()
    {
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), Lines);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Bindwise.Run("why", "8080", "--at", "2999-01-01", "--dir", _folder);
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("bindwise: that moment is still to come\n", run.Errors, StringComparison.Ordinal);
    }

    // UDP's failure explains an error that leaves the protocol open; and an error of then is not over because the port was free then.
    [LinuxTheory]
    [InlineData("8080", "8080/tcp is free: ")]
    [InlineData("8080/udp", "8080/udp is taken.")]
    [InlineData("listen tcp 0.0.0.0:8080: bind: address already in use", "0.0.0.0:8080/tcp is free: ")]
    [InlineData("bind() to 0.0.0.0:8080 failed (98: Address already in use)", "8080/udp is taken.")]
    public void Why_AtAFailureOfUdp_AnswersForTheProtocolAskedAbout(string target, string start)
    {
        const string fails = """
            {"schema":"bindwise.event/1","time":"2026-11-24T03:00:05Z","pid":915,"event":"bind-failed","protocol":"udp","call":"bind","address":"0.0.0.0:8080","result":"EADDRINUSE","cause":"udp-socket","summary":"8080/udp is taken.","program":"python3","userId":1000,"count":1,"limits":[],"diagnosis":{"schema":"bindwise.diagnosis/1","takenAt":"2026-11-24T03:00:05Z","verdict":"blocked","errno":"EADDRINUSE","cause":"udp-socket","summary":"8080/udp is taken.","why":[],"blockers":[],"remedies":[],"warnings":[],"limits":[]}}
            """;
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), string.Join('\n', [.. Lines.Split('\n')[..2], fails]) + '\n');
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Bindwise.Run("why", target, "--at", "2026-11-24T03:00:05Z", "--dir", _folder);
        Assert.StartsWith(start, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Start your server again", run.Output, StringComparison.Ordinal);
    }

    // UDP is answered too where it had the port, TCP was free, and the error leaves the protocol open.
    [LinuxTheory]
    [InlineData("8080", null, 0)]
    [InlineData("listen tcp 0.0.0.0:8080: bind: address already in use", null, 0)]
    [InlineData("Port 8080 is already in use", "8080/udp is taken (EADDRINUSE): python3 (pid 701)", 1)]
    [InlineData("bind() to 0.0.0.0:8080 failed (98: Address already in use)", "python3 (pid 701)", 3)]
    [InlineData("bind() to 0.0.0.0:5432 failed (98: Address already in use)", null, 1)]
    public void Why_AtACensusWithUdp_AnswersForItWhereItMayBeMeant(string target, string? words, int exitCode)
    {
        var lines = string.Join('\n', Lines.Split('\n')[..2]).Replace("""{"protocol":"tcp",""",
            """{"protocol":"udp","address":"0.0.0.0:8080","state":"UNCONN","networkNamespace":4026531840,"pid":701,"program":"python3","userId":105},{"protocol":"tcp",""", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), lines + "\n");
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Bindwise.Run("why", target, "--at", "2026-11-24T03:00:05Z", "--dir", _folder);
        Assert.Equal(words is not null, run.Output.Contains(words ?? "8080/udp", StringComparison.Ordinal));
        Assert.Equal(exitCode, run.ExitCode);
    }

    [LinuxTheory]
    [InlineData("history 59998", 1)]
    [InlineData("why 59998 --at 5m", 3)]
    public void WithoutARecord_BothSayHowToBeginOne(string line, int exitCode)
    {
        var run = Bindwise.Run([.. line.Split(' '), "--dir", Path.Combine(_folder, "none")]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains("bindwise record keeps one", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("record --max-size 5X", "--max-size 5X is not a size: give 500K, 20M or 2G")]
    [InlineData("record --max-size 1", "--max-size 1 is less than one file of a record takes: give 500K, 20M or 2G")]
    [InlineData("record --max-age 1y", "--max-age 1y is not a time: give 30m, 12h or 90d")]
    [InlineData("record --json", "unknown option --json")]
    public void Record_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"bindwise: {error}", run.OneError, StringComparison.Ordinal);
    }
}
