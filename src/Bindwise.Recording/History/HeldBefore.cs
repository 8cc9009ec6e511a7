using System.Runtime.Versioning;
using Bindwise.Rendering.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.History;

/// <summary>
/// Who held a port already when what is told begins: the record has no event of that, only the first census, and a server that runs for
/// months has no other line.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class HeldBefore
{
    /// <summary>So long after its beginning a recorder has made its first census, also on a slow machine; the earlier the better.</summary>
    private static readonly TimeSpan[] FirstLooks = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)];

    /// <summary>The sockets of the targets at the beginning, each as an event of then.</summary>
    /// <param name="archive">The record.</param>
    /// <param name="query">What is asked: its beginning, else that of the record.</param>
    /// <param name="items">The events that are told.</param>
    public static IReadOnlyList<PortEvent> Find(RecordArchive archive, HistoryQuery query, IReadOnlyList<HistoryItem> items)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(items);
        if (query.Targets.IsEmpty || query.IsFailedOnly || archive.Segments.Count == 0)
            return [];
        var sight = query.Since is { } since && MomentFinder.SocketsAt(archive, since) is { } then ? then
            : FirstLooks.Select(time => MomentFinder.SocketsAt(archive, archive.Segments[0].Begins + time))
                .FirstOrDefault(static one => one is not null);
        if (sight is null || sight.Taken > query.Until || (query.Since is { } from && from - sight.Taken > TimeSpan.FromSeconds(30)))
            return [];
        return [.. sight.Sockets
            .Where(row => query.Targets.Any(target => target.Covers(row.Protocol, row.Address)))
            .Where(row => query.Program is null || row.Program == query.Program)
            .Where(row => !items.Any(item => item.Event.Kind is PortEventKind.Listen or PortEventKind.Bind && item.Event.Time <= sight.Taken
                && item.Event.Protocol == row.Protocol && item.Event.Address == row.Address))
            .Select(row => EventOf(row, sight.Taken))];
    }

    private static PortEvent EventOf(CensusRow row, DateTimeOffset time) => new()
    {
        Time = time,
        Kind = row.State == "LISTEN" ? PortEventKind.Listen : PortEventKind.Bind,
        Protocol = row.Protocol,
        Address = row.Address,
        ProcessId = row.ProcessId,
        Program = row.Program,
        UserId = row.UserId,
        NetworkNamespace = row.NetworkNamespace,
        Reason = HistoryText.HeldBefore,
    };
}
