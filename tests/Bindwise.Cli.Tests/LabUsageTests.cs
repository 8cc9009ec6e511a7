namespace Bindwise.Cli.Tests;

public class LabUsageTests
{
    private const string RunHint = " (see: bindwise lab run --help)";

    [Theory]
    [InlineData("lab", "lab needs a verb: list, show, prove, draw or run (see: bindwise lab --help)")]
    [InlineData("lab walk", "lab has no verb walk; known are list, show, prove, draw, run (see: bindwise lab --help)")]
    [InlineData("lab fuzz", "lab has no verb fuzz; known are list, show, prove, draw, run (see: bindwise lab --help)")]
    [InlineData("lab lsit", "lab has no verb lsit; did you mean list? (see: bindwise lab --help)")]
    [InlineData("lab lsit --help", "lab has no verb lsit; did you mean list? (see: bindwise lab --help)")]
    [InlineData("help lab rnu", "lab has no verb rnu; did you mean run? (see: bindwise lab --help)")]
    [InlineData("lab list --jsno", "unknown option --jsno; did you mean --json? (see: bindwise lab list --help)")]
    [InlineData("lab run", "no FILE given: name one, or - for standard input" + RunHint)]
    [InlineData("lab run a.bind b.bind", "give one FILE at a time; for several: cat FILES | bindwise lab run -" + RunHint)]
    [InlineData("lab run --jsn a.bind", "unknown option --jsn; did you mean --json?" + RunHint)]
    [InlineData("lab run --js a.bind", "unknown option --js; did you mean --json?" + RunHint)]
    [InlineData("lab run --on moon a.bind", "--on moon is no host: give model, kernel or both" + RunHint)]
    [InlineData("lab run a.bind --on", "--on needs a value: --on HOST" + RunHint)]
    [InlineData("lab run --on model /nowhere/a.bind", "cannot read /nowhere/a.bind: no such file or folder")]
    [InlineData("lab run --on model /", "cannot read /: it is a folder")]
    [InlineData("lab run a.bind --on model --on kernel", "--on was given more than once" + RunHint)]
    public void Lab_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [Theory]
    [InlineData("lab --help", "run   ")]
    [InlineData("lab run --help", "FILE ", "--on HOST ", "--json ")]
    [InlineData("lab run a.bind -h", "FILE ", "--on HOST ", "--json ")]
    public void LabHelp_AskedFor_IsOnStandardOutputWithExamplesFirst(string line, params string[] entries)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("Examples:", run.Output.Split("\n\n")[1].Split('\n')[0]);
        Assert.Contains("130  interrupted", run.Output, StringComparison.Ordinal);
        Assert.All(entries, entry => Assert.Contains("\n  " + entry, run.Output, StringComparison.Ordinal));
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= 80, text));
    }

    [Fact]
    public void LabRun_OfAClaim_LeadsToLabProve()
    {
        var run = Bindwise.RunWith("# mine\nclaim mine\nsays \"x\"\n"u8.ToArray(), [], "lab", "run", "--on", "model", "-");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: standard input:1: this is a claim, not a scenario: play it with bindwise lab prove FILE", run.OneError);
    }

    [Fact]
    public void LabRun_OfAProgramOfTheCatalogue_PlaysIt()
    {
        var run = Bindwise.Run("lab", "run", "--on", "model", "time-wait-meter");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.EndsWith("as expected\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_OfTheProgram_NamesEveryVerb()
    {
        var help = Bindwise.Run("--help").Output;
        Assert.Contains("\n  why      ", help, StringComparison.Ordinal);
        Assert.Contains("\n  lab      ", help, StringComparison.Ordinal);
    }
}
