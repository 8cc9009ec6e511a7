namespace Bindwise.Cli.Tests;

public class LabUsageTests
{
    private const string RunHint = " (see: bindwise lab run --help)";
    private const string PlayHint = " (see: bindwise lab play --help)";
    private const string ExplainHint = " (see: bindwise explain --help)";
    private const string NoSite = "no --site given; build the site's files and serve them (site/build; python3 -m http.server --directory artifacts/site 8000), "
        + "then add: --site http://localhost:8000/";

    [Theory]
    [InlineData("lab", "lab needs a verb: list, show, prove, draw, run or play (see: bindwise lab --help)")]
    [InlineData("lab walk", "lab has no verb walk; known are list, show, prove, draw, run, play (see: bindwise lab --help)")]
    [InlineData("lab fuzz", "lab has no verb fuzz; known are list, show, prove, draw, run, play (see: bindwise lab --help)")]
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
    [InlineData("lab play", "no FILE given: name one, or - for standard input" + PlayHint)]
    [InlineData("lab play a.bind b.bind", "give one FILE at a time" + PlayHint)]
    [InlineData("lab play a.bind", NoSite + PlayHint)]
    [InlineData("lab play a.bind --site ftp://example.org/", "--site ftp://example.org/ is not the address of a site: give one such as https://example.org/bindwise/" + PlayHint)]
    [InlineData("lab play a.bind --site example.org", "--site example.org is not the address of a site: give one such as https://example.org/bindwise/" + PlayHint)]
    [InlineData("lab play a.bind --site http://a:b@example.org/", "--site http://a:b@example.org/ is not the address of a site: give one such as https://example.org/bindwise/" + PlayHint)]
    [InlineData("lab play a.bind --site https://example.org/?q", "--site https://example.org/?q is not the address of a site: give one such as https://example.org/bindwise/" + PlayHint)]
    [InlineData("lab play /nowhere/a.bind --site https://example.org/", "cannot read /nowhere/a.bind: no such file or folder")]
    [InlineData("explain --open", "--open needs a TERM: bindwise explain --open TIME_WAIT" + ExplainHint)]
    [InlineData("explain --open TIME_WAIT", NoSite + ExplainHint)]
    [InlineData("explain --site https://example.org/ TIME_WAIT", "--site works only with --open" + ExplainHint)]
    [InlineData("explain --open --json TIME_WAIT", "give one of --json, --scenario and --open" + ExplainHint)]
    [InlineData("explain --open --site https://example.org/ BSD-B", "BSD-B is a rule of other systems: there is only text about it; leave --open out")]
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
