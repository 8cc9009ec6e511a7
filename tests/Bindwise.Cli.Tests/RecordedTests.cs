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
            "history 9999", "history 8080 --since soon", "why 8080 --at 2026-11-24T03:05:15", "why 8080 --at 2026-11-24T03:12:40"])
        {
            var run = Bindwise.RunWith([], new() { ["TZ"] = "UTC", ["COLUMNS"] = "80", ["LC_ALL"] = "C.UTF-8" }, [.. line.Split(' '), "--dir", _folder]);
            transcript.Append(CultureInfo.InvariantCulture, $"$ bindwise {line}\n{run.Output}{run.Errors}[{run.ExitCode}]\n\n");
        }
        Expectation.Check("history.txt", transcript.ToString().Replace(_folder, "DIR", StringComparison.Ordinal));
    }

    [LinuxFact]
    public void History_AsJson_IsTheLinesAsTheyWereWritten()
    {
        File.WriteAllText(Path.Combine(_folder, "20261124T030000000Z.jsonl"), Lines);
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var run = Bindwise.Run("history", "--json", "8080", "--dir", _folder);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Lines.Split('\n').Where(static line => line.Contains("\"0.0.0.0:8080\"", StringComparison.Ordinal)
            && line.Contains("bindwise.event/1", StringComparison.Ordinal)).Order(), run.Output.Split('\n')[..^1].Order());
    }

    [LinuxTheory]
    [InlineData("history 8080", 1)]
    [InlineData("why 8080 --at 5m", 3)]
    public void WithoutARecord_BothSayHowToBeginOne(string line, int exitCode)
    {
        var run = Bindwise.Run([.. line.Split(' '), "--dir", Path.Combine(_folder, "none")]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains("bindwise record keeps one", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("record --max-size 5X", "--max-size 5X is not a size: give 500K, 20M or 2G")]
    [InlineData("record --max-age 1y", "--max-age 1y is not a time: give 30m, 12h or 90d")]
    [InlineData("record --json", "unknown option --json")]
    public void Record_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"bindwise: {error}", run.OneError, StringComparison.Ordinal);
    }
}
