using System.Buffers.Binary;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// Puts together what the tracepoint and the socket table tell of states. The tracepoint knows each moment, but no TIME_WAIT: a connection
/// says CLOSE there and leaves an entry behind, which the table shows, as it shows what is only bound, and what has gone. Without the
/// tracepoint the table alone tells, and what came and went between two looks stays unseen.
/// </summary>
internal sealed class LiveStates(LiveNames names)
{
    private readonly Dictionary<(ulong Cookie, bool IsEntry), StateEvent> _known = [];

    /// <param name="segments">The segments since then, by which the table's changes are dated.</param>
    /// <param name="origin">The scenario's start, by CLOCK_MONOTONIC in nanoseconds.</param>
    /// <param name="now">Now, since the scenario's start.</param>
    internal void Observe(
        List<StateTracepointRecord> changes, List<HeldSocket> table, List<(CapturedSegment Segment, SegmentFate Fate)> segments,
        long origin, TimeSpan now, List<HostEvent> events)
    {
        var rows = new Dictionary<(ulong Cookie, bool IsEntry), HeldSocket>();
        foreach (var socket in table)
        {
            if (socket.Protocol == Protocol.Tcp)
                rows[(socket.Cookie, LiveTable.IsEntry(socket))] = socket;
        }
        foreach (var change in TracedChange.Complete(changes, (local, remote) => CookieOf(rows.Values, local, remote)))
            Take(change, rows, TimeSpan.FromMicroseconds((DateOf(change, segments) - origin) / 1000.0), events);
        foreach (var (key, socket) in rows)
            Compare(key, socket, segments, origin, now, events);
        foreach (var (key, last) in _known.Where(known => !rows.ContainsKey(known.Key)).ToList())
        {
            _ = _known.Remove(key);
            events.Add(last with { At = now, From = last.To, To = null, Socket = names.NameOf(key.Cookie) });
        }
    }

    private void Take(
        TracedChange change, Dictionary<(ulong Cookie, bool IsEntry), HeldSocket> rows, TimeSpan at, List<HostEvent> events)
    {
        var key = (change.Cookie, IsEntry: false);
        var last = _known.GetValueOrDefault(key);
        // What has no date of its own is dated by a segment, which may have been seen late: a socket's changes keep their order.
        if (last is not null && last.At > at)
            at = last.At;
        var from = last is not null ? last.To : change.From is TcpSocketState.Close ? null : change.From;
        TcpSocketState? to = change.To;
        if (change.To == TcpSocketState.Close)
        {
            var entryKey = (change.Cookie, IsEntry: true);
            to = null;
            if (change.IsLast && rows.TryGetValue(entryKey, out var entry) && !_known.ContainsKey(entryKey))
                (to, key) = (entry.State, entryKey);
            else if (rows.TryGetValue(key, out var row) && row.State == TcpSocketState.Bound)
                to = TcpSocketState.Bound;
            _ = _known.Remove((change.Cookie, false));
        }
        var isBack = to == TcpSocketState.Bound && last is not null;
        // A listener without a port gets it a moment later.
        var local = change.Local.Port == 0 && rows.TryGetValue(key, out var now) ? now.Local : change.Local;
        var happened = new StateEvent(at, isBack ? last!.Local : local, isBack ? last!.Remote : change.Remote, from, to)
        {
            Socket = names.NameOf(change.Cookie),
        };
        if (to is not null && change.Cookie != 0)
            _known[key] = happened;
        // An abandoned FIN_WAIT2 goes on as an entry, in the same state.
        if (from != to)
            events.Add(happened);
    }

    // The tracepoint hears of a connection that a listener takes when its handshake is done; as a
    // request it is there since the SYN was answered.
    private static long DateOf(TracedChange change, List<(CapturedSegment Segment, SegmentFate Fate)> segments)
    {
        var date = change.Nanoseconds;
        if (change is not { From: null, To: TcpSocketState.SynReceived })
            return date;
        foreach (var (segment, _) in segments)
        {
            if (segment.Flags == (TcpFlags.Syn | TcpFlags.Ack) && segment.From == change.Local && segment.To == change.Remote)
                date = segment.Nanoseconds - 1;
        }
        return date;
    }

    private void Compare(
        (ulong Cookie, bool IsEntry) key, HeldSocket socket, List<(CapturedSegment Segment, SegmentFate Fate)> segments, long origin,
        TimeSpan now, List<HostEvent> events)
    {
        var state = StateOf(socket);
        var last = _known.GetValueOrDefault(key);
        if (last?.To == state)
            return;
        var (local, remote) = LiveTable.EndsOf(socket);
        // Without the tracepoint the entry is the first that is heard of the end.
        if (last is null && key.IsEntry && _known.Remove((key.Cookie, false), out var full))
            last = full;
        var at = now;
        foreach (var (segment, _) in segments)
        {
            if (remote is not null && segment.To == local && segment.From == remote)
                at = TimeSpan.FromMicroseconds((segment.Nanoseconds - origin) / 1000.0);
        }
        var happened = new StateEvent(at, local, remote, last?.To, state) { Socket = names.NameOf(key.Cookie) };
        _known[key] = happened;
        if (last?.To != state)
            events.Add(happened);
    }

