using System.Net;
using IsolatedProcess;

namespace Bindwise.Testing.Tests;

/// <summary>Retries on a clock that does not wait, and the clock itself.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [IsolatedTheory]
    [InlineData("async")]
    [InlineData("sync")]
    public Task Retry_OfADay_TakesMoments(string how) => Body.RunAsync(static async how =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var time = new AutoAdvanceTimeProvider();
        var pauses = new List<TimeSpan>();
        var policy = BindRetryOptions.For(Day, BindRetryReasons.OtherListeners) with { MaxDelay = TimeSpan.FromHours(6), TimeProvider = time, OnRetry = wait => pauses.Add(wait.Delay) };
        var request = ListenRequest.On(IPAddress.Loopback, 8080) with { Retry = policy };
        var failure = how == "async" ? await Assert.ThrowsAsync<BindException>(async () => await Listener.BindAsync(request)) : Assert.Throws<BindException>(() => Listener.Bind(request));
        Assert.InRange(failure.Attempts, 15, 100);
        // A pause on any other clock would be one of the day's: the test would not end.
        Assert.Equal(pauses, time.Waits);
        Assert.InRange(time.Elapsed, Day, Day + TimeSpan.FromSeconds(1));
        // It doubles, with jitter.
        Assert.InRange(pauses[0].TotalMilliseconds, 25, 50);
        Assert.InRange(pauses[10].TotalMilliseconds, 25 * 1024, 50 * 1024);
        Assert.Contains("in 86400.", failure.Message, StringComparison.Ordinal);
    }, how);

    [IsolatedTheory]
    [InlineData("async")]
    [InlineData("sync")]
    public Task Retry_OfAPortThatIsFreedInTheMeantime_Succeeds(string how) => Body.RunAsync(static async how =>
    {
        var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var time = new AutoAdvanceTimeProvider();
        time.RunAfter(TimeSpan.FromMinutes(5), holder.Dispose);
        var request = ListenRequest.On(IPAddress.Loopback, 8080) with { Retry = BindRetryOptions.For(Day, BindRetryReasons.OtherListeners) with { TimeProvider = time } };
        using var listener = how == "async" ? await Listener.BindAsync(request) : Listener.Bind(request);
        Assert.InRange(time.Elapsed, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.True(listener.Attempts > 100);
    }, how);

    [Fact]
    public void Retry_WithoutAClock_IsRefused() => Assert.Throws<ArgumentNullException>(
        "request", static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 0) with { Retry = new BindRetryOptions { TimeProvider = null! } }));

    [Fact]
    public async Task Timers_FireInTheOrderOfTheirTimes()
    {
        var start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.FromHours(2));
        var time = new AutoAdvanceTimeProvider(start);
        var order = new List<string>();
        time.RunAfter(TimeSpan.FromHours(2), () => order.Add($"two at {time.Elapsed.TotalHours}"));
        time.RunAfter(TimeSpan.FromHours(1), () => order.Add($"one at {time.Elapsed.TotalHours}"));
        time.RunAfter(TimeSpan.FromHours(4), () => order.Add("never"));
        Assert.Equal(TimeSpan.Zero, time.Elapsed);
        await Task.Delay(TimeSpan.FromHours(3), time);
        Assert.Equal(["one at 1", "two at 2"], order);
        Assert.Equal(TimeSpan.FromHours(3), Assert.Single(time.Waits));
        Assert.Equal(start.AddHours(3), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(3), time.GetElapsedTime(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => time.RunAfter(TimeSpan.FromTicks(-1), static () => { }));
    }

    [Fact]
    public async Task PeriodicTimer_TicksOnceByItself_AndThenWithOthers()
    {
        var time = new AutoAdvanceTimeProvider();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), time);
        Assert.True(await timer.WaitForNextTickAsync());
        Assert.Equal(TimeSpan.FromSeconds(10), time.Elapsed);
        var next = timer.WaitForNextTickAsync().AsTask();
        await Task.Delay(TimeSpan.FromSeconds(9), time);
        Assert.False(next.IsCompleted);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        Assert.True(await next);
    }

    [Fact]
    public async Task Timer_ChangedOrDisposed_DoesNotFire()
    {
        var time = new AutoAdvanceTimeProvider();
        var fired = 0;
        await using var timer = time.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        Assert.Equal(0, fired);
        Assert.True(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
        await Task.Delay(TimeSpan.FromSeconds(2), time);
        Assert.Equal(1, fired);
        await timer.DisposeAsync();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(-5), Timeout.InfiniteTimeSpan));
    }

    // As code does that goes on after an await, and then calls a method that waits.
    [Fact]
    public async Task Callback_ThatBlocksOnATimerOfItsOwn_IsWokenByIt()
    {
        var time = new AutoAdvanceTimeProvider();
        var elapsed = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var outer = time.CreateTimer(_ =>
        {
            using var woken = new ManualResetEventSlim();
            using var inner = time.CreateTimer(static woken => ((ManualResetEventSlim)woken!).Set(), woken, Day, Timeout.InfiniteTimeSpan);
            woken.Wait();
            elapsed.SetResult(time.Elapsed);
        }, null, Day, Timeout.InfiniteTimeSpan);
        Assert.Equal(2 * Day, await elapsed.Task);
    }
}
