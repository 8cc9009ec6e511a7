namespace Bindwise.Cli.Tests;

public class ColourTests
{
    [Theory]
    [InlineData("", null, null, false)]
    [InlineData("--color auto", null, null, false)]
    [InlineData("--color always", null, null, true)]
    [InlineData("--color=always", "1", null, true)]
    [InlineData("--color never", null, "1", false)]
    [InlineData("", null, "1", true)]
    [InlineData("", null, "0", false)]
    [InlineData("", null, "", false)]
    [InlineData("", "1", "1", false)]
    [InlineData("", "", "1", true)]
    [InlineData("--color auto", null, "1", true)]
    public void Why_IntoAPipe_IsColouredWhereItIsAskedFor(string option, string? noColour, string? forceColour, bool isColoured)
    {
        using var snapshots = new Snapshots();
        var variables = new Dictionary<string, string>();
        if (noColour is not null)
            variables["NO_COLOR"] = noColour;
        if (forceColour is not null)
            variables["FORCE_COLOR"] = forceColour;
        var options = option.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] question = ["127.0.0.1:1002", "--snapshot", snapshots.File];
        foreach (var line in new[] { [.. options, .. question], [.. options, "why", .. question], new[] { "why" }.Concat(question).Concat(options) })
        {
            var run = Bindwise.RunWith([], variables, [.. line]);
            Assert.Equal((1, ""), (run.ExitCode, run.Errors));
            Assert.Equal(isColoured, run.Output.Contains("\u001b[1;91m127.0.0.1:1002", StringComparison.Ordinal));
            Assert.Equal(isColoured, run.Output.Contains('\u001b'));
        }
    }

    [Theory]
    [InlineData("explain TIME_WAIT")]
    [InlineData("matrix")]
    [InlineData("lab list")]
    [InlineData("lab show reuse-time-wait")]
    [InlineData("lab prove --on model reuse-exact")]
    [InlineData("lab draw --on model close-fins")]
    [InlineData("lab run --on model time-wait-meter")]
    public void Color_OfEveryVerb_IsUnderstood(string line)
    {
        var plain = Bindwise.Run(line.Split(' '));
        var coloured = Bindwise.Run([.. line.Split(' '), "--color", "always"]);
        Assert.Equal((plain.ExitCode, plain.Errors), (coloured.ExitCode, coloured.Errors));
        Assert.Contains("\u001b[", coloured.Output, StringComparison.Ordinal);
        Assert.Equal(plain.Output, System.Text.RegularExpressions.Regex.Replace(coloured.Output, "\u001b\\[[0-9;]*m", ""));
    }

    [Fact]
    public void Color_Json_HasNone()
    {
        using var snapshots = new Snapshots();
        Assert.DoesNotContain('\u001b', Bindwise.Run("--color", "always", "--json", "--snapshot", snapshots.File).Output);
    }

    [TerminalFact]
    public void Color_NeverOnATerminal_HasNone()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.RunShell("script -qec '\"$B\" --color never --snapshot \"$S\" 127.0.0.1:1002' /dev/null", new() { ["TERM"] = "xterm", ["S"] = snapshots.File });
        Assert.Equal(1, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Output);
    }
}
