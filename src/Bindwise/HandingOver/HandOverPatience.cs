namespace Bindwise;

/// <summary>
/// How a new instance goes on asking while it gets nothing: with pauses that double from 100 ms to 2.5 s, each of which is shortened by up
/// to a half at random, until <see cref="HandOverOptions.WaitTimeout"/> is over. For one thread.
/// </summary>
internal sealed class HandOverPatience(HandOverOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2.5);

    /// <summary>The last question may come at the very end of the time, and has a right to an answer too.</summary>
    private static readonly TimeSpan ShortestAnswerTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    /// <summary>So many processes that close the connection, one after the other, are no row of instances that start at once.</summary>
    private const int MostClosers = 8;

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly long _began = options.TimeProvider.GetTimestamp();
    private readonly HandOverReports _reports = new(options);
    private TimeSpan _nominal = FirstPause;
    private int _failed;
    private int _closedBy;
    private int _closers;
    private bool _isLast;

    /// <summary>How long the old instance may take for its answer.</summary>
    public TimeSpan AnswerTime => options.WaitTimeout == Timeout.InfiniteTimeSpan || Left > ShortestAnswerTime ? Left : ShortestAnswerTime;

    private TimeSpan Left =>
        options.WaitTimeout == Timeout.InfiniteTimeSpan ? options.WaitTimeout
        : options.WaitTimeout - _time.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether it may become better by itself, so that asking again makes sense.</summary>
    public bool MayPass(HandOverException exception) => exception.Failure switch
    {
        HandOverFailure.Closed or HandOverFailure.Garbage or HandOverFailure.Refused => true,
        HandOverFailure.Version => !options.FailOnVersionMismatch,
        _ => false,
    };

    /// <summary>Waits until the next question is due. Blocks the thread.</summary>
    /// <exception cref="HandOverException">The time is over.</exception>
    public void Wait(HandOverException failure, CancellationToken cancellation)
    {
        _failed++;
        if (IsOneMoreClosed(failure))
            return;
        var left = Left;
        // After a pause that was cut to what was left the time is over, even where the clock says a little less.
        if (left == TimeSpan.Zero || _isLast)
        {
            var seconds = _time.GetElapsedTime(_began).TotalSeconds;
            throw new HandOverException(string.Create(CultureInfo.InvariantCulture,
                $"{failure.Message} This instance asked {_failed} times in {seconds:0.#} s."))
            { Failure = failure.Failure };
        }
        _reports.Report(failure);
        var pause = NextPause();
        _isLast = left != Timeout.InfiniteTimeSpan && left <= pause;
        using var timer = new PeriodicTimer(_isLast ? Max(left, ShortestPause) : pause, _time);
        _ = timer.WaitForNextTickAsync(cancellation).AsTask().GetAwaiter().GetResult();
    }

    // An old instance that has just handed over closes the connections of the others that wait:
    // whoever has its place by now is asked at once.
    private bool IsOneMoreClosed(HandOverException failure)
    {
        if (failure.Failure != HandOverFailure.Closed || (failure.Process == _closedBy && _closers > 0) || _closers == MostClosers)
            return false;
        (_closedBy, _closers) = (failure.Process, _closers + 1);
        return true;
    }

    private TimeSpan NextPause()
    {
        // So that many that start at once do not come in step.
        var pause = _nominal * (0.5 + (Random.Shared.NextDouble() / 2));
        _nominal = _nominal > LongestPause / 2 ? LongestPause : _nominal * 2;
        return pause;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>
/// Tells <see cref="HandOverOptions.OnAttemptFailed"/> of failures: of each kind once a minute at most, with the number of those that were
/// left out. For one thread.
/// </summary>
internal sealed class HandOverReports(HandOverOptions options)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly Dictionary<HandOverFailure, Told> _told = [];

    /// <summary>How long until something that was left out is due; infinite where nothing was.</summary>
    public TimeSpan UntilDue
    {
        get
        {
            var until = Timeout.InfiniteTimeSpan;
            foreach (var one in _told.Values)
            {
                if (one.Last is null)
                    continue;
                var left = Interval - _time.GetElapsedTime(one.Since) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
                until = until == Timeout.InfiniteTimeSpan || left < until ? left : until;
            }
            return until;
        }
    }

    /// <summary>Tells it now, or counts it.</summary>
    public void Report(HandOverException failure)
    {
        if (options.OnAttemptFailed is not { } tell)
            return;
        var before = _told.GetValueOrDefault(failure.Failure);
        if (before is not null && _time.GetElapsedTime(before.Since) < Interval)
        {
            _told[failure.Failure] = before with { LeftOut = before.LeftOut + 1, Last = failure };
            return;
        }
        _told[failure.Failure] = new Told(_time.GetTimestamp(), 0, null);
        tell(WithCount(failure, before?.LeftOut ?? 0));
    }

    /// <summary>Tells of what was left out and is due: the last of each kind, and how many there were before.</summary>
    /// <param name="isLast">Tells of all of it: nothing comes after.</param>
    public void TellLeftOut(bool isLast)
    {
        foreach (var (kind, one) in _told.ToList())
        {
            if (one.Last is not { } last || (!isLast && _time.GetElapsedTime(one.Since) < Interval))
                continue;
            _told[kind] = new Told(_time.GetTimestamp(), 0, null);
            options.OnAttemptFailed?.Invoke(WithCount(last, one.LeftOut - 1));
        }
    }

    private static HandOverException WithCount(HandOverException failure, int leftOut) => leftOut == 0
        ? failure
        : new HandOverException(string.Create(CultureInfo.InvariantCulture,
            $"{failure.Message} Left out before it: {leftOut} of the same kind."))
        { Failure = failure.Failure };

    private sealed record Told(long Since, int LeftOut, HandOverException? Last);
}
