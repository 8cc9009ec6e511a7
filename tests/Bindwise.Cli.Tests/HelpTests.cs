namespace Bindwise.Cli.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("why --help")]
    [InlineData("why -?")]
    [InlineData("8080 --help")]
    public void Help_AskedFor_IsOnStandardOutputWithExamplesFirst(string line)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("Examples:", run.Output.Split('\n')[2]);
        Assert.Contains("130  interrupted", run.Output, StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= 120, text));
    }

    [Fact]
    public void Help_OfWhy_NamesEveryOptionAndTheProbesRisk()
    {
        var help = Bindwise.Run("why", "--help").Output;
        string[] options =
        [
            "--reuse-address", "--reuse-port", "--v6-only", "--dual-stack", "--device NAME", "--no-probe", "-f, --follow", "--json", "-q, --quiet", "-v, --verbose", "--show-secrets",
            "--save-snapshot FILE", "--snapshot FILE",
        ];
        Assert.All(options, option => Assert.Contains("\n  " + option + " ", help, StringComparison.Ordinal));
        Assert.Contains("a server that starts in that same instant", help.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Version_AskedFor_IsNameAndNumber()
    {
        var run = Bindwise.Run("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^bindwise \d+\.\d+\.\d+\n$", run.Output);
    }

    [LinuxFact]
    public void Help_Examples_Run()
    {
        var examples = Bindwise.Run("why", "--help").Output.Split('\n').SkipWhile(line => line != "Examples:").Skip(1).TakeWhile(line => line.Length > 0).ToList();
        Assert.Equal(6, examples.Count);
        Assert.All(examples, example =>
        {
            var run = Bindwise.RunShell(example.Trim().Replace("bindwise why", "\"$B\" why --no-probe --quiet", StringComparison.Ordinal));
            Assert.True(run.ExitCode is 0 or 1 or 3, $"{example}: {run.ExitCode} {run.Errors}");
            Assert.NotEmpty(run.Output);
        });
    }
}
