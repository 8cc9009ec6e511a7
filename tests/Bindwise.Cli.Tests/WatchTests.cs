namespace Bindwise.Cli.Tests;

/// <summary>The command line of <c>watch</c>, and its end without a terminal.</summary>
public sealed class WatchTests
{
    [Theory]
    [InlineData("watch --nope", "unknown option --nope")]
    [InlineData("watch --event", "unknown option --event; did you mean --events?")]
    [InlineData("watch -", "- cannot be watched: name the port (bindwise watch 8080)")]
    public void Watch_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, "", $"bindwise: {error} (see: bindwise watch --help)"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Watch_AServiceThatNobodyKnows_IsToldAndTwo()
    {
        var run = Bindwise.Run("watch", "nosuchservice");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("nosuchservice", run.OneError, StringComparison.Ordinal);
    }
}
