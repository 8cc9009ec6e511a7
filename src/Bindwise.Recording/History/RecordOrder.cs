namespace Bindwise.Recording.History;

/// <summary>
/// In which order a record tells its events: by time, as long as the clock went on; where it went back, what was recorded before comes
/// before, whatever its time says.
/// </summary>
internal static class RecordOrder
{
    /// <summary>An event is told so long after it happened at most: an earlier time is of a clock that went back.</summary>
    private static readonly TimeSpan LatestTold = TimeSpan.FromSeconds(10);

    /// <summary>Whether the clock was set back between what was recorded at one time and, later, at another.</summary>
    public static bool WentBack(DateTimeOffset before, DateTimeOffset after) => before - after > LatestTold;

    /// <summary>The items, which come in the order of their lines, in that order. Those of seconds are held back, not all.</summary>
    public static IEnumerable<HistoryItem> Of(IEnumerable<HistoryItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var held = new PriorityQueue<HistoryItem, (DateTimeOffset Time, long Number)>();
        var (latest, number) = (DateTimeOffset.MinValue, 0L);
        foreach (var item in items)
        {
            var isBack = WentBack(latest, item.Time);
            latest = isBack || item.Time > latest ? item.Time : latest;
            // Before these nothing can come any more.
            while (held.TryPeek(out var first, out _) && (isBack || latest - first.Time >= LatestTold))
                yield return held.Dequeue();
            held.Enqueue(item, (item.Time, number++));
        }
        while (held.TryDequeue(out var last, out _))
            yield return last;
    }
}
