using System.Diagnostics;
using Bindwise.Linux.Deadlines;

namespace Bindwise.Linux.Tests.Deadlines;

public sealed class BoundedRunTests
{
    // Nobody's process id: PID_MAX_LIMIT.
    private const int Stranger = 4 * 1024 * 1024;

    [Fact]
    public void Run_ReadThatNeverReturns_IsGivenUpAndLeftOut()
    {
        using var answered = new ManualResetEvent(false);
        var target = new ForeignTarget(ForeignKind.Files, Stranger);
        var asked = 0;
        var answer = BoundedRun.Run(_ =>
        {
            asked++;
            using var access = ForeignAccess.To(ForeignKind.Files, Stranger);
            if (access.IsAllowed)
                answered.WaitOne();
            return (access.IsAllowed, BoundedRun.Current!.Refused);
        }, CancellationToken.None);

        Assert.False(answer.IsAllowed);
        Assert.Equal(target, Assert.Single(answer.Refused));
        Assert.Equal(2, asked);

        // As long as the thread is there, none is sent after it.
        var second = BoundedRun.Run(_ =>
        {
            using var access = ForeignAccess.To(ForeignKind.Files, Stranger);
            return access.IsAllowed;
        }, CancellationToken.None);
        Assert.False(second);
        Assert.Contains(target, LostReads.Current);

        answered.Set();
        Assert.True(SpinWait.SpinUntil(() => !LostReads.Current.Contains(target), TimeSpan.FromSeconds(120)), "the thread came back");
    }

    [Fact]
    public void Run_ReadThatTakesLongButRuns_IsWaitedFor()
    {
        var clock = Stopwatch.StartNew();
        var asked = 0;
        var answer = BoundedRun.Run(_ =>
        {
            asked++;
            using var access = ForeignAccess.To(ForeignKind.Process, Stranger + 1);
            while (clock.Elapsed < BoundedRun.ReadLimit * 3)
                Thread.SpinWait(1000);
            return access.IsAllowed;
        }, CancellationToken.None);
        Assert.True(answer);
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Run_ReadsThatSleepAndWake_AreWaitedFor()
    {
        var asked = 0;
        var answer = BoundedRun.Run(_ =>
        {
            asked++;
            using var access = ForeignAccess.To(ForeignKind.Process, Stranger + 2);
            for (var i = 0; i < 200; i++)
                Thread.Sleep(5);
            return access.IsAllowed;
        }, CancellationToken.None);
        Assert.True(answer);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Run_Cancelled_ReturnsWhileTheReadStillWaits()
    {
        using var answered = new ManualResetEvent(false);
        using var cancel = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var run = Task.Run(() => BoundedRun.Run(_ =>
        {
            begun.TrySetResult();
            return answered.WaitOne();
        }, cancel.Token));
        await begun.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(120)));
        answered.Set();
    }

    [Fact]
    public void Run_WhatTheQuestionThrows_IsThrown() =>
        Assert.Throws<InspectionException>(() => BoundedRun.Run<int>(static _ => throw new InspectionException("so it is"), CancellationToken.None));

    [Fact]
    public void Run_WithinARun_IsWatchedByTheOuterOne() =>
        Assert.True(BoundedRun.Run(static _ => BoundedRun.Current == BoundedRun.Run(static _ => BoundedRun.Current, CancellationToken.None), CancellationToken.None));

    [Fact]
    public void Run_ThreadsThatItStarts_BelongToIt() => Assert.True(BoundedRun.Run(static _ =>
    {
        var outer = BoundedRun.Current;
        BoundedRun? inner = null;
        var thread = new Thread(() => inner = BoundedRun.Current);
        thread.Start();
        thread.Join();
        return outer is not null && inner == outer;
    }, CancellationToken.None));

    [Fact]
    public void Access_WithoutARun_IsAllowed()
    {
        using var access = ForeignAccess.To(ForeignKind.Process, 1);
        Assert.True(access.IsAllowed);
    }
}