    /// <summary>The state as records tell it: a request is told as the connection that it becomes.</summary>
    internal static TcpSocketState StateOf(HeldSocket socket) => socket.State switch
    {
        TcpSocketState.NewSynReceived => TcpSocketState.SynReceived,
        TcpSocketState.Close when socket.Protocol == Protocol.Tcp => TcpSocketState.Bound,
        var state => state,
    };

    private static ulong CookieOf(IEnumerable<HeldSocket> rows, IpEndpoint local, IpEndpoint remote)
    {
        foreach (var row in rows)
        {
            if (row.Local.Unmapped == local && row.Remote.Unmapped == remote)
                return row.Cookie;
        }
        return 0;
    }
}

/// <summary>A pass of the tracepoint, with what later passes and the table tell of the same socket.</summary>
/// <param name="Nanoseconds">When, by CLOCK_MONOTONIC.</param>
/// <param name="Cookie">The socket's cookie; 0 where it was gone before anybody could ask.</param>
/// <param name="From">The state before; null for a socket that is new.</param>
/// <param name="To">The state after; <see cref="TcpSocketState.Close"/> for the end of a connection.</param>
/// <param name="IsLast">No later change of the same socket came with it.</param>
internal readonly record struct TracedChange(
    long Nanoseconds, ulong Cookie, TcpSocketState? From, TcpSocketState To, IpEndpoint Local, IpEndpoint? Remote, bool IsLast)
{
    /// <summary>
    /// Completes them. A connection that a listener takes appears as a copy of it, cookie and all, and gets its ends a moment later
    /// (inet_csk_clone_lock()); a connecting one chooses its port after it said SYN_SENT (tcp_v4_connect()).
    /// </summary>
    /// <param name="cookieOf">The cookie of the socket that has these ends now; 0 for none.</param>
    internal static List<TracedChange> Complete(List<StateTracepointRecord> changes, Func<IpEndpoint, IpEndpoint, ulong> cookieOf)
    {
        DropVainListens(changes);
        var completed = new TracedChange[changes.Count];
        var later = new Dictionary<ulong, TracedChange>();
        for (var index = changes.Count - 1; index >= 0; index--)
        {
            var change = changes[index];
            var (from, to) = ((TcpSocketState)change.From, (TcpSocketState)change.To);
            var isCopy = from == TcpSocketState.Listen && to == TcpSocketState.SynReceived;
            var hasLater = later.TryGetValue(change.Socket, out var next) && to != TcpSocketState.Close;
            var (local, remote) = EndsOf(change);
            if (hasLater && next.Remote is not null && (isCopy || remote is null || local.Port == 0))
                (local, remote) = (next.Local, next.Remote);
            var cookie = isCopy ? 0 : change.Cookie;
            if (cookie == 0)
                cookie = hasLater ? next.Cookie : remote is { } end ? cookieOf(local, end) : 0;
            completed[index] = later[change.Socket] = new TracedChange(
                (long)change.Nanoseconds, cookie, isCopy ? null : from, to, local, remote, IsLast: !later.ContainsKey(change.Socket));
        }
        return [.. completed];
    }

    // listen() says LISTEN before it asks for the port, and takes it back when that is refused (inet_csk_listen_start()).
    private static void DropVainListens(List<StateTracepointRecord> changes)
    {
        for (var index = changes.Count - 1; index > 0; index--)
        {
            var (change, before) = (changes[index], changes[index - 1]);
            if (change.Socket == before.Socket && before is { From: (uint)TcpSocketState.Close, To: (uint)TcpSocketState.Listen }
                && change is { From: (uint)TcpSocketState.Listen, To: (uint)TcpSocketState.Close })
            {
                changes.RemoveRange(--index, 2);
            }
        }
    }

    private static (IpEndpoint Local, IpEndpoint? Remote) EndsOf(in StateTracepointRecord change)
    {
        var namePort = BinaryPrimitives.ReverseEndianness(change.NamePortNetwork);
        var isIPv6 = change.Family == SocketCall.FamilyIPv6;
        var local = new IpEndpoint(
            isIPv6 ? IpAddress.FromBytes(change.LocalIPv6)
                : new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(change.LocalNetwork)),
            namePort != 0 ? namePort : change.LocalPort);
        if (change.RemotePortNetwork == 0 || (TcpSocketState)change.To == TcpSocketState.Listen)
            return (local, null);
        var remote = new IpEndpoint(
            isIPv6 ? IpAddress.FromBytes(change.RemoteIPv6)
                : new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(change.RemoteNetwork)),
            BinaryPrimitives.ReverseEndianness(change.RemotePortNetwork));
        return (local.Unmapped, remote.Unmapped);
    }
}
