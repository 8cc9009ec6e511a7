namespace Bindwise.Model.Events;

/// <summary>Which failures are alike: within a second they are one line.</summary>
/// <param name="NetworkNamespace">The inode of its network namespace; 0 where it is not known.</param>
/// <param name="Source">Of connect(): where the socket was bound before; null for nowhere.</param>
internal readonly record struct FailureKey(int ProcessId, ulong NetworkNamespace, PortEventCall Call, string? Address, string Result,
    IpEndpoint? Source = null);

/// <summary>
/// Folds failures that are alike: the first opens a line, and what follows within the window is counted on it. A line is told when its
/// window ends. At most so many lines are open; where one more is needed, the oldest is told early. The caller has the clock: times are
/// monotonic, but for those that the events carry.
/// </summary>
/// <param name="window">From the first of a line until it is told; less than a second, so that each failure is told within one.</param>
/// <param name="limit">The most open lines.</param>
internal sealed class FailureFolding(TimeSpan window, int limit)
{
    private readonly Dictionary<FailureKey, OpenLine> _lines = [];

    // In the order in which they were opened; the keys of lines that were told early stay until they come up.
    private readonly Queue<(FailureKey Key, TimeSpan OpenedAt)> _order = new();

    internal int Count => _lines.Count;

    /// <summary>When the next line is to be told; null while none is open.</summary>
    internal TimeSpan? NextEnd
    {
        get
        {
            DropReported();
            return _order.TryPeek(out var first) ? first.OpenedAt + window : null;
        }
    }

    /// <summary>Counts failures on the open line of their kind.</summary>
    /// <returns>False where no line is open: the first is to be looked at, and to be opened.</returns>
    internal bool TryFold(in FailureKey key, DateTimeOffset time, long count = 1)
    {
        if (!_lines.TryGetValue(key, out var line))
            return false;
        line.Count += count;
        if (line.LastTime is null || time > line.LastTime)
            line.LastTime = time;
        return true;
    }

    /// <param name="first">The first failure, as it will be told; its count stands for all until now.</param>
    /// <returns>The oldest line, where it had to make room; else null.</returns>
    internal PortEvent? Open(in FailureKey key, PortEvent first, TimeSpan now)
    {
        var reported = _lines.Count >= limit ? TakeOldest() : null;
        _lines.Add(key, new OpenLine(first, now));
        _order.Enqueue((key, now));
        return reported;
    }

    /// <summary>Says more of an open line; nothing where it was told already.</summary>
    internal void Amend(in FailureKey key, Func<PortEvent, PortEvent> amend)
    {
        if (_lines.TryGetValue(key, out var line))
            line.First = amend(line.First);
    }

    /// <summary>Takes the lines whose window has ended, in the order in which they were opened.</summary>
    internal ImmutableArray<PortEvent> TakeEnded(TimeSpan now) => TakeWhile(opened => now - opened >= window);

    /// <summary>Takes all lines: the end.</summary>
    internal ImmutableArray<PortEvent> TakeAll() => TakeWhile(static _ => true);

    private ImmutableArray<PortEvent> TakeWhile(Func<TimeSpan, bool> isDue)
    {
        if (_order.Count == 0)
            return [];
        var reported = ImmutableArray.CreateBuilder<PortEvent>();
        for (DropReported(); _order.TryPeek(out var first) && isDue(first.OpenedAt); DropReported())
            reported.Add(TakeOldest()!);
        return reported.ToImmutable();
    }

    private PortEvent? TakeOldest()
    {
        DropReported();
        if (!_order.TryDequeue(out var first))
            return null;
        _lines.Remove(first.Key, out var line);
        return line!.ToEvent();
    }

    private void DropReported()
    {
        while (_order.TryPeek(out var first) && !(_lines.TryGetValue(first.Key, out var line) && line.OpenedAt == first.OpenedAt))
            _order.Dequeue();
    }

    private sealed class OpenLine(PortEvent first, TimeSpan openedAt)
    {
        internal TimeSpan OpenedAt { get; } = openedAt;
        internal long Count { get; set; } = first.Count;
        internal DateTimeOffset? LastTime { get; set; } = first.LastTime;
        internal PortEvent First { get; set; } = first;

        internal PortEvent ToEvent() => First with { Count = Count, LastTime = LastTime };
    }
}
