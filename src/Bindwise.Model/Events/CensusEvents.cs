namespace Bindwise.Model.Events;

/// <summary>
/// The events of a host as the differences of its censuses. A socket is told when it was there for two looks a second apart, so that the
/// many that live for a moment do not drown the others: one that lives for less than two seconds may be missing. Its end is told at the
/// first look that lacks it. The first census tells nothing.
/// </summary>
internal static class CensusEvents
{
    /// <summary>So many TIME_WAITs of one port are told.</summary>
    public const int ManyTimeWaits = 1000;

    /// <summary>Told again only after they fell to this.</summary>
    public const int FewTimeWaits = 750;

    /// <summary>So much of the ephemeral range to one destination is told, in percent.</summary>
    public const int HighRangePercent = 80;

    /// <summary>Told again only after it fell to this, in percent.</summary>
    public const int LowRangePercent = 60;

    /// <summary>A listener that keeps dropping connections is told so often.</summary>
    public static readonly TimeSpan OverflowPause = TimeSpan.FromSeconds(10);

    /// <returns>What is known then, and what happened between the two, in the order of the sockets.</returns>
    public static (CensusEventsState State, ImmutableArray<PortEvent> Events) Step(CensusEventsState state, HostCensus census)
    {
        var events = ImmutableArray.CreateBuilder<PortEvent>();
        var sockets = SocketChanges.Follow(state, census, events);
        var timeWaits = Exceeding.Follow(state.TimeWaits, census.TimeWaits, static one => one.Port,
            static one => one.Count >= ManyTimeWaits, static one => one.Count > FewTimeWaits,
            one => events.Add(OfTimeWaits(census, one)));
        var destinations = Exceeding.Follow(state.Destinations, census.Destinations, static one => one.Remote,
            one => IsAbove(one, census, HighRangePercent), one => IsAbove(one, census, LowRangePercent),
            one => events.Add(OfRange(census, one)));
        var overflows = QueueOverflows.Follow(state, census, events);
        return (new CensusEventsState
        {
            Before = census,
            Sockets = sockets,
            TimeWaits = timeWaits,
            Destinations = destinations,
            Overflows = overflows,
        }, events.ToImmutable());
    }

    /// <summary>How an address is told: what <c>why</c> takes as its target.</summary>
    internal static string AddressOf(HeldSocket socket) => socket.Path ?? socket.Local.ToString();

    internal static PortEvent OfSocket(PortEventKind kind, DateTimeOffset time, HostCensus census, CensusSocket one) => new()
    {
        Time = time,
        Kind = kind,
        Protocol = one.Socket.Protocol,
        Address = AddressOf(one.Socket),
        ProcessId = one.Holder?.ProcessId ?? 0,
        Program = one.Holder?.Program,
        UserId = one.Socket.UserId,
        NetworkNamespace = NetworkOf(census),
    };

    private static PortEvent OfTimeWaits(HostCensus census, PortTimeWaits one) => new()
    {
        Time = census.TakenAt,
        Kind = PortEventKind.TimeWaitHigh,
        Protocol = Protocol.Tcp,
        Address = new IpEndpoint(ServedAt(census, one.Port), one.Port).ToString(),
        NetworkNamespace = NetworkOf(census),
        Count = one.Count,
    };

    // Connections are counted by their port alone: where one address has the listeners, it is theirs.
    private static IpAddress ServedAt(HostCensus census, ushort port)
    {
        IpAddress? only = null;
        foreach (var socket in census.Sockets)
        {
            if (socket.Socket is not { State: TcpSocketState.Listen, Protocol: Protocol.Tcp, Local: var local } || local.Port != port)
                continue;
            if (only is { } other && other != local.Address)
                return IpAddress.AnyIPv4;
            only = local.Address;
        }
        return only ?? IpAddress.AnyIPv4;
    }

    private static PortEvent OfRange(HostCensus census, CensusDestination one) => new()
    {
        Time = census.TakenAt,
        Kind = PortEventKind.RangeHigh,
        Protocol = Protocol.Tcp,
        Address = one.Remote.ToString(),
        NetworkNamespace = NetworkOf(census),
        Count = one.Ports,
    };

