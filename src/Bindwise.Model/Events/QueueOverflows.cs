namespace Bindwise.Model.Events;

/// <summary>Listeners whose accept queue overflowed between two censuses.</summary>
internal static class QueueOverflows
{
    /// <summary>Compares the numbers; only where the namespace counted an overflow is what a listener dropped taken for one.</summary>
    /// <returns>What was told a moment ago, and is told again only after a pause, with what came in between.</returns>
    internal static ImmutableDictionary<SocketIdentity, ToldOverflow> Follow(
        CensusEventsState state, HostCensus census, ImmutableArray<PortEvent>.Builder events)
    {
        var told = state.Overflows;
        if (state.Before is not { } before)
            return told;
        var isOverflown = census.ListenOverflows > before.ListenOverflows;
        if (!isOverflown && told.IsEmpty)
            return told;
        foreach (var one in census.Sockets)
        {
            if (one.Socket is not { Protocol: Protocol.Tcp, State: TcpSocketState.Listen })
                continue;
            var key = SocketIdentity.Of(one.Socket);
            var rise = isOverflown ? one.Drops - DropsBefore(state, key) : 0;
            var has = told.TryGetValue(key, out var last);
            if (rise <= 0 && !has)
                continue;
            var untold = Math.Max(0, rise) + (last?.Untold ?? 0);
            if (has && census.TakenAt - last!.Time < CensusEvents.OverflowPause)
            {
                told = told.SetItem(key, last with { Untold = untold });
                continue;
            }
            if (untold > 0)
            {
                told = told.SetItem(key, new ToldOverflow(census.TakenAt, 0));
                events.Add(CensusEvents.OfSocket(PortEventKind.QueueOverflow, census.TakenAt, census, one) with { Count = untold });
            }
            else
            {
                told = told.Remove(key);
            }
        }
        return told.RemoveRange(told.Where(one => census.TakenAt - one.Value.Time > 2 * CensusEvents.OverflowPause)
            .Select(static one => one.Key).ToList());
    }

    // A listener that is new since the last census began with none.
    private static long DropsBefore(CensusEventsState state, SocketIdentity key) =>
        state.Sockets.TryGetValue(key, out var seen) ? seen.Socket.Drops : 0;
}

/// <param name="Untold">Connections that were dropped since.</param>
internal sealed record ToldOverflow(DateTimeOffset Time, long Untold);
