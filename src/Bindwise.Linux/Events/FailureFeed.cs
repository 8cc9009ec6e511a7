using System.Diagnostics;
using System.Runtime.InteropServices;
using Bindwise.Linux.FailedCalls;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Events;

/// <summary>
/// Tells failed calls as events: those that are alike as one line, each line within a second, with its diagnosis where the allowance of its
/// user permits one. For one thread.
/// </summary>
internal sealed class FailureFeed(FailedCallTap tap, FailedCallLayout layout) : IDisposable
{
    /// <summary>From the first of a line until it is told: with the look at the system less than a second.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(750);

    /// <summary>So many lines are open at most, as many as the kernel counts; the few that have a diagnosis are some kilobytes.</summary>
    internal const int MostLines = FailedCallTap.MostAlike;

    /// <summary>So many processes are looked at at once, before more is taken.</summary>
    private const int MostFresh = 256;

    /// <summary>
    /// For so long processes are looked at and reasons are sought, before what has come until then is told: more than a busy machine needs.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What was lost is told so often at most.</summary>
    private static readonly TimeSpan LostPause = TimeSpan.FromSeconds(1);

    private readonly FailedCallDiagnosis _diagnosis = new();
    private readonly FailureFolding _folding = new(Window, MostLines);
    private readonly DiagnosisAllowance _allowance = new();
    private readonly Queue<(FailureKey Key, FailedCallAlike Alike, uint User, TimeSpan Due)> _counted = new();

    // Lines whose process was not looked at yet.
    private readonly List<(FailureKey Key, FailedCall Call, bool IsExplained)> _fresh = [];

    // A few tens at most, by the allowance.
    private readonly Queue<(FailureKey Key, FailedCall Call, FailedCallScene Scene)> _waiting = new();

    // Calls that came after their line was told, by user.
    private readonly Dictionary<uint, ulong> _late = [];
    private TimeSpan _lostReportedAt;

    /// <summary>Can be read when a call failed: for poll(2).</summary>
    internal SafeFileDescriptor Ready => tap.Ready;

    /// <summary>Those through io_uring and of 32-bit programs are seen too.</summary>
    internal bool IsOnFunctions => tap.IsOnFunctions;

    /// <summary>When a line is to be told, by <see cref="Stopwatch"/>; null while none is open.</summary>
    internal TimeSpan? NextEnd => _counted.TryPeek(out var first) ? first.Due : _folding.NextEnd;

    /// <summary>Begins; null without the right, or on a kernel that lacks what is needed.</summary>
    /// <param name="leavesOutOwnProgram">Calls of all processes of this program are left out.</param>
    internal static FailureFeed? TryOpen(bool leavesOutOwnProgram) => FailedCallLayout.OfThisKernel() is { } layout
        && FailedCallTap.TryOpen(layout, leavesOutOwnProgram) is { } tap ? new FailureFeed(tap, layout) : null;

    /// <summary>Takes what has come, looks at what is new, and tells the lines whose time is over.</summary>
    /// <param name="before">The last census before the calls that are new; null where there is none.</param>
    internal void Step(IPortEventSink sink, HostCensus? before, CancellationToken cancellation)
    {
        // What vanishes first is read first: the facts of each process, then the reasons one by one.
        var until = Now() + Patience;
        while (TryDrain(sink, until, cancellation) && _waiting.TryDequeue(out var one))
        {
            using (one.Scene)
                _folding.Amend(one.Key, described => _diagnosis.Explain(one.Call, described, one.Scene, cancellation, before));
        }
        if (!cancellation.IsCancellationRequested)
            LeaveUnexplained("other processes took too long to examine");
        ReportEnded(sink);
        if (Now() - _lostReportedAt >= LostPause)
            ReportLost(sink);
    }

    internal void Finish(IPortEventSink sink)
    {
        _ = TryDrain(sink, Now() + Patience, CancellationToken.None);
        LeaveUnexplained(FailedCallDiagnosis.Stopped);
        while (_counted.TryDequeue(out var one))
            Count(one.Key, one.Alike, one.User);
        foreach (var reported in _folding.TakeAll())
            sink.Happened(reported);
        ReportLost(sink);
    }

    public void Dispose()
    {
        while (_waiting.TryDequeue(out var one))
            one.Scene.Dispose();
        tap.Dispose();
    }