    private static bool IsAbove(CensusDestination one, HostCensus census, int percent) =>
        census.EphemeralPorts > 0 && one.Ports * 100L >= (long)census.EphemeralPorts * percent;

    private static ulong? NetworkOf(HostCensus census) => census.NetworkNamespace is 0 ? null : census.NetworkNamespace;
}

/// <summary>What <see cref="CensusEvents"/> knows between two censuses; a new one knows nothing.</summary>
internal sealed record CensusEventsState
{
    /// <summary>The last census; null before the first.</summary>
    internal HostCensus? Before { get; init; }

    internal IReadOnlyDictionary<SocketIdentity, KnownSocket> Sockets { get; init; } =
        ImmutableDictionary<SocketIdentity, KnownSocket>.Empty;

    /// <summary>Ports whose TIME_WAITs were told.</summary>
    internal ImmutableHashSet<ushort> TimeWaits { get; init; } = [];

    internal ImmutableHashSet<IpEndpoint> Destinations { get; init; } = [];

    internal ImmutableDictionary<SocketIdentity, ReportedOverflow> Overflows { get; init; } =
        ImmutableDictionary<SocketIdentity, ReportedOverflow>.Empty;
}

/// <summary>What is told once, and again only after it was clearly less in between.</summary>
internal static class Exceeding
{
    /// <param name="isStillHigh">It is not to be told again.</param>
    internal static ImmutableHashSet<TKey> Follow<T, TKey>(ImmutableHashSet<TKey> reported, ImmutableArray<T> now, Func<T, TKey> key,
        Func<T, bool> isHigh, Func<T, bool> isStillHigh, Action<T> report)
    {
        var next = reported.Count == 0 ? reported : reported.Intersect(now.Where(isStillHigh).Select(key));
        foreach (var one in now)
        {
            if (!isHigh(one) || next.Contains(key(one)))
                continue;
            next = next.Add(key(one));
            report(one);
        }
        return next;
    }
}

/// <summary>Listeners whose accept queue overflowed between two censuses.</summary>
internal static class QueueOverflows
{
    /// <summary>Compares the numbers; only where the namespace counted an overflow is what a listener dropped taken for one.</summary>
    /// <returns>What was told a moment ago, and is told again only after a pause, with what came in between.</returns>
    internal static ImmutableDictionary<SocketIdentity, ReportedOverflow> Follow(
        CensusEventsState state, HostCensus census, ImmutableArray<PortEvent>.Builder events)
    {
        var reported = state.Overflows;
        if (state.Before is not { } before)
            return reported;
        var isOverflown = census.ListenOverflows > before.ListenOverflows;
        if (!isOverflown && reported.IsEmpty)
            return reported;
        foreach (var one in census.Sockets)
        {
            if (one.Socket is not { Protocol: Protocol.Tcp, State: TcpSocketState.Listen })
                continue;
            var key = SocketIdentity.Of(one.Socket);
            var rise = isOverflown ? one.Drops - DropsBefore(state, key) : 0;
            var has = reported.TryGetValue(key, out var last);
            if (rise <= 0 && !has)
                continue;
            var unreported = Math.Max(0, rise) + (last?.Unreported ?? 0);
            if (has && census.TakenAt - last!.Time < CensusEvents.OverflowPause)
            {
                reported = reported.SetItem(key, last with { Unreported = unreported });
                continue;
            }
            if (unreported > 0)
            {
                reported = reported.SetItem(key, new ReportedOverflow(census.TakenAt, 0));
                events.Add(CensusEvents.OfSocket(PortEventKind.QueueOverflow, census.TakenAt, census, one) with { Count = unreported });
            }
            else
            {
                reported = reported.Remove(key);
            }
        }
        return reported.RemoveRange(reported.Where(one => census.TakenAt - one.Value.Time > 2 * CensusEvents.OverflowPause)
            .Select(static one => one.Key).ToList());
    }

    // A listener that is new since the last census began with none.
    private static long DropsBefore(CensusEventsState state, SocketIdentity key) =>
        state.Sockets.TryGetValue(key, out var seen) ? seen.Socket.Drops : 0;
}

/// <param name="Unreported">Connections that were dropped since.</param>
internal sealed record ReportedOverflow(DateTimeOffset Time, long Unreported);
