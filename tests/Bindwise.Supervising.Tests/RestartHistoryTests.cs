using Bindwise.Model.Restarting;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Tests;

public sealed class RestartHistoryTests
{
    private static readonly StartEnd Crash = new(1, 0, HasListened: false, TimeSpan.FromMilliseconds(20));
    private RestartHistory _history;

    [Theory]
    [InlineData(RestartPolicy.OnFailure, 0, 0, false)]
    [InlineData(RestartPolicy.OnFailure, 1, 0, true)]
    [InlineData(RestartPolicy.OnFailure, 143, 15, true)]
    [InlineData(RestartPolicy.Always, 0, 0, true)]
    [InlineData(RestartPolicy.Never, 1, 0, false)]
    internal void Wants_AsThePolicySays(RestartPolicy policy, int exitCode, int signal, bool isWanted) =>
        Assert.Equal(isWanted, new RestartRules("app", policy, false, default).Wants(new StartEnd(exitCode, signal, true, TimeSpan.FromSeconds(2))));

    [Fact]
    public void Delay_OfStartsThatEndBeforeListening_Doubles()
    {
        Assert.Equal([100, 200, 400, 800, 1600], Enumerable.Range(0, 5).Select(_ => DelayAfter(Crash).TotalMilliseconds));
        Assert.Equal(RestartHistory.LoopLength, _history.Failures);
        for (var more = 0; more < 50; more++)
            DelayAfter(Crash);
        Assert.Equal(RestartHistory.LongestDelay, DelayAfter(Crash));
    }

    [Fact]
    public void Delay_AfterAStartThatListened_IsNone()
    {
        DelayAfter(Crash);
        Assert.Equal(TimeSpan.Zero, DelayAfter(Crash with { HasListened = true }));
        Assert.Equal(RestartHistory.FirstDelay, DelayAfter(Crash));
    }

    [Fact]
    public void Delay_OfManyShortStarts_KeepsThemFromSpinning()
    {
        var delays = Enumerable.Range(0, RestartHistory.FreeShortStarts + 2).Select(_ => DelayAfter(Crash with { HasListened = true })).ToList();
        Assert.Equal([RestartHistory.FirstDelay, RestartHistory.FirstDelay], delays[^2..]);
        Assert.All(delays[..^2], static delay => Assert.Equal(TimeSpan.Zero, delay));
        DelayAfter(new StartEnd(1, 0, true, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.Zero, DelayAfter(Crash with { HasListened = true }));
    }

    [Fact]
    public void Delay_OfAProgramThatNeverListens_IsThatOfACrashOnlyWhereItEndsSoon() =>
        Assert.Equal(TimeSpan.Zero, DelayAfter(Crash with { Ran = TimeSpan.FromMinutes(1) }));

    private TimeSpan DelayAfter(in StartEnd end)
    {
        (_history, var delay) = _history.After(end);
        return delay;
    }
}
