using Bindwise.Testing;

namespace Bindwise.Tests.HandingOver;

/// <summary>How often a new instance asks, and what is told of it, on a clock that does not wait.</summary>
[Trait("Lane", "second")]
public sealed class HandOverPatienceTests
{
    private static readonly HandOverException Closed = new("closed") { Failure = HandOverFailure.Closed, Process = 17 };

    [Fact]
    public void Questions_BecomeFewer_UntilTheTimeIsOver()
    {
        for (var round = 0; round < 50; round++)
        {
            var time = new AutoAdvanceTimeProvider();
            var told = new List<string>();
            var patience = new HandOverPatience(new HandOverOptions { Path = "/run/app.sock", TimeProvider = time, WaitTimeout = TimeSpan.FromSeconds(150), OnAttemptFailed = one => told.Add(one.Message) });
            var asked = new List<TimeSpan>();
            HandOverException? last = null;
            while (last is null)
            {
                asked.Add(time.Elapsed);
                last = Record.Exception(() => patience.Wait(Closed, CancellationToken.None)) as HandOverException;
            }
            Assert.InRange(asked.Count(static at => at < TimeSpan.FromSeconds(5)), 5, 10);
            Assert.Equal(TimeSpan.Zero, asked[1]);
            // No pause is shorter than a millisecond, not even the last one.
            Assert.InRange(asked[^1], TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(150.001));
            Assert.All(time.Waits[..^1], static pause => Assert.InRange(pause, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2.5)));
            Assert.All(time.Waits.Take(5).Select(static (pause, index) => pause / Math.Pow(2, index)), static pause => Assert.InRange(pause, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)));
            Assert.Equal($"closed This instance asked {asked.Count} times in 150 s.", last.Message);
            // One a minute: at the beginning, after one minute, and after two.
            Assert.Equal(3, told.Count);
            Assert.Equal("closed", told[0]);
            Assert.Matches(@"^closed Left out before it: \d+ of the same kind\.$", told[1]);
        }
    }

    // A system's timer may fire a little before the clock says so.
    [Fact]
    public void Timers_ThatFireEarly_MakeNoQuestionMore()
    {
        for (var round = 0; round < 200; round++)
        {
            var options = new HandOverOptions { TimeProvider = new EarlyTimers(), WaitTimeout = TimeSpan.FromSeconds(5) };
            var patience = new HandOverPatience(options);
            var asked = 1;
            while (Record.Exception(() => patience.Wait(Closed, CancellationToken.None)) is null)
                asked++;
            Assert.InRange(asked, 5, 10);
        }
    }

    [Fact]
    public void Pauses_AreNotTheSameForAll()
    {
        static TimeSpan FirstPause()
        {
            var time = new AutoAdvanceTimeProvider();
            new HandOverPatience(new HandOverOptions { TimeProvider = time }).Wait(new HandOverException("") { Failure = HandOverFailure.Garbage }, CancellationToken.None);
            return time.Elapsed;
        }
        Assert.InRange(Enumerable.Range(0, 20).Select(static _ => FirstPause()).Distinct().Count(), 2, 20);
    }

    // Of several that start at once, each gets the sockets from the one before it.
    [Fact]
    public void OldInstancesThatCloseOneAfterTheOther_AreFollowedAtOnce()
    {
        var time = new AutoAdvanceTimeProvider();
        var patience = new HandOverPatience(new HandOverOptions { TimeProvider = time, OnAttemptFailed = static _ => Assert.Fail("nothing is wrong") });
        for (var process = 1; process <= 8; process++)
            patience.Wait(new HandOverException("") { Failure = HandOverFailure.Closed, Process = process }, CancellationToken.None);
        Assert.Equal(TimeSpan.Zero, time.Elapsed);
    }

    [Fact]
    public void OnlyWhatMayPass_IsAskedAgain()
    {
        static bool MayPass(HandOverFailure failure, bool isFinal = false) =>
            new HandOverPatience(new HandOverOptions { FailOnVersionMismatch = isFinal }).MayPass(new HandOverException("") { Failure = failure });
        HandOverFailure[] passing = [HandOverFailure.Closed, HandOverFailure.Garbage, HandOverFailure.Refused, HandOverFailure.Version];
        Assert.All(Enum.GetValues<HandOverFailure>(), failure => Assert.Equal(passing.Contains(failure), MayPass(failure)));
        Assert.False(MayPass(HandOverFailure.Version, isFinal: true));
    }

    [Fact]
    public void Cancelled_EndsThePause()
    {
        var patience = new HandOverPatience(new HandOverOptions());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => patience.Wait(new HandOverException("") { Failure = HandOverFailure.Garbage }, cancelled.Token));
    }

    [Fact]
    public void Reports_AreOneAMinute_OfEachKind_WithTheNumberOfTheOthers()
    {
        var time = new Clock();
        var told = new List<string>();
        var reports = new HandOverReports(new HandOverOptions { TimeProvider = time, OnAttemptFailed = one => told.Add(one.Message) });
        void Report(HandOverFailure failure, string message) => reports.Report(new HandOverException(message) { Failure = failure });
        Report(HandOverFailure.Version, "first");
        Assert.Equal(Timeout.InfiniteTimeSpan, reports.UntilDue);
        time.Now = TimeSpan.FromSeconds(20);
        Report(HandOverFailure.Version, "second");
        Report(HandOverFailure.NotAsked, "other");
        Report(HandOverFailure.Version, "third");
        Assert.Equal(["first", "other"], told);
        Assert.Equal(TimeSpan.FromSeconds(40), reports.UntilDue);
        reports.ReportLeftOut(isLast: false);
        Assert.Equal(2, told.Count);
        time.Now = TimeSpan.FromSeconds(60);
        Assert.Equal(TimeSpan.Zero, reports.UntilDue);
        reports.ReportLeftOut(isLast: false);
        Assert.Equal("third Left out before it: 1 of the same kind.", told[^1]);
        Assert.Equal(Timeout.InfiniteTimeSpan, reports.UntilDue);
        // That one began a minute of its own.
        Report(HandOverFailure.Version, "fourth");
        Assert.Equal(3, told.Count);
        reports.ReportLeftOut(isLast: true);
        Assert.Equal("fourth", told[^1]);
        time.Now = TimeSpan.FromSeconds(200);
        Report(HandOverFailure.Version, "fifth");
        Assert.Equal("fifth", told[^1]);
        Assert.Equal(5, told.Count);
    }

    private sealed class EarlyTimers : TimeProvider
    {
        private readonly AutoAdvanceTimeProvider _timers = new();

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _timers.GetTimestamp() / 1000 * 999;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _timers.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
