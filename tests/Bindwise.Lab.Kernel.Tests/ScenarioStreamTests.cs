using System.Diagnostics;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Tests.Playing;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests;

public class ScenarioStreamTests
{
    private static readonly StreamLimits Limits = new() { Workers = 2 };

    [Fact]
    public void Play_ManyThatWait_TakeLittleMoreThanOne()
    {
        var started = TimeProvider.System.GetTimestamp();
        var answers = Play(Enumerable.Range(0, 500).Select(i => Scenarios.Named($"{i}", Scenarios.Open, new WaitStep(0.5m), Scenarios.Bind)), Limits);
        Assert.Equal(500, answers.Count);
        Assert.All(answers, answer => Assert.Equal(3, answer.Result!.Steps.Length));
        // One after the other they would take 250 s.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.5, 250);
    }

    [Fact]
    public void Play_SomeWaitAndSomeDoNot_AreAnsweredInTheirOrder()
    {
        var scenarios = Enumerable.Range(0, 200).Select(i => i % 7 == 0 ? Scenarios.Named($"{i}", new WaitStep(0.1m * (i % 3 + 1))) : Scenarios.Named($"{i}", Scenarios.Open));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), Play(scenarios, Limits).Select(answer => answer.Scenario!.Name));
    }

    [Fact]
    public void Play_EntryWithoutAScenario_IsAnsweredInItsPlace()
    {
        var answers = Play([Scenarios.Named("0", new WaitStep(0.2m)), null, Scenarios.Named("2", Scenarios.Open)], Limits);
        Assert.Equal(["0", null, "2"], answers.Select(answer => answer.Scenario?.Name));
        Assert.Null(answers[1].Result);
    }

    [Fact]
    public void Play_MoreThanMayWait_WaitInTurns()
    {
        var limits = Limits with { Waiting = 10 };
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(30, Play(Enumerable.Range(0, 30).Select(i => Scenarios.Named($"{i}", new WaitStep(0.2m))), limits).Count);
        Assert.True(TimeProvider.System.GetElapsedTime(started).TotalSeconds >= 0.5);
    }

    [Fact]
    public void Play_FewerUnansweredThanThereAre_StillAnswersAll() =>
        Assert.Equal(100, Play(Enumerable.Range(0, 100).Select(i => Scenarios.Named($"{i}", new WaitStep(0.05m))), Limits with { Unanswered = 3 }).Count);

    [Fact]
    public void Play_StreamThatPauses_IsAnsweredBeforeTheNextEntryComes()
    {
        using var answered = new SemaphoreSlim(0);
        IEnumerable<Scenario?> Entries()
        {
            for (var i = 0; i < 3; i++)
            {
                yield return Scenarios.Named($"{i}", Scenarios.Open);
                Assert.True(answered.Wait(TimeSpan.FromSeconds(120)));
            }
        }
        new ScenarioStream<Scenario?>(ScriptedHosts.Willing, Limits, entry => entry, (_, _) => answered.Release() >= 0).Play(Entries(), CancellationToken.None);
    }

    [Fact]
    public void Play_Cancelled_EndsBeforeItsWaitsDo()
    {
        using var cancellation = new CancellationTokenSource();
        var answers = 0;
        IEnumerable<Scenario?> Entries()
        {
            yield return Scenarios.Named("0", new WaitStep(3600));
            cancellation.Cancel();
        }
        new ScenarioStream<Scenario?>(ScriptedHosts.Willing, Limits, entry => entry, (_, _) => ++answers > 0).Play(Entries(), cancellation.Token);
        Assert.Equal(0, answers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Play_AnswerNoLongerTaken_EndsThePlay(bool withKernel)
    {
        var taken = 0;
        var hosts = withKernel ? ScriptedHosts.Willing : ScriptedHosts.Willing with { Kernel = null };
        IEnumerable<Scenario?> Endless()
        {
            while (true)
                yield return Scenarios.Named("", Scenarios.Open);
        }
        new ScenarioStream<Scenario?>(hosts, Limits, entry => entry, (_, _) => ++taken < 5).Play(Endless(), CancellationToken.None);
        Assert.Equal(5, taken);
    }

    [Fact]
    public void Play_EntriesOrAnswersThrow_ThrowsThat()
    {
        IEnumerable<Scenario?> Broken()
        {
            yield return Scenarios.Named("0", new WaitStep(3600));
            throw new IOException("torn");
        }
        Assert.Equal("torn", Assert.Throws<IOException>(() => Play(Broken(), Limits)).Message);
        var stream = new ScenarioStream<Scenario?>(ScriptedHosts.Willing, Limits, entry => entry, (_, _) => throw new IOException("full"));
        Assert.Equal("full", Assert.Throws<IOException>(() => stream.Play([Scenarios.Named("0", Scenarios.Open)], CancellationToken.None)).Message);
    }

    [Fact]
    public void Play_NoOrder_AnswersEachAsSoonAsItIsPlayed()
    {
        var answers = new List<string>();
        // The first answer ends the play: the slow one would take an hour.
        new ScenarioStream<Scenario?>(ScriptedHosts.Willing, Limits with { InOrder = false }, entry => entry, (entry, _) =>
        {
            answers.Add(entry!.Name);
            return false;
        }).Play([Scenarios.Named("slow", new WaitStep(3600)), Scenarios.Named("quick", Scenarios.Open)], CancellationToken.None);
        Assert.Equal(["quick"], answers);
    }

    [Fact]
    public void Play_PoolWithoutRoom_WaitsForTheScenariosUnderWay()
    {
        var hosts = new ScenarioHosts(null, () => new ScriptedPool(_ => ScriptedHost.Willing()) { Room = 3 });
        var answers = Play(Enumerable.Range(0, 30).Select(i => Scenarios.Named($"{i}", new WaitStep(0.05m), Scenarios.Open)), Limits, hosts);
        Assert.Equal(30, answers.Count);
        Assert.All(answers, answer => Assert.Null(answer.Result!.Error));
    }

    [Fact]
    public void Play_PoolCannotBeOpened_ThrowsThat()
    {
        var hosts = new ScenarioHosts(null, () => throw new LiveUnavailableException("no namespaces"));
        Assert.Equal("no namespaces", Assert.Throws<LiveUnavailableException>(() => Play([Scenarios.Named("0", Scenarios.Open)], Limits, hosts)).Message);
    }

    [Fact]
    public void Play_SomethingAlwaysToPlay_StillGoesOnWithWhatHasWaited()
    {
        using var answered = new ManualResetEventSlim();
        IEnumerable<Scenario?> Entries()
        {
            yield return Scenarios.Named("waits", new WaitStep(0.1m));
            while (!answered.IsSet)
                yield return Scenarios.Named("", Scenarios.Open);
        }
        var until = TimeProvider.System.GetTimestamp();
        new ScenarioStream<Scenario?>(ScriptedHosts.Willing, Limits with { InOrder = false }, entry => entry, (entry, _) =>
        {
            if (entry!.Name == "waits")
                answered.Set();
            return TimeProvider.System.GetElapsedTime(until).TotalSeconds < 120;
        }).Play(Entries(), CancellationToken.None);
        Assert.True(answered.IsSet);
    }

    [Fact]
    public void Play_OnTheModelAlone_WaitsForNothing()
    {
        var answers = new List<string>();
        new ScenarioStream<Scenario>(ScriptedHosts.Of(_ => ScriptedHost.Willing(), null), Limits, entry => entry, (entry, _) =>
            {
                answers.Add(entry.Name);
                return true;
            })
            .Play([Scenarios.Named("0", new WaitStep(86_400)), Scenarios.Named("1", Scenarios.Open)], CancellationToken.None);
        Assert.Equal(["0", "1"], answers);
    }

    [Fact]
    public void Play_RetriesOfAStream_WaitSideBySide()
    {
        var retries = Enumerable.Range(0, 40).Select(_ => Scenarios.Of(new RetryStep(Scenarios.Bind, 0.5m, 1.5m))).ToList();
        var results = new List<ScenarioResult>();
        var (made, turns) = (0, new List<int>());
        var hosts = ScriptedHosts.Of(null, _ =>
        {
            var number = made++;
            return new ScriptedHost(step =>
            {
                turns.Add(number);
                return new StepResult("EADDRINUSE");
            });
        });
        new ScenarioStream<Scenario>(hosts, new StreamLimits { Workers = 1 }, scenario => scenario, (_, result) =>
        {
            results.Add(result!);
            return true;
        }).Play(retries, CancellationToken.None);
        // One after the other, each would make all its attempts in a row, and the turn would be another's 39 times.
        Assert.InRange(turns.Zip(turns.Skip(1)).Count(turn => turn.First != turn.Second), 60, int.MaxValue);
        Assert.Equal(40, results.Count(result => result.Steps[0].Because.EndsWith(", and all failed", StringComparison.Ordinal)));
    }

    // Each of the others holds the only thread for half a second, while the first one waits or is about to be played again.
    [Theory]
    [InlineData(0, 9, 0, 1, true, null)]
    [InlineData(1, 1, 0, 2, false, null)]
    [InlineData(10, 9, 0, 3, true, "this machine is too busy: it held up 3 plays, the last for ")]
    [InlineData(10, 3, 600, 4, false, null)]
    public void Play_ThatDiffersAndWasHeldUp_IsPlayedAgain(int others, int wrong, int patience, int plays, bool differs, string? error)
    {
        var played = 0;
        // The first one begins when the others stand in the queue: it must not have waited long enough before they come.
        using var queued = new ManualResetEventSlim();
        ScriptedHost Kernel(Scenario scenario)
        {
            if (scenario.Name != "waits")
                return new ScriptedHost(static _ => { Thread.Sleep(500); return new StepResult(StepResult.Ok); });
            Assert.True(queued.Wait(TimeSpan.FromMinutes(3)));
            return ++played <= wrong ? ScriptedHost.RefusingBind("EADDRINUSE") : ScriptedHost.Willing();
        }
        IEnumerable<Scenario> Entries()
        {
            yield return Scenarios.Named("waits", new WaitStep(0.1m), Scenarios.Bind);
            for (var number = 0; number < others; number++)
                yield return Scenarios.Named($"{number}", Scenarios.Bind);
            queued.Set();
        }
        var hosts = ScriptedHosts.Of(static _ => ScriptedHost.Willing(), Kernel);
        ScenarioResult first;
        var (began, again) = (Stopwatch.StartNew(), new Stopwatch());
        do
        {
            played = 0;
            again.Restart();
            first = Play(Entries(), new StreamLimits { Workers = 1, Patience = TimeSpan.FromSeconds(patience) }, hosts)[0].Result!;
        }
        // Alone, it is held up by the machine only: then it proves nothing.
        while (others == 0 && again.Elapsed > TimeSpan.FromSeconds(0.1) + HeldUpPlay.Slack && began.Elapsed < TimeSpan.FromMinutes(4));
        Assert.Equal((plays, differs), (played, first.IsMismatch));
        Assert.StartsWith(error ?? "", first.Error ?? "", StringComparison.Ordinal);
        Assert.Equal(error is null, first.Error is null);
    }

    private static List<(Scenario? Scenario, ScenarioResult? Result)> Play(IEnumerable<Scenario?> entries, StreamLimits limits, ScenarioHosts? hosts = null)
    {
        var answers = new List<(Scenario?, ScenarioResult?)>();
        new ScenarioStream<Scenario?>(hosts ?? ScriptedHosts.Willing, limits, entry => entry, (entry, result) =>
        {
            answers.Add((entry, result));
            return true;
        }).Play(entries, CancellationToken.None);
        return answers;
    }
}
