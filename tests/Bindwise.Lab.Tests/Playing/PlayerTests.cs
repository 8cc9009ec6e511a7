using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

public class PlayerTests
{
    [Fact]
    public void Play_OnBoth_TellsTheKernelsResultAndTheModelsRule()
    {
        var result = Both(ScriptedHost.RefusingBind("EADDRINUSE", "BW004", "b"), ScriptedHost.RefusingBind("EADDRINUSE")).Play(Scenarios.Of(Scenarios.Open, Scenarios.Bind));
        var bind = result.Steps[1];
        Assert.Equal(("EADDRINUSE", "BW004", "b"), (bind.Result, bind.Rule, Assert.Single(bind.Blockers)));
        Assert.False(result.IsMismatch);
        Assert.Null(result.Error);
    }

    [Fact]
    public void Play_HostsDiffer_IsAMismatchAtThatStepAndGoesOn()
    {
        var kernel = ScriptedHost.RefusingBind("EADDRINUSE");
        var result = Both(ScriptedHost.Willing(), kernel).Play(Scenarios.Of(Scenarios.Open, Scenarios.Bind, new ListenStep("a")));
        Assert.Equal([false, true, false], result.Steps.Select(step => step.IsMismatch));
        Assert.Equal("EADDRINUSE", result.Steps[1].Result);
        Assert.True(result.IsMismatch);
        Assert.Equal(3, kernel.Played.Count);
    }

    [Theory]
    [InlineData("EADDRINUSE", null, null, true)]
    [InlineData("EADDRINUSE", "BW004", null, true)]
    [InlineData("EADDRINUSE", null, "b", true)]
    [InlineData("EADDRINUSE", "BW004", "TIME_WAIT", true)]
    [InlineData("EADDRINUSE", null, "b by TIME_WAIT", true)]
    [InlineData("ok", null, null, false)]
    [InlineData("EADDRINUSE", "BW005", null, false)]
    [InlineData("EADDRINUSE", null, "c", false)]
    [InlineData("EADDRINUSE", null, "TIME", false)]
    public void Play_Expectation_IsJudgedWithRuleAndBlocker(string result, string? rule, string? by, bool isMet)
    {
        var hosts = ScriptedHosts.Of(_ => ScriptedHost.RefusingBind("EADDRINUSE", "BW004", "b by TIME_WAIT"), null);
        var played = hosts.Play(Scenarios.Of(Scenarios.Bind, new ExpectStep(result) { Rule = rule, By = by }));
        Assert.Equal(isMet ? "ok" : "EXPECT", played.Steps[1].Result);
        Assert.Equal(isMet ? 0 : 1, played.FailedExpectations);
        Assert.Equal(isMet, played.Steps[1].Because.Length == 0);
    }

    [Fact]
    public void Play_ExpectedRule_IsAskedOfTheModelOnly()
    {
        var scenario = Scenarios.Of(Scenarios.Bind, new ExpectStep("EADDRINUSE") { Rule = "BW004", By = "b" });
        var alone = ScriptedHosts.Of(null, _ => ScriptedHost.RefusingBind("EADDRINUSE")).Play(scenario);
        Assert.Equal(0, alone.FailedExpectations);
        var both = Both(ScriptedHost.RefusingBind("EADDRINUSE"), ScriptedHost.RefusingBind("EADDRINUSE")).Play(scenario);
        Assert.Equal(1, both.FailedExpectations);
        Assert.False(both.IsMismatch);
    }

    [Fact]
    public void Play_ExpectationFirst_IsNotMet() =>
        Assert.Equal("EXPECT", ScriptedHosts.Of(_ => ScriptedHost.Willing(), null).Play(Scenarios.Of(new ExpectStep("ok"))).Steps[0].Result);

    [Fact]
    public void Play_ExpectationOfAnExpectation_IsOfItsOwnResult()
    {
        var result = ScriptedHosts.Of(_ => ScriptedHost.Willing(), null).Play(Scenarios.Of(Scenarios.Open, new ExpectStep("EINVAL"), new ExpectStep("EXPECT")));
        Assert.Equal(["ok", "EXPECT", "ok"], result.Steps.Select(step => step.Result));
    }

