namespace Bindwise;

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
