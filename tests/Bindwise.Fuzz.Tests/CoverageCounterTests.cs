using Bindwise.Lab.Tests.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests;

public class CoverageCounterTests
{
    private static readonly Scenario Scenario = Scenarios.Of(
        Scenarios.Open,
        new SetStep("a", SocketOption.ReuseAddress, OptionValue.Flag(true)),
        new SysctlStep("net.ipv4.tcp_tw_reuse", "0"),
        Scenarios.Bind,
        new ExpectStep("EADDRINUSE"));

    [Theory]
    [InlineData(CoverageKind.Op, "bind", 1, 1)]
    [InlineData(CoverageKind.Op, "listen", 0, 0)]
    [InlineData(CoverageKind.Option, "SO_REUSEADDR", 1, 1)]
    [InlineData(CoverageKind.Option, "SO_LINGER", 0, 0)]
    [InlineData(CoverageKind.Sysctl, "net.ipv4.tcp_tw_reuse", 1, 1)]
    [InlineData(CoverageKind.Rule, "BW004", 1, 1)]
    [InlineData(CoverageKind.Rule, "BW005", 0, 0)]
    [InlineData(CoverageKind.State, "TIME_WAIT", 1, 1)]
    [InlineData(CoverageKind.Result, "ok", 3, 3)]
    [InlineData(CoverageKind.Result, "EADDRINUSE", 1, 1)]
    internal void Add_PlayedAlikeOnBoth_CountsOnBoth(CoverageKind kind, string name, long model, long kernel) =>
        Assert.Equal(new CoverageCount(model, kernel), Count(kind, name, "EADDRINUSE", withKernel: true));

    [Theory]
    [InlineData(CoverageKind.Op, "bind", 1, 1)]
    [InlineData(CoverageKind.Rule, "BW004", 1, 0)]
    [InlineData(CoverageKind.State, "TIME_WAIT", 1, 0)]
    [InlineData(CoverageKind.Result, "EADDRINUSE", 1, 0)]
    [InlineData(CoverageKind.Result, "EINVAL", 0, 1)]
    internal void Add_Mismatch_ProvesNoRuleAndNoState(CoverageKind kind, string name, long model, long kernel) =>
        Assert.Equal(new CoverageCount(model, kernel), Count(kind, name, "EINVAL", withKernel: true));

    [Theory]
    [InlineData(CoverageKind.Op, "bind")]
    [InlineData(CoverageKind.Rule, "BW004")]
    [InlineData(CoverageKind.State, "TIME_WAIT")]
    internal void Add_OnTheModelAlone_CountsNothingOnTheKernel(CoverageKind kind, string name) =>
        Assert.Equal(new CoverageCount(1, 0), Count(kind, name, "EADDRINUSE", withKernel: false));

    [Fact]
    public void Add_Expectations_AreNoSteps()
    {
        var counter = new CoverageCounter([]);
        counter.Add(ScriptedHosts.Of(_ => ScriptedHost.Willing(), null).Play(Scenario));
        Assert.Equal((1, 4), (counter.Scenarios, counter.Steps));
    }

    private static CoverageCount Count(CoverageKind kind, string name, string kernel, bool withKernel)
    {
        var model = new ScriptedHost(step => step is BindStep ? new StepResult("EADDRINUSE") { Rule = "BW004" } : new StepResult("ok")) { StatesReached = [TcpSocketState.TimeWait] };
        var counter = new CoverageCounter([RuleBook.HeldByListener, RuleBook.HeldExclusively]);
        counter.Add(ScriptedHosts.Of(_ => model, withKernel ? _ => ScriptedHost.RefusingBind(kernel) : null).Play(Scenario));
        return Assert.Single(counter.Of(kind), count => count.Key == name).Value;
    }
}
