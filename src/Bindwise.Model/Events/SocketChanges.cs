using Bindwise.Model.Rules;

namespace Bindwise.Model.Events;

/// <summary>The sockets of one census after the other: which are new, which have gone, and whose holder is another.</summary>
internal static class SocketChanges
{
    /// <summary>A look that follows the other sooner than this does not show that a socket lasts.</summary>
    internal static readonly TimeSpan Lasting = TimeSpan.FromMilliseconds(900);

    /// <param name="state">What was known.</param>
    /// <returns>The sockets that are known now.</returns>
    internal static IReadOnlyDictionary<SocketIdentity, KnownSocket> Follow(
        CensusEventsState state, HostCensus census, ImmutableArray<PortEvent>.Builder events)
    {
        if (state.Before is { } before && !census.Sockets.IsEmpty && census.Sockets.Length == state.Sockets.Count
            && AreSame(before.Sockets, census.Sockets) && state.Sockets.Values.All(static seen => seen.IsReported))
            return state.Sockets;
        var known = new Dictionary<SocketIdentity, KnownSocket>(census.Sockets.Length);
        var fresh = new List<CensusSocket>();
        foreach (var one in census.Sockets)
        {
            var key = SocketIdentity.Of(one.Socket);
            var seen = state.Sockets.TryGetValue(key, out var old) ? Compare(old, one, census, events)
                : new KnownSocket(one, census.TakenAt, IsReported: state.Before is null);
            if (!seen.IsReported && census.TakenAt - seen.Since >= Lasting)
            {
                events.Add(CensusEvents.OfSocket(KindOf(one.Socket), seen.Since, census, one));
                seen = seen with { IsReported = true };
                fresh.Add(one);
            }
            known[key] = seen;
        }
        ReportClosed(state, known, census, events);
        Shadows.Report(fresh, census, events);
        return known;
    }

    private static KnownSocket Compare(KnownSocket seen, CensusSocket now, HostCensus census, ImmutableArray<PortEvent>.Builder events)
    {
        // One that was bound and now listens is told anew, as one that listens.
        if (KindOf(seen.Socket.Socket) != KindOf(now.Socket))
            return new KnownSocket(now, census.TakenAt, IsReported: false);
        if (seen.IsReported && now.Holder is { } holder && seen.Holder is { } previous && holder.ProcessId != previous.ProcessId)
        {
            events.Add(CensusEvents.OfSocket(PortEventKind.OwnerChanged, census.TakenAt, census, now) with
            {
                PreviousProcessId = previous.ProcessId,
            });
        }
        // Between two holders nobody may be seen for a moment.
        return seen with { Socket = now, Holder = now.Holder ?? seen.Holder };
    }

    private static void ReportClosed(CensusEventsState state, Dictionary<SocketIdentity, KnownSocket> known, HostCensus census,
        ImmutableArray<PortEvent>.Builder events)
    {
        // What a look leaves out may be there still.
        if (census.SocketsOmitted > 0)
            return;
        foreach (var (key, seen) in state.Sockets)
        {
            if (seen.IsReported && !known.ContainsKey(key))
                events.Add(CensusEvents.OfSocket(PortEventKind.Closed, census.TakenAt, census, seen.Socket with { Holder = seen.Holder }));
        }
    }

    private static bool AreSame(ImmutableArray<CensusSocket> before, ImmutableArray<CensusSocket> now)
    {
        for (var i = 0; i < now.Length; i++)
        {
            if (i >= before.Length || !ReferenceEquals(before[i], now[i]))
                return false;
        }
        return true;
    }

    private static PortEventKind KindOf(HeldSocket socket) => socket.Protocol switch
    {
        Protocol.Udp => PortEventKind.Bind,
        _ => socket.State == TcpSocketState.Listen ? PortEventKind.Listen : PortEventKind.Bind,
    };
}

/// <summary>What tells one socket from all others, as long as the system runs.</summary>
/// <param name="Cookie">The kernel's name of it.</param>
internal readonly record struct SocketIdentity(Protocol Protocol, ulong Cookie)
{
    internal static SocketIdentity Of(HeldSocket socket) => new(socket.Protocol, socket.Cookie);
}

/// <param name="Since">When it was seen first in this state.</param>
/// <param name="IsReported">Its beginning was told, or is older than the first census.</param>
internal sealed record KnownSocket(CensusSocket Socket, DateTimeOffset Since, bool IsReported)
{
    internal CensusHolder? Holder { get; init; } = Socket.Holder;
}

/// <summary>A wildcard that loses clients to a more specific socket on its port.</summary>
internal static class Shadows
{
    /// <summary>Tells what the new sockets take from others, and others from them.</summary>
    internal static void Report(List<CensusSocket> fresh, HostCensus census, ImmutableArray<PortEvent>.Builder events)
    {
        foreach (var one in fresh)
        {
            if (!Receives(one.Socket))
                continue;
            foreach (var other in census.Sockets)
            {
                // Of two new ones each meets the other: one of the two directions is told by each.
                if (!IsRival(one, other))
                    continue;
                if (Covers(other.Socket, one.Socket))
                    events.Add(Shadowed(other, one, census));
                else if (Covers(one.Socket, other.Socket) && !fresh.Contains(other))
                    events.Add(Shadowed(one, other, census));
            }
        }
    }

    private static bool IsRival(CensusSocket one, CensusSocket other) =>
        other.Socket.Protocol == one.Socket.Protocol && other.Socket.Local.Port == one.Socket.Local.Port && Receives(other.Socket)
        && one.Socket.DeviceIndex == 0 && other.Socket.DeviceIndex == 0
        && (one.Holder is null || other.Holder is null || one.Holder.ProcessId != other.Holder.ProcessId);

    private static PortEvent Shadowed(CensusSocket loser, CensusSocket winner, HostCensus census) =>
        CensusEvents.OfSocket(PortEventKind.Shadowed, census.TakenAt, census, loser) with
        {
            Reason = winner.Holder is { } holder
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{CensusEvents.AddressOf(winner.Socket)}, held by pid {holder.ProcessId}")
                : CensusEvents.AddressOf(winner.Socket),
        };

    private static bool Covers(HeldSocket loser, HeldSocket winner) =>
        DeliveryRules.TakesFromWildcard(winner, loser) && !SharedAddresses.Contain(winner.Local.Address, []);

    private static bool Receives(HeldSocket socket) => socket.Protocol == Protocol.Udp
        || (socket.Protocol == Protocol.Tcp && socket.State == TcpSocketState.Listen);
}
