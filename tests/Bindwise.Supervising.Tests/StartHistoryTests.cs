using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

public sealed class StartHistoryTests
{
    private static readonly StartEnd Crash = new(1, 0, HasListened: false, TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(RestartPolicy.OnFailure, 0, 0, false)]
    [InlineData(RestartPolicy.OnFailure, 1, 0, true)]
    [InlineData(RestartPolicy.OnFailure, 143, 15, true)]
    [InlineData(RestartPolicy.Always, 0, 0, true)]
    [InlineData(RestartPolicy.Never, 1, 0, false)]
    public void Wants_AsThePolicySays(RestartPolicy policy, int exitCode, int signal, bool isWanted) =>
        Assert.Equal(isWanted, StartHistory.Wants(policy, new StartEnd(exitCode, signal, true, TimeSpan.FromSeconds(2))));

    [Fact]
    public void Delay_OfStartsThatEndBeforeListening_Doubles()
    {
        var history = new StartHistory();
        Assert.Equal([100, 200, 400, 800, 1600], Enumerable.Range(0, 5).Select(_ => history.DelayAfter(Crash).TotalMilliseconds));
        Assert.Equal(StartHistory.LoopLength, history.Failures);
        for (var more = 0; more < 50; more++)
            history.DelayAfter(Crash);
        Assert.Equal(StartHistory.LongestDelay, history.DelayAfter(Crash));
    }

    [Fact]
    public void Delay_AfterAStartThatListened_IsNone()
    {
        var history = new StartHistory();
        history.DelayAfter(Crash);
        Assert.Equal(TimeSpan.Zero, history.DelayAfter(Crash with { HasListened = true }));
        Assert.Equal(StartHistory.FirstDelay, history.DelayAfter(Crash));
    }

    [Fact]
    public void Delay_OfManyShortStarts_KeepsThemFromSpinning()
    {
        var history = new StartHistory();
        var delays = Enumerable.Range(0, StartHistory.FreeShortStarts + 2).Select(_ => history.DelayAfter(Crash with { HasListened = true })).ToList();
        Assert.Equal([StartHistory.FirstDelay, StartHistory.FirstDelay], delays[^2..]);
        Assert.All(delays[..^2], static delay => Assert.Equal(TimeSpan.Zero, delay));
        history.DelayAfter(new StartEnd(1, 0, true, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.Zero, history.DelayAfter(Crash with { HasListened = true }));
    }

    [Fact]
    public void Delay_OfAProgramThatNeverListens_IsThatOfACrashOnlyWhereItEndsSoon()
    {
        var history = new StartHistory();
        Assert.Equal(TimeSpan.Zero, history.DelayAfter(Crash with { Ran = TimeSpan.FromMinutes(1) }));
    }
}
