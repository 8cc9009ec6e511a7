using Bindwise.Model.Diagnosing;

namespace Bindwise;

/// <summary>After a failed attempt: it is explained, and tried again as the policy says. A bind that works pays nothing for it.</summary>
internal sealed class BindRetry(ListenRequest request)
{
    /// <summary>Shorter ones than timers take.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    /// <summary>Longer pauses than timers take.</summary>
    private static readonly TimeSpan MaximumPause = TimeSpan.FromDays(1);

    private readonly BindRetryOptions _policy = request.Retry;
    private readonly TimeProvider _time = request.Retry.TimeProvider;
    private readonly long _started = request.Retry.TimeProvider.GetTimestamp();
    private TimeSpan _nominal = request.Retry.InitialDelay;
    private TimeSpan _pause;
    private int _attempts;

    /// <summary>Goes on after a failure; blocks.</summary>
    public BoundListener Go(BindFailure first, bool listens)
    {
        BoundListener? listener = null;
        for (var failure = first; failure is not null; failure = Attempt(listens, out listener))
            Wait(failure);
        return listener!;
    }

    /// <summary>Waits after a failure until the next attempt is due; blocks.</summary>
    public void Wait(BindFailure failure)
    {
        PrepareNext(IsExplained ? FailureReport.Explained(failure) : FailureReport.Unexplained(failure));
        if (_time == TimeProvider.System)
        {
            _ = CancellationToken.None.WaitHandle.WaitOne(_pause);
            return;
        }
        using var pause = new PeriodicTimer(_pause, _time);
        _ = pause.WaitForNextTickAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Goes on after a failure, on a thread of the pool: the search for the reason blocks for milliseconds.</summary>
    public Task<BoundListener> GoAsync(BindFailure first, bool listens, CancellationToken cancellationToken) =>
        Task.Run(() => RunAsync(first, listens, cancellationToken), cancellationToken);

    /// <summary>Waits after a failure until the next attempt is due.</summary>
    public async Task WaitAsync(BindFailure failure, CancellationToken cancellationToken)
    {
        PrepareNext(IsExplained ? await FailureReport.ExplainedAsync(failure, cancellationToken).ConfigureAwait(false)
            : FailureReport.Unexplained(failure));
        using var pause = new PeriodicTimer(_pause, _time);
        _ = await pause.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What nobody waits for.</summary>
    public static BindException Refusal(BindFailure failure) =>
        (failure.Request.ExplainFailures ? FailureReport.Explained(failure) : FailureReport.Unexplained(failure)).ToException(null);

    // Without an explanation there is nothing to decide by; whoever waits needs it, whatever is then told.
    private bool IsExplained => request.ExplainFailures || _policy.Timeout != TimeSpan.Zero;

    private async Task<BoundListener> RunAsync(BindFailure first, bool listens, CancellationToken cancellationToken)
    {
        BoundListener? listener = null;
        for (var failure = first; failure is not null; failure = Attempt(listens, out listener))
            await WaitAsync(failure, cancellationToken).ConfigureAwait(false);
        return listener!;
    }

    public BindFailure? Attempt(bool listens, out BoundListener? bound)
    {
        var failure = BindRound.Try(request, listens, out bound);
        if (bound is not null)
            bound.Attempts = _attempts + 1;
        return failure;
    }

    /// <summary>Decides on the pause before the next attempt.</summary>
    private void PrepareNext(FailureReport report)
    {
        _attempts++;
        if (_policy.Timeout != TimeSpan.Zero && IsWaitedFor(report))
            return;
        var seconds = _time.GetElapsedTime(_started).TotalSeconds;
        throw ToException(report,
            _attempts == 1 ? null : string.Create(CultureInfo.InvariantCulture, $"Tried {_attempts} times in {seconds:0.0} s."));
    }

    private bool IsWaitedFor(FailureReport report)
    {
        var isEndless = _policy.Timeout == Timeout.InfiniteTimeSpan;
        var left = isEndless ? TimeSpan.MaxValue : _policy.Timeout - _time.GetElapsedTime(_started);
        if (left <= TimeSpan.Zero || !WorthWaiting.IsSo(report, _policy.RetryOn, left, out var freeIn))
            return false;
        _pause = freeIn is { } timer ? Min(timer, Min(left, MaximumPause)) : NextPause(left);
        if (_pause < ShortestPause)
            _pause = ShortestPause;
        _policy.OnRetry?.Invoke(new BindRetryContext
        {
            Failure = ToException(report, null),
            Delay = _pause,
            Remaining = isEndless ? Timeout.InfiniteTimeSpan : left
        });
        return true;
    }

    private TimeSpan NextPause(TimeSpan left)
    {
        // Half of it at least, so that many that start at once do not come in step.
        var pause = Min(_nominal * (0.5 + (Random.Shared.NextDouble() / 2)), Min(left, MaximumPause));
        _nominal = _nominal > _policy.MaxDelay / 2 ? _policy.MaxDelay : _nominal * 2;
        return pause;
    }

    private BindException ToException(FailureReport report, string? waited)
    {
        var exception = report.ToException(waited);
        exception.Attempts = _attempts;
        return exception;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>Whether a failure may end by itself in the time there is, by its diagnosis.</summary>
internal static class WorthWaiting
{
    /// <summary>Between attempts once the countdown has ended: the timer wheel ends the socket up to some seconds later.</summary>
    private static readonly TimeSpan AfterCountdown = TimeSpan.FromMilliseconds(100);

    /// <summary><paramref name="freeIn"/>: when a timer ends it; null to try now and then.</summary>
    public static bool IsSo(FailureReport report, BindRetryReasons reasons, TimeSpan left, out TimeSpan? freeIn)
    {
        freeIn = null;
        var isSo = false;
        for (var index = 0; index < report.Diagnoses.Length; index++)
        {
            if (!IsSo(report.Failure.Faults[index], report.Diagnoses[index], reasons, left, out var time))
                continue;
            // One candidate that may be free at any moment is asked now and then, whatever timers the others have.
            freeIn = isSo && (freeIn is null || time is null) ? null : freeIn is { } earlier && earlier < time ? earlier : time;
            isSo = true;
        }
        return isSo;
    }

    private static bool IsSo(BindFault fault, Diagnosis? diagnosis, BindRetryReasons reasons, TimeSpan left, out TimeSpan? freeIn)
    {
        freeIn = null;
        if (diagnosis is null)
            return fault.ErrorName switch
            {
                "EADDRINUSE" => reasons.HasFlag(BindRetryReasons.OtherListeners),
                "EADDRNOTAVAIL" => reasons.HasFlag(BindRetryReasons.Address),
                _ => false
            };
        // It went between the two looks.
        if (diagnosis.Verdict == Verdict.Free)
            return reasons != BindRetryReasons.None && fault.MayHavePassed;
        var kind = KindOf(diagnosis);
        if (kind == BindRetryReasons.Timers && diagnosis.FreeAt is not null)
        {
            // The countdown that the message names. After FIN_WAIT2 it is asked again: whether a TIME_WAIT follows shows only then.
            var end = diagnosis.TakenAt.AddMilliseconds(diagnosis.Blockers.Max(static blocker => blocker.Socket.MillisecondsLeft ?? 0));
            var countdown = end - DateTimeOffset.UtcNow;
            freeIn = countdown > AfterCountdown ? countdown : AfterCountdown;
            return reasons.HasFlag(BindRetryReasons.Timers) && countdown <= left;
        }
        if (kind != BindRetryReasons.None && reasons.HasFlag(kind))
            return true;
        // A process that is ending has no command line any more by which it could be known, and will be gone in a moment.
        return kind is BindRetryReasons.OtherListeners or BindRetryReasons.Connections && reasons.HasFlag(BindRetryReasons.FormerInstance)
            && (FormerInstance.Holds(diagnosis) || diagnosis.Cause == Cause.ZombieProcess);
    }

    /// <summary>What would have to end; None for what ends only when somebody changes something.</summary>
    private static BindRetryReasons KindOf(Diagnosis diagnosis) => CauseBook.EndOf(diagnosis) switch
    {
        CauseEnd.Change => BindRetryReasons.None,
        CauseEnd.Timer => BindRetryReasons.Timers,
        CauseEnd.Connection => BindRetryReasons.Connections,
        CauseEnd.Listener => BindRetryReasons.OtherListeners,
        CauseEnd.FreePort => BindRetryReasons.FreePorts,
        CauseEnd.Address => BindRetryReasons.Address,
    };
}

/// <summary>Why a bind is worth another attempt.</summary>
[Flags]
public enum BindRetryReasons
{
    /// <summary>No reason: any cause fails at once.</summary>
    None = 0,

    /// <summary>
    /// Sockets that the kernel ends by a timer, such as TIME_WAIT and an abandoned FIN_WAIT2, if their countdown ends within the limit; the
    /// kernel may end them some seconds later: a limit of 66 s outlasts every TIME_WAIT.
    /// </summary>
    Timers = 1,

    /// <summary>Connections that a program still has to close, and sockets that are bound but do not listen.</summary>
    Connections = 2,

    /// <summary>A former instance of this same program (same executable, arguments and user) that is about to end.</summary>
    FormerInstance = 4,

    /// <summary>A listener of another program, which may never end.</summary>
    OtherListeners = 8,

    /// <summary>Free ports of the ephemeral range, for port 0.</summary>
    FreePorts = 16,

    /// <summary>An address that does not exist yet, or is still tentative (duplicate address detection).</summary>
    Address = 32,

    /// <summary>What ends by itself: timers, a tentative address.</summary>
    WhatEndsByItself = Timers | Address,

    /// <summary>All of these reasons.</summary>
    All = Timers | Connections | FormerInstance | OtherListeners | FreePorts | Address,
}

/// <summary>How long and how often to retry a bind, and for which reasons.</summary>
public sealed record BindRetryOptions
{
    /// <summary>One attempt: an address in use fails at once.</summary>
    public static BindRetryOptions None { get; } = new();

    /// <summary>
    /// The longest time from the first attempt to the last; zero: one attempt; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: no
    /// limit.
    /// </summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>
    /// The delay after the first attempt, more than zero; it doubles each time, with jitter, up to <see cref="MaxDelay"/>.
    /// </summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest delay between two attempts, not below <see cref="InitialDelay"/>.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What to wait for; anything else fails at once. So does what cannot end within <see cref="Timeout"/>: a limit of 10 s does not wait
    /// for a TIME_WAIT that has 12 s left. For a list or range of ports, what holds the first four decides.
    /// </summary>
    public BindRetryReasons RetryOn { get; init; } = BindRetryReasons.WhatEndsByItself | BindRetryReasons.FormerInstance;

    /// <summary>
    /// Called before each delay with what is in the way, so a log can say why the program does not start yet; null for none. It runs on the
    /// thread that binds; an exception from it ends the bind.
    /// </summary>
    public Action<BindRetryContext>? OnRetry { get; init; }

    /// <summary>
    /// The clock of the waiting: its timestamps measure the time, its timers end the delays. Tests give one that does not wait. What the
    /// kernel's own timers take is real time, whatever this says.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Retries for a given time.</summary>
    /// <param name="timeout">From the first attempt to the last; not negative, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="retryOn">What to wait for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative.</exception>
    public static BindRetryOptions For(TimeSpan timeout,
        BindRetryReasons retryOn = BindRetryReasons.WhatEndsByItself | BindRetryReasons.FormerInstance)
    {
        if (timeout != System.Threading.Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return new BindRetryOptions { Timeout = timeout, RetryOn = retryOn };
    }
}

/// <summary>A bind that failed and will be tried again, passed to <see cref="BindRetryOptions.OnRetry"/>.</summary>
public sealed record BindRetryContext
{
    /// <summary>The failed attempt, with its diagnosis. It is passed, not thrown.</summary>
    public required BindException Failure { get; init; }

    /// <summary>How long until the next attempt, with jitter; if a kernel timer is in the way, until its countdown
    /// ends.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>How much time is left for further attempts: more than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public required TimeSpan Remaining { get; init; }
}