    [Theory]
    [InlineData("EADDRINUSE", 1, false)]
    [InlineData("EADDRINUSE", 2, true)]
    [InlineData("EADDRINUSE", 3, true)]
    [InlineData("EADDRINUSE", 99, true)]
    [InlineData("ok", 1, true)]
    [InlineData("ok", 3, false)]
    public void Play_ExpectationOfSeveralSteps_IsOfTheFirstThatFailedElseOfTheLast(string result, int steps, bool isMet)
    {
        var played = ScriptedHosts.Of(_ => ScriptedHost.RefusingBind("EADDRINUSE"), null)
            .Play(Scenarios.Of(Scenarios.Open, Scenarios.Bind, new ListenStep("a"), new ExpectStep(result) { Steps = steps }));
        Assert.Equal(isMet ? "ok" : "EXPECT", played.Steps[3].Result);
    }

    [Fact]
    public void Play_Expectation_NeverReachesAHost()
    {
        var host = ScriptedHost.Willing();
        ScriptedHosts.Of(_ => host, null).Play(Scenarios.Of(Scenarios.Open, new ExpectStep("ok")));
        Assert.Equal([Scenarios.Open], host.Played);
    }

    [Fact]
    public void Play_LongWait_PassesOnTheModelAtOnceAndOnTheKernelByWaiting()
    {
        var (model, kernel) = (ScriptedHost.Willing(), ScriptedHost.Willing());
        var started = TimeProvider.System.GetTimestamp();
        Both(model, kernel).Play(Scenarios.Of(new WaitStep(0.2m), Scenarios.Open));
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.2));
        Assert.Equal(2, model.Played.Count);
        Assert.Equal([Scenarios.Open], kernel.Played);
    }

    [Fact]
    public void Play_HostThrows_IsAFaultThatNamesTheStepAndFreesBothHosts()
    {
        var model = new ScriptedHost(step => step is BindStep ? throw new InvalidOperationException("no such luck") : new StepResult("ok"));
        var kernel = ScriptedHost.Willing();
        var result = Both(model, kernel).Play(Scenarios.Of(Scenarios.Open, Scenarios.Bind));
        Assert.Equal("step 1: InvalidOperationException: no such luck", result.Error);
        Assert.True(result.IsFault);
        Assert.Single(result.Steps);
        Assert.Equal((1, 1), (model.Disposals, kernel.Disposals));
    }

    [Fact]
    public void Play_HostCannotBeMade_IsAnErrorAndFreesTheOther()
    {
        var model = ScriptedHost.Willing();
        var result = ScriptedHosts.Of(_ => model, _ => throw new InvalidOperationException("none")).Play(Scenarios.Of(Scenarios.Open));
        Assert.NotNull(result.Error);
        Assert.Empty(result.Steps);
        Assert.Equal(1, model.Disposals);
    }

    [Fact]
    public void Play_KernelCannotBeAsked_IsAnErrorAndNoFault()
    {
        var kernel = new ScriptedHost(step => step is BindStep ? throw new UnplayableException("acting as the user 7 needs root") : new StepResult("ok"));
        var result = Both(ScriptedHost.Willing(), kernel).Play(Scenarios.Of(Scenarios.Open, Scenarios.Bind));
        Assert.Equal(("step 1: acting as the user 7 needs root", false), (result.Error, result.IsFault));
        Assert.Equal(1, kernel.Disposals);
        var none = ScriptedHosts.Of(null, _ => throw new UnplayableException("no further namespace")).Play(Scenarios.Of(Scenarios.Open));
        Assert.Equal(("no further namespace", false), (none.Error, none.IsFault));
    }

    [Fact]
    public void Play_HostThatTellsStates_HasThemInOrder()
    {
        var model = new ScriptedHost(_ => new StepResult("ok")) { StatesReached = [TcpSocketState.TimeWait, TcpSocketState.Listen, TcpSocketState.Established] };
        var result = ScriptedHosts.Of(_ => model, null).Play(Scenarios.Of(Scenarios.Open));
        Assert.Equal([TcpSocketState.Established, TcpSocketState.TimeWait, TcpSocketState.Listen], result.States.AsEnumerable());
    }

    private static ScenarioHosts Both(ScriptedHost model, ScriptedHost kernel) => ScriptedHosts.Of(_ => model, _ => kernel);
}
