using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

public class RetryTests
{
    private static RetryStep Every(decimal every, decimal longest) => new(Scenarios.Bind, every, longest);

    [Fact]
    public void Play_OnTheModel_TriesOnVirtualTimeUntilItSucceeds()
    {
        var result = ScenarioHosts.OfModel.Play(Of("""
            old  = tcp 127.0.0.1:8080 listen
            peer = connect old
            conn = accept old
            close conn; close peer; close old
            new  = tcp reuseaddr
            retry 500ms for 70s bind new 127.0.0.1:8080 -> ok
            """));
        Assert.Equal(0, result.FailedExpectations);
        var retry = Assert.Single(result.Steps, outcome => outcome.Step is RetryStep);
        Assert.Matches(@"^attempt 12\d succeeded, 6\d(\.5)? s after the first$", retry.Because);
    }

    [Fact]
    public void Play_UntilTheTimeIsOver_GivesWhatTheLastAttemptGave()
    {
        var retry = ScenarioHosts.OfModel.Play(Of("old = tcp 127.0.0.1:8080 listen\na = tcp\nretry 1s for 10s bind a 127.0.0.1:8080")).Steps[^1];
        Assert.Equal(("EADDRINUSE", "BW004", "old"), (retry.Result, retry.Rule, Assert.Single(retry.Blockers)));
        Assert.StartsWith("11 attempts in 10 s, and all failed: ", retry.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void Play_FirstAttemptSucceeds_WaitsForNothing()
    {
        var (model, kernel) = (ScriptedHost.Willing(), ScriptedHost.Willing());
        var result = ScriptedHosts.Of(_ => model, _ => kernel).Play(Scenarios.Of(Every(60, 600)));
        Assert.Equal([Scenarios.Bind], model.Played);
        Assert.Equal([Scenarios.Bind], kernel.Played);
        Assert.Equal("the first attempt succeeded", result.Steps[0].Because);
    }

    [Fact]
    public void Play_NameWithoutASocket_IsTriedOnce()
    {
        var retry = Assert.Single(ScenarioHosts.OfModel.Play(new Scenario("", [Every(1, 100)])).Steps);
        Assert.Equal((StepResult.NoSocket, "one attempt, which failed"), (retry.Result, retry.Because));
    }

    [Fact]
    public void Play_OnTheKernel_TriesAgainAndAgainInItsOwnTime()
    {
        var attempts = 0;
        var kernel = new ScriptedHost(step =>
        {
            // Of a pause that an attempt which came late has left short.
            if (step is WaitStep { Seconds: var seconds })
                Thread.Sleep(TimeSpan.FromSeconds((double)seconds));
            return new StepResult(step is BindStep && ++attempts < 4 ? "EADDRINUSE" : "ok");
        });
        var began = TimeProvider.System.GetTimestamp();
        var result = ScriptedHosts.Of(null, _ => kernel).Play(Scenarios.Of(Every(0.1m, 600), Scenarios.Open));
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.3));
        Assert.Equal([Scenarios.Bind, Scenarios.Bind, Scenarios.Bind, Scenarios.Bind, Scenarios.Open], kernel.Played.Where(static step => step is not WaitStep));
        Assert.Equal("ok", result.Steps[0].Result);
        Assert.StartsWith("attempt 4 succeeded, ", result.Steps[0].Because, StringComparison.Ordinal);
    }

    [Fact]
    public void Play_ShortPausesOnTheKernel_AreTheHostsToWait()
    {
        // Refuses until it was told to wait: where the machine holds up an attempt for longer than a pause, the next one comes without.
        var hasWaited = false;
        var kernel = new ScriptedHost(step => new StepResult((hasWaited |= step is WaitStep) || step is not BindStep ? StepResult.Ok : "EADDRINUSE"));
        var result = ScriptedHosts.Of(null, _ => kernel).Play(Scenarios.Of(Every(0.01m, 600)));
        Assert.Contains(kernel.Played, step => step is WaitStep { Seconds: > 0 and <= 0.01m });
        Assert.Equal("ok", result.Steps[0].Result);
        Assert.DoesNotContain(kernel.Played, step => step is RetryStep);
    }

    [Fact]
    public void Play_ModelAndKernelDiffer_IsAMismatch()
    {
        var result = ScriptedHosts.Of(_ => ScriptedHost.Willing(), _ => ScriptedHost.RefusingBind("EADDRINUSE")).Play(Scenarios.Of(Every(0.01m, 0.01m)));
        Assert.True(result.Steps[0].IsMismatch);
    }

    [Theory]
    [InlineData("wait 66s", "66 s")]
    [InlineData("wait 1.5s; wait 500ms", "2 s")]
    [InlineData("retry 1s for 70s listen a", "up to 70 s")]
    [InlineData("wait 66s; retry 1s for 70s listen a", "66 to 136 s (up to 2 min 16 s)")]
    [InlineData("wait 4000s", "1 h 6 min 40 s (4000 s)")]
    [InlineData("wait 24h; wait 2h", "1 d 2 h (93600 s)")]
    [InlineData("close a", "0 s")]
    public void Waits_OfAScenario_AreToldInASentence(string text, string told) => Assert.Equal(told, ScenarioWaits.Of(Of(text)).ToString());

    [Fact]
    public void Waits_OnTheModel_AreNone() => Assert.Equal(default, ScenarioHosts.OfModel.WaitsOf(Of("wait 66s")));

    private static Scenario Of(string text) => BindText.Parse(text).Scenario!;
}
