using Bindwise.Model.Restarting;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Tests;

/// <summary>What follows from what, step by step: the events of one program as its parent sees them.</summary>
public sealed class RestartMachineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private RestartState _state = Of(RestartPolicy.OnFailure, overlaps: false);
    private TimeSpan _now = TimeSpan.FromDays(3);

    [Fact]
    public void Begun_StartsTheProgramOnce()
    {
        Assert.Equal("spawn 0", Step(new RestartEvent.Begun()));
        Assert.Equal("", Step(new RestartEvent.Begun()));
        Assert.False(_state.IsOver);
        Assert.Null(_state.DueAt);
    }

    [Theory]
    [InlineData(RestartPolicy.OnFailure, 0, false)]
    [InlineData(RestartPolicy.OnFailure, 3, true)]
    [InlineData(RestartPolicy.Always, 0, true)]
    [InlineData(RestartPolicy.Never, 3, false)]
    internal void End_OfAStartThatListened_IsFollowedByTheNextWhereThePolicyWantsIt(RestartPolicy policy, int exitCode, bool isStarted)
    {
        _state = Of(policy, overlaps: false);
        Run(0);
        Assert.StartsWith("ended", Step(new RestartEvent.Exited(0, exitCode, 0)), StringComparison.Ordinal);
        var effects = Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal(isStarted ? $"forget 0; tell app (pid 100) ended with exit code {exitCode}: it is started again; files; manager Restarts; spawn 1" : "forget 0", effects);
        Assert.Equal(!isStarted, _state.IsOver);
        Assert.Equal(exitCode, _state.ExitCode);
    }

    [Fact]
    public void EndBeforeListening_IsFollowedByAStartThatWaitsEverLonger()
    {
        Step(new RestartEvent.Begun());
        for (var id = 0; id < 6; id++)
        {
            Step(new RestartEvent.Spawned(id, 100 + id));
            Step(new RestartEvent.Executed(id));
            Step(new RestartEvent.Exited(id, 1, 0));
            var told = Step(new RestartEvent.RestCounted(id, 0));
            Assert.Equal(id == RestartHistory.LoopLength - 1, told.Contains("a crash loop: the last 5 starts of app", StringComparison.Ordinal));
            Assert.Equal(TimeSpan.FromMilliseconds(100 << id), _state.DueAt - _now);
            Assert.Equal("", Step(new RestartEvent.TimePassed()));
            _now = _state.DueAt!.Value;
            Assert.Equal($"manager Restarts; spawn {id + 1}", Step(new RestartEvent.TimePassed()));
        }
    }

    [Fact]
    public void Stop_OfAProgramThatDoesNotEnd_KillsItInTime()
    {
        Run(0);
        Assert.Equal("manager Stops; send 15 to 0", Step(new RestartEvent.StopAsked(SignalNames.Terminate)));
        Assert.Equal(5 * Second, _state.DueAt - _now);
        _now += 5 * Second;
        Assert.Equal("tell app (pid 100) has not ended within 5 s: SIGKILL; send 9 to 0", Step(new RestartEvent.TimePassed()));
        Step(new RestartEvent.Exited(0, 137, 9));
        Assert.Equal("forget 0", Step(new RestartEvent.RestCounted(0, 0)));
        Assert.True(_state.IsOver);
    }

    [Fact]
    public void Restart_ThatIsAskedFor_StopsTheOldOneFirst()
    {
        Run(0);
        Assert.Equal("tell SIGHUP: app (pid 100) is started again; send 15 to 0", Step(new RestartEvent.RestartAsked("SIGHUP")));
        Assert.Equal("", Step(new RestartEvent.RestartAsked("SIGHUP")));
        Step(new RestartEvent.Exited(0, 0, 0));
        Assert.Equal("forget 0; files; manager Restarts; spawn 1", Step(new RestartEvent.RestCounted(0, 0)));
        Assert.Equal("SIGHUP", _state.Starts[0].Reason);
    }

    [Fact]
    public void Restart_ThatOverlaps_StopsTheOldOneOnceTheNewOneIsUp()
    {
        _state = Of(RestartPolicy.OnFailure, overlaps: true);
        Run(0);
        Assert.Equal("tell app.conf changed: app (pid 100) is started again; manager Restarts; spawn 1", Step(new RestartEvent.RestartAsked("app.conf changed")));
        Step(new RestartEvent.Spawned(1, 101));
        Assert.Equal("record 101 app.conf changed", Step(new RestartEvent.Listened(1)));
        Assert.Equal("", Step(new RestartEvent.Checked(1, false, false)));
        Assert.Equal("manager Ready; send 15 to 0", Step(new RestartEvent.Checked(1, true, false)));
        Step(new RestartEvent.Exited(0, 143, 15));
        Assert.Equal("forget 0; files", Step(new RestartEvent.RestCounted(0, 0)));
        Assert.Equal("release", Step(new RestartEvent.Checked(1, true, true)));
    }

    [Fact]
    public void Restart_ThatOverlaps_StopsAnOldOneThatIsNotUp()
    {
        _state = Of(RestartPolicy.OnFailure, overlaps: true);
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.Executed(0));
        Assert.Equal("tell SIGHUP: app (pid 100) is started again; send 15 to 0", Step(new RestartEvent.RestartAsked("SIGHUP")));
        Step(new RestartEvent.Exited(0, 143, 15));
        Assert.Equal("forget 0; files; manager Restarts; spawn 1", Step(new RestartEvent.RestCounted(0, 0)));
    }

    [Fact]
    public void NewOne_ThatEndsBeforeItIsUp_LeavesTheOldOne()
    {
        _state = Of(RestartPolicy.OnFailure, overlaps: true);
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Spawned(1, 101));
        Step(new RestartEvent.Executed(1));
        Step(new RestartEvent.Exited(1, 1, 0));
        Assert.Equal("forget 1; files; tell app (pid 101) ended with exit code 1 before it was up: the old one goes on; manager GoesOn", Step(new RestartEvent.RestCounted(1, 0)));
        Assert.Equal(0, Assert.Single(_state.Starts).Id);
    }

    [Theory]
    [InlineData(RestartPolicy.OnFailure, 1, 0, true)]
    [InlineData(RestartPolicy.OnFailure, 0, 143, false)]
    [InlineData(RestartPolicy.Always, 0, 0, true)]
    [InlineData(RestartPolicy.Never, 1, 0, false)]
    internal void NewOne_ThatWasUpAndEndsBeforeTheOldOne_DecidesWhatFollows(RestartPolicy policy, int newCode, int oldCode, bool isStarted)
    {
        _state = Of(policy, overlaps: true);
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Spawned(1, 101));
        Step(new RestartEvent.Listened(1));
        Assert.Equal("manager Ready; send 15 to 0", Step(new RestartEvent.Checked(1, true, false)));
        Step(new RestartEvent.Exited(1, newCode, 0));
        Assert.Equal("forget 1; files", Step(new RestartEvent.RestCounted(1, 0)));
        Step(new RestartEvent.Exited(0, oldCode, 0));
        var effects = Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal(isStarted ? $"forget 0; tell app (pid 101) ended with exit code {newCode}: it is started again; files; manager Restarts; spawn 2" : "forget 0", effects);
        Assert.Equal((!isStarted, newCode), (_state.IsOver, _state.ExitCode));
    }

    [Fact]
    public void NewOne_ThatWasUpAndEnds_DecidesOnceAlone()
    {
        _state = Of(RestartPolicy.OnFailure, overlaps: true);
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Run(1);
        Step(new RestartEvent.Exited(1, 1, 0));
        Step(new RestartEvent.RestCounted(1, 0));
        Step(new RestartEvent.Exited(0, 0, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Run(2);
        Step(new RestartEvent.Exited(2, 0, 0));
        Assert.Equal("forget 2", Step(new RestartEvent.RestCounted(2, 0)));
        Assert.Equal((true, 0), (_state.IsOver, _state.ExitCode));
    }

    [Fact]
    public void Rest_ThatCannotBeCounted_IsLookedForAgain()
    {
        Run(0);
        Step(new RestartEvent.Exited(0, 0, 0));
        Assert.Equal("", Step(new RestartEvent.RestCounted(0, null)));
        Assert.Equal(RestartRules.CheckPace, _state.DueAt - _now);
        _now = _state.DueAt!.Value;
        Assert.Equal("count 0", Step(new RestartEvent.TimePassed()));
        Assert.Equal("forget 0", Step(new RestartEvent.RestCounted(0, 0)));
    }

    [Fact]
    public void Rest_IsEndedAndInTheEndKilled()
    {
        Run(0);
        Step(new RestartEvent.Exited(0, 0, 0));
        Assert.Equal(
            "tell 2 processes that app (pid 100) left behind are ended (for --hold, a program that goes to the background has ended: keep it in the foreground); rest 15 of 0",
            Step(new RestartEvent.RestCounted(0, 2)));
        // One that has come since is told too; whoever carries it out tells each but once.
        Assert.Equal("rest 15 of 0", Step(new RestartEvent.RestCounted(0, 1)));
        _now += 5 * Second;
        Assert.Equal("count 0", Step(new RestartEvent.TimePassed()));
        Assert.Equal("rest 9 of 0", Step(new RestartEvent.RestCounted(0, 1)));
        Assert.Equal("forget 0", Step(new RestartEvent.FellSilent(0)));
        Assert.True(_state.IsOver);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rest_OfAStartThatIsToldToStop_IsEndedWithoutAWordOfTheBackground(bool isRestarted)
    {
        Run(0);
        Step(isRestarted ? new RestartEvent.RestartAsked("SIGHUP") : new RestartEvent.StopAsked(SignalNames.Terminate));
        Step(new RestartEvent.Exited(0, 143, 15));
        Assert.Equal("rest 15 of 0", Step(new RestartEvent.RestCounted(0, 1)));
    }

    [Theory]
    [InlineData(0, 0, 1, false, " (for --hold, a program that goes to the background has ended: keep it in the foreground)")]
    [InlineData(0, 0, 9, true, " (for --hold, a program that goes to the background has ended: keep it in the foreground)")]
    [InlineData(0, 0, 9, false, "")]
    [InlineData(1, 0, 1, false, "")]
    [InlineData(137, 9, 1, true, "")]
    public void Rest_OfAStartThatEnded_IsToldWithTheAdviceThatItsEndCallsFor(int exitCode, int signal, int seconds, bool hasSockets, string advice)
    {
        Run(0);
        _now += seconds * Second;
        Step(new RestartEvent.Exited(0, exitCode, signal));
        Assert.Equal($"tell 2 processes that app (pid 100) left behind are ended{advice}; rest 15 of 0", Step(new RestartEvent.RestCounted(0, 2, hasSockets)));
    }

    [Theory]
    [InlineData(131, 3, true)]
    [InlineData(131, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(137, 9, false)]
    public void Quit_ThatWasTyped_IsFinalOnlyForAProgramThatEndsByIt(int exitCode, int signal, bool isFinal)
    {
        Run(0);
        Assert.Equal("", Step(new RestartEvent.QuitTyped()));
        Step(new RestartEvent.Exited(0, exitCode, signal));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal((isFinal, exitCode), (_state.IsOver, _state.ExitCode));
    }

    [Fact]
    public void Quit_ThatWasTypedOfAnEarlierStart_IsForgotten()
    {
        Run(0);
        Step(new RestartEvent.QuitTyped());
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Exited(0, 0, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Run(1);
        Step(new RestartEvent.Exited(1, 131, 3));
        Step(new RestartEvent.RestCounted(1, 0));
        Assert.False(_state.IsOver);
    }

    [Theory]
    [InlineData(130, 2, 0, true)]
    [InlineData(1, 0, 59, true)]
    [InlineData(1, 0, 61, false)]
    public void Interrupt_ThatWasTyped_IsFinalForAProgramThatEndsSoonAfterIt(int exitCode, int signal, int seconds, bool isFinal)
    {
        Run(0);
        Assert.Equal("", Step(new RestartEvent.Interrupted(IsTyped: true)));
        _now += seconds * Second;
        Step(new RestartEvent.Exited(0, exitCode, signal));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal((isFinal, exitCode), (_state.IsOver, _state.ExitCode));
    }

    [Fact]
    public void Interrupt_ThatAProgramSurvives_LeavesItToBeStartedAgain()
    {
        Run(0);
        Step(new RestartEvent.Interrupted(IsTyped: true));
        Assert.Equal("tell SIGHUP: app (pid 100) is started again; send 15 to 0", Step(new RestartEvent.RestartAsked("SIGHUP")));
        Step(new RestartEvent.Exited(0, 130, 2));
        Step(new RestartEvent.RestCounted(0, 0));
        Run(1);
        Step(new RestartEvent.Exited(1, 1, 0));
        Assert.EndsWith("spawn 2", Step(new RestartEvent.RestCounted(1, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupt_ThatWasSent_IsPassedOnAndKillsNothing()
    {
        Run(0);
        Assert.Equal("send 2 to 0", Step(new RestartEvent.Interrupted(IsTyped: false)));
        Assert.Null(_state.DueAt);
        Step(new RestartEvent.Exited(0, 1, 0));
        Assert.Equal("forget 0", Step(new RestartEvent.RestCounted(0, 0)));
    }

    [Fact]
    public void Interrupt_BetweenRestartsThatAreAskedFor_IsFinal()
    {
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Interrupted(IsTyped: true));
        Step(new RestartEvent.Exited(0, 0, 0));
        // What it wrote at its end.
        Assert.Equal("", Step(new RestartEvent.RestartAsked("app.log changed")));
        Assert.Equal("forget 0", Step(new RestartEvent.RestCounted(0, 0)));
        Assert.True(_state.IsOver);
    }

    [Fact]
    public void Quit_ThatIsTypedWhileNothingRuns_IsFinal()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.Executed(0));
        Step(new RestartEvent.Exited(0, 1, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal("manager Stops", Step(new RestartEvent.QuitTyped()));
        Assert.True(_state.IsOver);
    }

    [Fact]
    public void Rest_OnceTheTerminalHasStoppedIt_IsEndedWithoutAWordOfTheBackground()
    {
        Run(0);
        Step(new RestartEvent.Interrupted(IsTyped: true));
        Step(new RestartEvent.Exited(0, 130, 2));
        Assert.Equal("rest 15 of 0", Step(new RestartEvent.RestCounted(0, 1)));
    }

    [Fact]
    public void Rest_ThatIsNotFoundButHasTheFilter_IsWaitedForAsLongAsAStopTakes()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.Prepared(0, IsSupervised: true, HasPassedSockets: false, AreSocketsSeen: true));
        Step(new RestartEvent.Executed(0));
        Step(new RestartEvent.Exited(0, 0, 0));
        Assert.Equal("", Step(new RestartEvent.RestCounted(0, 0)));
        _now += 6 * Second;
        Assert.Equal("forget 0", Step(new RestartEvent.RestCounted(0, 0)));
    }

    // Else a service manager would wait for it in vain, and end it.
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    public void Program_OfWhichNothingTellsThatItListens_IsUpAfterAWhile(bool isSupervised, bool hasPassedSockets, bool areSocketsSeen)
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.Prepared(0, isSupervised, hasPassedSockets, areSocketsSeen));
        Step(new RestartEvent.Executed(0));
        Assert.Equal(Second, _state.DueAt - _now);
        _now += Second;
        Step(new RestartEvent.TimePassed());
        Assert.Equal("manager Ready", Step(new RestartEvent.Checked(0, false, false)));
        _now += 60 * Second;
        // It may have what it got and has not bound.
        Assert.Equal(hasPassedSockets ? "" : "release", Step(new RestartEvent.Checked(0, false, false)));
    }

    [Fact]
    public void Program_ThatGotAListener_IsUpOnceItIsSeenToServeIt()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Assert.Equal("record 100", Step(new RestartEvent.GotListener(0)));
        _now += Second / 2;
        // Another of several.
        Step(new RestartEvent.GotListener(0));
        Assert.Equal(Second, _state.DueAt - _now);
        _now += Second;
        Assert.Equal("check listener 0", Step(new RestartEvent.TimePassed()));
        // It loads, or has closed it: asked again, ever less often.
        Assert.InRange(_state.DueAt!.Value - _now, Second, 2 * Second);
        Assert.Equal("", Step(new RestartEvent.TimePassed()));
        _now += 2 * Second;
        Assert.Equal("check listener 0", Step(new RestartEvent.TimePassed()));
        Step(new RestartEvent.Listened(0));
        Assert.Equal("manager Ready; release", Step(new RestartEvent.Checked(0, true, true)));
    }

    [Fact]
    public void Program_ThatGotAListenerAndListens_IsUpAtOnce()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.GotListener(0));
        Step(new RestartEvent.Listened(0));
        Assert.Equal("manager Ready; release", Step(new RestartEvent.Checked(0, true, true)));
        Step(new RestartEvent.GotListener(0));
        _now += Second;
        Assert.Equal("", Step(new RestartEvent.TimePassed()));
    }

    [Fact]
    public void End_OfAStartThatGotAListenerAndDidNotServe_IsACrash()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.GotListener(0));
        Step(new RestartEvent.Exited(0, 3, 0));
        Assert.Contains("it is started again in 0.1 s", Step(new RestartEvent.RestCounted(0, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Program_ThatCannotBeExecuted_IsNotTriedAgain()
    {
        _state = Of(RestartPolicy.Always, overlaps: false);
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Step(new RestartEvent.NotExecuted(0, "no such file"));
        Step(new RestartEvent.Exited(0, 127, 0));
        Assert.Equal("forget 0; tell /opt/app: no such file", Step(new RestartEvent.RestCounted(0, 0)));
        Assert.True(_state.IsOver);
        Assert.Equal(127, _state.ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Change_WhileItMayBeShuttingDownAfterCtrlC_RestartsWhatSurvives(bool survives)
    {
        Run(0);
        Step(new RestartEvent.Interrupted(IsTyped: true));
        _now += Second;
        Assert.Equal("", Step(new RestartEvent.RestartAsked("state changed", IsOfChange: true)));
        if (survives)
        {
            Assert.Equal(4 * Second, _state.DueAt - _now);
            _now += 4 * Second;
            Assert.Equal("tell state changed: app (pid 100) is started again; send 15 to 0", Step(new RestartEvent.TimePassed()));
            return;
        }
        _now += Second;
        Step(new RestartEvent.Exited(0, 0, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.True(_state.IsOver);
    }

    [Fact]
    public void Interrupt_OfTwoThatOverlap_IsNoReasonForTheOldOneToGoOn()
    {
        _state = Of(RestartPolicy.OnFailure, overlaps: true);
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Spawned(1, 101));
        Step(new RestartEvent.Interrupted(IsTyped: true));
        Step(new RestartEvent.Exited(1, 0, 2));
        Assert.DoesNotContain("goes on", Step(new RestartEvent.RestCounted(1, 0)), StringComparison.Ordinal);
        Step(new RestartEvent.Exited(0, 1, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.True(_state.IsOver);
    }

    [Fact]
    public void Signals_BeforeItIsTheProgram_AreKeptForIt()
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(0, 100));
        Assert.Equal("", Step(new RestartEvent.SignalCame(10)));
        Assert.Equal("record 100; send 10 to 0", Step(new RestartEvent.Executed(0)));
        Assert.Equal("send 12 to 0", Step(new RestartEvent.SignalCame(12)));
    }

    [Fact]
    public void Start_ThatGetsNoProcess_IsTriedAgain()
    {
        Run(0);
        Step(new RestartEvent.RestartAsked("SIGHUP"));
        Step(new RestartEvent.Exited(0, 0, 0));
        Step(new RestartEvent.RestCounted(0, 0));
        Assert.Equal("tell app cannot be started (EAGAIN); files", Step(new RestartEvent.NotSpawned(1, "EAGAIN")));
        Assert.Equal(RestartHistory.FirstDelay, _state.DueAt - _now);
        Assert.Equal("manager Stops", Step(new RestartEvent.StopAsked(null)));
        Assert.True(_state.IsOver);
    }

    private static RestartState Of(RestartPolicy policy, bool overlaps) => new(new RestartRules("/opt/app", policy, overlaps, 5 * Second));

    // From its beginning until it has all that it is to have.
    private void Run(int id)
    {
        Step(new RestartEvent.Begun());
        Step(new RestartEvent.Spawned(id, 100 + id));
        Step(new RestartEvent.Listened(id));
        Step(new RestartEvent.Checked(id, true, true));
    }

    private string Step(RestartEvent what)
    {
        (_state, var effects) = RestartMachine.Step(_state, what, _now);
        return string.Join("; ", effects.Select(Written));
    }

    private static string Written(RestartEffect effect) => effect switch
    {
        RestartEffect.Spawn one => $"spawn {one.Id}",
        RestartEffect.Send one => $"send {one.Signal} to {one.Id}",
        RestartEffect.CountRest one => $"count {one.Id}",
        RestartEffect.CheckListener one => $"check listener {one.Id}",
        RestartEffect.SendToRest one => $"rest {one.Signal} of {one.Id}",
        RestartEffect.Forget one => $"forget {one.Id}",
        RestartEffect.RestoreFiles => "files",
        RestartEffect.ReleaseUntaken => "release",
        RestartEffect.NotifyManager one => $"manager {one.Word}",
        RestartEffect.Report one => $"tell {one.Sentence}",
        RestartEffect.RecordStart one => $"record {one.ProcessId} {one.Reason}".TrimEnd(),
        RestartEffect.RecordEnd one => $"ended {one.ProcessId}",
        _ => throw new NotSupportedException(effect.ToString()),
    };
}
