namespace Bindwise.Cli.Tests;

public class ExplainTests
{
    private const string Hint = " (see: bindwise explain --help)";

    [Theory]
    [InlineData("TIME_WAIT", "TIME_WAIT")]
    [InlineData("ephemeral port", "ephemeral port")]
    [InlineData("time-wait", "time-wait")]
    [InlineData("BW004", "BW004: A listening socket keeps its address and port to itself; SO_REUSEADDR does not change that.")]
    public void Explain_KnownTerm_ShowsItsPage(string term, string title)
    {
        var run = Bindwise.Run("explain", term);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith(title + "\n\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_SeveralWords_AreOneTerm() => Assert.Equal(Bindwise.Run("explain", "ephemeral port").Output, Bindwise.Run("explain", "ephemeral", "port").Output);

    [Fact]
    public void Explain_NarrowTerminal_FitsIt()
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = "50" }, "explain", "SO_REUSEPORT");
        Assert.All(run.Output.Split('\n').Where(static line => !line.StartsWith("    ", StringComparison.Ordinal)), static line => Assert.True(line.Length <= 50, line));
    }

    [Fact]
    public void Explain_ClaimOfACause_IsTwoCommandsApart()
    {
        var output = Bindwise.Run("explain", "dual-stack-listener").Output;
        Assert.Contains("\n  - bindwise lab prove bind-v6-dual; why: bindwise lab show bind-v6-dual\n", output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Explain_ScenarioOfATerm_CanBePlayed()
    {
        var run = Bindwise.RunShell("\"$B\" explain --scenario SO_REUSEADDR | \"$B\" lab run --on model -");
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    [Fact]
    public void Explain_Nothing_ListsEverything()
    {
        var run = Bindwise.Run("explain");
        Assert.Equal(0, run.ExitCode);
        foreach (var line in new[] { "  - TIME_WAIT: ", "  - time-wait: ", "  - BW004: " })
            Assert.Contains("\n" + line, run.Output, StringComparison.Ordinal);
        Assert.Equal(Bindwise.Run("explain", "--json").Output.Count(static letter => letter == '\n'), run.Output.Split('\n').Count(static line => line.StartsWith("  - ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("tmie_wait", "there is no page about tmie_wait; did you mean TIME_WAIT?")]
    [InlineData("nonsense of mine", "there is no page about nonsense of mine; bindwise explain lists them all")]
    [InlineData("8080", "8080 is a port, not a term: bindwise why 8080")]
    [InlineData("--scenario CLOSING", "CLOSING has no scenario; a claim has one: bindwise lab show close-simultaneous")]
    [InlineData("--scenario BWA002", "BWA002 has no scenario")]
    [InlineData("--scenario", "--scenario needs a TERM: bindwise explain --scenario SO_REUSEADDR" + Hint)]
    [InlineData("--json --scenario FIN", "give --json or --scenario, not both: the JSON contains the scenarios" + Hint)]
    [InlineData("--jso FIN", "unknown option --jso; did you mean --json?" + Hint)]
    public void Explain_WrongInput_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["explain", .. line.Split(' ')]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }
}
