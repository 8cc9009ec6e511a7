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

    /// <summary>The items in that order.</summary>
    public static List<HistoryItem> Of(IEnumerable<HistoryItem> items)
    {
        var (run, latest) = (0, DateTimeOffset.MinValue);
        return
        [
            .. items.OrderBy(static item => item.Place.Segment).ThenBy(static item => item.Place.Line.Block)
                .ThenBy(static item => item.Place.Line.Offset).Select(item =>
                {
                    var isBack = WentBack(latest, item.Event.Time);
                    latest = isBack || item.Event.Time > latest ? item.Event.Time : latest;
                    return (Run: isBack ? ++run : run, Item: item);
                }).ToList().OrderBy(static one => one.Run).ThenBy(static one => one.Item.Event.Time).Select(static one => one.Item),
        ];
    }
}
