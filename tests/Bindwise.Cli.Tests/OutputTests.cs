using System.Text.Json;

namespace Bindwise.Cli.Tests;

public class OutputTests
{
    [Fact]
    public void Why_Json_IsOneLineATarget()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.Run("--json", "--snapshot", snapshots.File);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["free", "blocked", "undetermined"], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("verdict").GetString()));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void Why_Quiet_IsOneLineATarget()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = "30" }, "-q", "--snapshot", snapshots.File);
        Assert.Equal(3, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Why_SeveralTargets_StandApart()
    {
        using var snapshots = new Snapshots();
        var answers = Bindwise.Run("--snapshot", snapshots.File).Output.Split("\n\n");
        Assert.Equal(["127.0.0.1:1001/tcp", "127.0.0.1:1002/tcp"], answers.Take(2).Select(answer => answer.Split(' ')[0]));
        Assert.All(answers, answer => Assert.StartsWith("  more  bindwise explain ", answer.TrimEnd().Split('\n')[^1], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("40", true)]
    [InlineData("0", false)]
    [InlineData("wide", false)]
    [InlineData("-5", false)]
    public void Why_InAPipe_WrapsAtColumnsOnly(string? columns, bool wraps)
    {
        using var snapshots = new Snapshots();
        var variables = columns is null ? [] : new Dictionary<string, string> { ["COLUMNS"] = columns };
        var run = Bindwise.RunWith([], variables, "127.0.0.1:1002", "--snapshot", snapshots.File);
        var whole = Bindwise.Run("127.0.0.1:1002", "--snapshot", snapshots.File).Output;
        Assert.Equal(wraps, run.Output != whole);
        Assert.Equal(Words(whole), Words(run.Output));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [TerminalFact]
    public void Why_OnATerminal_IsColouredUnlessRefused()
    {
        Assert.Contains("\u001b[1;91m127.0.0.1:1002", OnTerminal("xterm"), StringComparison.Ordinal);
        Assert.Contains("\u001b[1;91m127.0.0.1:1002", OnTerminal("xterm", noColour: ""), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", OnTerminal("xterm", noColour: "0"), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", OnTerminal("xterm", noColour: "1"), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", OnTerminal("dumb"), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", OnTerminal("xterm", options: "--json"), StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Why_OnATerminal_SetsOnlyColours()
    {
        var output = OnTerminal("xterm");
        Assert.Equal("", string.Concat(System.Text.RegularExpressions.Regex.Replace(output, "\u001b\\[[0-9;]*m", "").Where(c => c == '\u001b')));
        Assert.EndsWith("\u001b[0m\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Why_OnATerminal_TakesItsWidthNotThatOfColumns()
    {
        var output = OnTerminal("dumb", before: "stty cols 50; export COLUMNS=1000;");
        Assert.All(output.ReplaceLineEndings("\n").Split('\n'), line => Assert.True(line.Length <= 50, line));
    }

    [TerminalFact]
    public void Why_ColouredAndPlain_SayTheSame()
    {
        var coloured = System.Text.RegularExpressions.Regex.Replace(OnTerminal("xterm"), "\u001b\\[[0-9;]*m", "");
        Assert.Equal(OnTerminal("dumb"), coloured);
    }

    [LinuxTheory]
    [InlineData("127.0.0.1:1001", 0)]
    [InlineData("127.0.0.1:1002", 1)]
    [InlineData("", 3)]
    public void Why_ReaderGone_EndsQuietlyWithTheVerdict(string target, int code)
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.RunShell($"{{ sleep 0.3; \"$B\" --snapshot '{snapshots.File}' {target}; echo \"code $?\" >&2; }} | :");
        Assert.Equal($"code {code}", run.OneError);
    }

    [LinuxTheory]
    [InlineData("--snapshot \"$S\" 127.0.0.1:1001")]
    [InlineData("--snapshot \"$S\" --json")]
    [InlineData("--help")]
    [InlineData("--version")]
    public void Run_DiskFull_IsOneLineAndTwo(string line)
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.RunShell($"\"$B\" {line} >/dev/full", new() { ["S"] = snapshots.File });
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("bindwise: cannot write to standard output: No space left on device", run.OneError);
    }

    [LinuxFact]
    public void Why_StandardDescriptorsClosed_NeverWritesIntoItsOwnSockets()
    {
        using var snapshots = new Snapshots();
        // Into its own signal pipe, which raised what it read, as chance would have it: hence more than once. The managed
        // runtime takes the numbers before the program starts, and so hides the failure to write: 1 instead of 2.
        for (var run = 0; run < 5; run++)
            Assert.InRange(Bindwise.RunShell($"\"$B\" --json --snapshot '{snapshots.File}' 127.0.0.1:1002 0<&- 1>&- 2>&-").ExitCode, 1, 2);
    }

    [LinuxFact]
    public void Why_ErrorsCannotBeWritten_StillTellsByTheCode() => Assert.Equal(2, Bindwise.RunShell("\"$B\" 70000 2>/dev/full").ExitCode);

    [LinuxFact]
    public void Why_AppendingToAFile_LeavesRoomForWhoWritesNext()
    {
        using var snapshots = new Snapshots();
        var file = Path.Combine(snapshots.Folder, "log");
        _ = Bindwise.RunShell($"(echo before; \"$B\" -q --snapshot '{snapshots.File}' 127.0.0.1:1002; echo after) >'{file}'");
        Assert.Equal(["before", "127.0.0.1:1002/tcp", "after"], File.ReadAllLines(file).Select(line => line.Split(' ')[0]));
    }

    private static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static string OnTerminal(string terminal, string? noColour = null, string options = "", string before = "")
    {
        using var snapshots = new Snapshots();
        var variables = new Dictionary<string, string> { ["TERM"] = terminal, ["S"] = snapshots.File };
        if (noColour is not null)
            variables["NO_COLOR"] = noColour;
        var run = Bindwise.RunShell($"script -qec '{before} \"$B\" {options} --snapshot \"$S\" 127.0.0.1:1002' /dev/null", variables);
        Assert.Equal(1, run.ExitCode);
        return run.Output;
    }
}