    private void LeaveUnexplained(string why)
    {
        while (_waiting.TryDequeue(out var one))
        {
            one.Scene.Dispose();
            _folding.Amend(one.Key, described => FailedCallDiagnosis.With(described, why));
        }
    }

    /// <summary>The ring never waits for a process: what stands in it is taken first, and then all those processes are looked at.</summary>
    /// <returns>False when it was cancelled, which may leave some of them for the next time, and when the time is over.</returns>
    private bool TryDrain(IPortEventSink sink, TimeSpan until, CancellationToken cancellation)
    {
        do
        {
            while (_fresh.Count < MostFresh && tap.TryTake(out var record))
                Take(record, sink);
            if (_fresh.Count == 0)
                return !cancellation.IsCancellationRequested && Now() < until;
        }
        while (TryRead(cancellation) && Now() < until);
        return false;
    }

    private bool TryRead(CancellationToken cancellation)
    {
        FailedCallScene[] scenes;
        try
        {
            scenes = _diagnosis.Examine([.. _fresh.Select(static one => (one.Call, one.IsExplained))], cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        foreach (var ((key, call, isExplained), scene) in _fresh.Zip(scenes))
        {
            var described = _diagnosis.Describe(call, scene.Process);
            if (isExplained)
                _waiting.Enqueue((key, call, scene));
            else
                described = FailedCallDiagnosis.With(described, "so many calls of this user failed that not all were examined");
            _folding.Amend(key, _ => described);
        }
        _fresh.Clear();
        return true;
    }

    private void Take(in FailedCallRecord record, IPortEventSink sink)
    {
        var monotonic = Now();
        var call = FailedCall.Of(record, layout, DateTimeOffset.UtcNow, monotonic.Ticks * TimeSpan.NanosecondsPerTick);
        if (!call.IsOfOurFamilies || call.Process == Environment.ProcessId)
        {
            _ = tap.TakeCount(record.Alike, record.User);
            return;
        }
        // Who has no number is told apart by the one of the first PID namespace.
        var process = call.Process != 0 ? call.Process : -(int)(record.FirstProcess & int.MaxValue);
        var key = new FailureKey(process, call.Network, call.Call, call.Address, call.Error, call.Source);
        _counted.Enqueue((key, record.Alike, record.User, monotonic + Window));
        if (_folding.TryFold(key, call.Time))
            return;
        var isExplained = _allowance.TryTake(call.User, call.Network, monotonic);
        _fresh.Add((key, call, isExplained));
        if (_folding.Open(key, _diagnosis.Describe(call), monotonic) is { } early)
            sink.Happened(early);
    }

    private void ReportEnded(IPortEventSink sink)
    {
        var now = Now();
        while (_counted.TryPeek(out var one) && one.Due <= now)
        {
            _counted.Dequeue();
            Count(one.Key, one.Alike, one.User);
        }
        foreach (var reported in _folding.TakeEnded(now))
            sink.Happened(reported);
    }

    private void Count(in FailureKey key, in FailedCallAlike alike, uint user)
    {
        var count = tap.TakeCount(alike, user);
        if (count.More == 0)
            return;
        var last = DateTimeOffset.UtcNow - TimeSpan.FromTicks(Math.Max(0,
            Now().Ticks - (long)(count.LastTime / (ulong)TimeSpan.NanosecondsPerTick)));
        // The line may have been told already, if another call opened it.
        if (!_folding.TryFold(key, last, (long)Math.Min(count.More, long.MaxValue)))
            CollectionsMarshal.GetValueRefOrAddDefault(_late, user, out _) += count.More;
    }

    private void ReportLost(IPortEventSink sink)
    {
        _lostReportedAt = Now();
        foreach (var (user, count) in tap.TakeLost())
            CollectionsMarshal.GetValueRefOrAddDefault(_late, user, out _) += count;
        foreach (var (user, count) in _late)
        {
            sink.Happened(new PortEvent
            {
                Time = DateTimeOffset.UtcNow,
                Kind = PortEventKind.Lost,
                UserId = user,
                Count = (long)count,
                Summary = LostEvents.Summary((long)count, user),
            });
        }
        _late.Clear();
        if (tap.TakeMissed() is > 0 and var missed)
        {
            sink.Happened(new PortEvent
            {
                Time = DateTimeOffset.UtcNow,
                Kind = PortEventKind.Lost,
                Count = (long)missed,
                Summary = LostEvents.Summary((long)missed, null),
            });
        }
    }

    private static TimeSpan Now() => Stopwatch.GetElapsedTime(0);
}
