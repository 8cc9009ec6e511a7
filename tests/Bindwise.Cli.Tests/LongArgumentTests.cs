namespace Bindwise.Cli.Tests;

/// <summary>A long argument is told in one line, by its two ends, and does not fill the screen.</summary>
public sealed class LongArgumentTests
{
    private const int Length = 17_000;

    [LinuxTheory]
    [InlineData("why", "LONG")]
    [InlineData("why", "/LONG")]
    [InlineData("why", "@LONG")]
    [InlineData("why", "LONG:80")]
    [InlineData("--LONG")]
    [InlineData("80", "--user", "LONG")]
    [InlineData("80", "--netns", "LONG")]
    [InlineData("80", "--pid", "LONG")]
    [InlineData("80", "--unit", "LONG")]
    [InlineData("80", "--container", "LONG")]
    [InlineData("80", "--snapshot", "LONG")]
    [InlineData("80", "--color", "LONG")]
    [InlineData("explain", "LONG")]
    [InlineData("help", "LONG")]
    [InlineData("lab", "show", "LONG")]
    [InlineData("lab", "run", "LONG")]
    [InlineData("lab", "list", "--from", "LONG")]
    [InlineData("matrix", "LONG")]
    [InlineData("ls", ":80", "--LONG")]
    [InlineData("pick", "LONG")]
    [InlineData("audit", "--for", "LONG", "true")]
    [InlineData("audit", "--attach", "LONG")]
    [InlineData("run", "--port", "LONG")]
    [InlineData("run", "--address", "LONG")]
    [InlineData("run", "--wait=LONG", "true")]
    [InlineData("pick", "--range", "LONG")]
    [InlineData("pick", "--", "echo", "{port:LONG}")]
    [InlineData("plan", "LONG")]
    [InlineData("plan", "--as", "LONG")]
    public void Argument_OfSeventeenThousandCharacters_IsOneLine(params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var run = Bindwise.Run([.. arguments.Select(static a => a.Replace("LONG", new string('a', Length), StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.InRange(run.OneError.Length, 1, 500);
    }

    [LinuxFact]
    public void Device_OfSeventeenThousandCharacters_LeavesTheAnswerShort()
    {
        var run = Bindwise.Run("80", "--no-probe", "--device", new string('a', Length));
        Assert.InRange(run.Output.Length, 1, 1_500);
    }
}
