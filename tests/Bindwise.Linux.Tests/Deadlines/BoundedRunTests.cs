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
            for (var i = 0; i < 80; i++)
                Thread.Sleep(5);
            return access.IsAllowed;
        }, CancellationToken.None);
        Assert.True(answer);
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Run_ReadThatGoesOnDropByDrop_IsGivenUp()
    {
        using var answered = new ManualResetEvent(false);
        var isAllowed = BoundedRun.Run(_ =>
        {
            using var access = ForeignAccess.To(ForeignKind.Memory, Stranger + 3);
            while (access.IsAllowed && !answered.WaitOne(80))
                Thread.Yield();
            return access.IsAllowed;
        }, CancellationToken.None);
        Assert.False(isAllowed);
        answered.Set();
    }

    [Fact]
    public void Run_QuestionThatTakesTooLong_IsAskedOnceMoreWithoutWhatOthersControl()
    {
        var asked = 0;
        var isAllowed = BoundedRun.Run(token =>
        {
            using var access = ForeignAccess.To(ForeignKind.Process, Stranger + 4);
            var isFirst = asked++ == 0;
            while (isFirst && !token.IsCancellationRequested)
                Thread.SpinWait(1000);
            return access.IsAllowed;
        }, TimeSpan.FromMilliseconds(1), CancellationToken.None);
        Assert.False(isAllowed);
        Assert.Throws<InspectionException>(() => BoundedRun.Run(token =>
        {
            while (!token.IsCancellationRequested)
                Thread.SpinWait(1000);
            return true;
        }, TimeSpan.FromMilliseconds(1), CancellationToken.None));
    }

    [Fact]
    public void Run_OfWhoAsksForLong_LeavesNothingAtItsCancellation()
    {
        using var cancel = new CancellationTokenSource();
        CancellationToken ended = default;
        Assert.True(BoundedRun.Run(token => (ended = token).CanBeCanceled, cancel.Token));
        Assert.Throws<ObjectDisposedException>(() => ended.WaitHandle);

        // Of a thread that is lost too, when it comes back.
        using var answered = new ManualResetEvent(false);
        CancellationToken lost = default;
        Assert.False(BoundedRun.Run(token =>
        {
            using var access = ForeignAccess.To(ForeignKind.Files, Stranger + 5);
            if (!access.IsAllowed)
                return false;
            lost = token;
            return answered.WaitOne();
        }, cancel.Token));
        Assert.True(lost.WaitHandle.WaitOne(0));
        answered.Set();
        Assert.True(SpinWait.SpinUntil(() => IsDisposed(lost), TimeSpan.FromSeconds(120)), "the thread came back");
    }

    private static bool IsDisposed(CancellationToken token)
    {
        try
        {
            return token.WaitHandle is null;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
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
