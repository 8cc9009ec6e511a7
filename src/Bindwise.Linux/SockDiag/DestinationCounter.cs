using System.Numerics;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Counts connections from ephemeral ports by where they go: a bounded table, nothing per socket. When it is full the smallest are
/// dropped, so that a destination that takes a good part of the range is never missed.
/// </summary>
/// <param name="asked">The destinations in question: the first ways to them are never dropped, and the ports that are closed to them
/// are counted apart.</param>
/// <param name="sources">The addresses that the connection in question may come from; empty where they are not known.</param>
/// <param name="timeWaitReuse">net.ipv4.tcp_tw_reuse.</param>
/// <param name="reuseDelay">net.ipv4.tcp_tw_reuse_delay, in milliseconds.</param>
/// <param name="isPortBound">The program bound its port itself: connect() then takes over what only the kernel keeps, if it used
/// timestamps.</param>
internal sealed class DestinationCounter(ImmutableArray<IpEndpoint> asked, ImmutableArray<IpAddress> sources, int? timeWaitReuse,
    int reuseDelay = HostSettings.DefaultTimeWaitReuseDelay, bool isPortBound = false)
{
    internal const int MaximumShown = 16;

    internal const int MaximumKnown = 8192;

    /// <summary>
    /// So many ways to the destinations in question are never dropped: who has many local addresses could fill the table with others.
    /// </summary>
    private const int MaximumKept = MaximumKnown / 4;

    private readonly Dictionary<Way, Uses> _uses = [];
    private readonly HashSet<Way> _kept = [];
    private readonly Dictionary<IpAddress, ulong[]> _closed = [];
    private readonly ulong[] _reusable = new ulong[1024];

    private readonly record struct Way(IpEndpoint Remote, IpAddress Local);

    private struct Uses
    {
        internal int Count;
        internal int TimeWait;
        internal int Ending;
        internal InodeSamples Samples;
    }

    /// <summary>Some were dropped: counts are at least so high.</summary>
    internal bool IsCut { get; private set; }

    internal void Add(in DiagEntry entry)
    {
        // An IPv6 socket with a mapped address and an IPv4 socket go the same way.
        var way = new Way(entry.Remote.Unmapped, entry.Local.Unmapped.Address);
        ref var uses = ref CollectionsMarshal.GetValueRefOrAddDefault(_uses, way, out _);
        var isWaiting = (TcpSocketState)entry.Reply.State == TcpSocketState.TimeWait;
        uses.Count++;
        uses.TimeWait += isWaiting ? 1 : 0;
        uses.Ending += entry.Reply.Inode == 0 && IsClosed((TcpSocketState)entry.Reply.State) ? 1 : 0;
        uses.Samples.Add(entry.Reply.Inode);
        if (IsAsked(way))
        {
            if (_kept.Count < MaximumKept)
                _kept.Add(way);
            if (!(isPortBound ? entry.IsTimeWaitEntry : isWaiting && MayTakeTimeWait(way)))
                Close(way.Local, entry);
            else if (timeWaitReuse is not null && entry.MillisecondsLeft is { } left && TimerWheel.TimeWaitMilliseconds - left > reuseDelay)
                _reusable[entry.LocalPort >> 6] |= 1ul << (entry.LocalPort & 63);
        }
        if (_uses.Count > MaximumKnown)
            DropSmallest();
    }

    internal void Clear()
    {
        _uses.Clear();
        _kept.Clear();
        _closed.Clear();
        Array.Clear(_reusable);
        IsCut = false;
    }

    /// <summary>The ports of all destinations that were not dropped.</summary>
    internal int CountAll() => _uses.Values.Sum(static uses => uses.Count);

    /// <summary>The most used destinations, those in question among them.</summary>
    internal ImmutableArray<EphemeralDestination> Finish(int most = MaximumShown) =>
    [
        .. _uses.OrderByDescending(pair => IsAsked(pair.Key)).ThenByDescending(static pair => pair.Value.Count)
            .ThenBy(static pair => pair.Key.Remote.ToString(), StringComparer.Ordinal)
            .Take(most)
            .OrderByDescending(static pair => pair.Value.Count)
            .Select(static pair =>
                new EphemeralDestination(pair.Key.Remote, pair.Key.Local, pair.Value.Count, pair.Value.TimeWait, pair.Value.Samples.First)
            {
                Ending = pair.Value.Ending,
                Samples = pair.Value.Samples.Read(),
            }),
    ];

    /// <summary>
    /// How many usable ports connect() to the destination in question is certainly not given, whichever of its addresses it comes from.
    /// </summary>
    internal int CountClosed(ulong[] usable, ulong[] bound)
    {
        // Who bound the program's own port is the program.
        var taken = isPortBound ? null : bound;
        return asked.IsEmpty ? 0
            : sources.IsEmpty ? CountIn(usable, taken, null)
            : sources.Min(source => CountIn(usable, taken, _closed.GetValueOrDefault(source)));
    }

    /// <summary>How many usable ports it may be given because it takes over a TIME_WAIT there.</summary>
    internal int CountReusable(ulong[] usable, ulong[] bound)
    {
        var count = 0;
        for (var i = 0; i < usable.Length; i++)
            count += BitOperations.PopCount(usable[i] & _reusable[i] & ~bound[i]);
        return count;
    }

    private static int CountIn(ulong[] usable, ulong[]? bound, ulong[]? closed)
    {
        var count = 0;
        for (var i = 0; i < usable.Length; i++)
            count += BitOperations.PopCount(usable[i] & ((bound?[i] ?? 0) | (closed?[i] ?? 0)));
        return count;
    }

    private bool IsAsked(Way way) => asked.Contains(way.Remote) && (sources.IsEmpty || sources.Contains(way.Local));

    private void Close(IpAddress local, in DiagEntry entry)
    {
        // Of addresses that are not known to be the connection's own, no port is certainly closed to it; nor by a socket that is bound to
        // an interface, which a socket that is not does not meet (inet_bound_dev_eq(), include/net/inet_sock.h).
        if (sources.IsEmpty || entry.Reply.Id.Interface != 0)
            return;
        int port = entry.LocalPort;
        ref var ports = ref CollectionsMarshal.GetValueRefOrAddDefault(_closed, local, out _);
        ports ??= new ulong[1024];
        ports[port >> 6] |= 1ul << (port & 63);
    }

    /// <summary>tcp_twsk_unique(), net/ipv4/tcp_ipv4.c: 1 for all, 2 where an end is loopback.</summary>
    private bool MayTakeTimeWait(in Way way) =>
        timeWaitReuse is null or 1 || (timeWaitReuse == 2 && (way.Remote.Address.IsLoopback || way.Local.IsLoopback));

    private void DropSmallest()
    {
        IsCut = true;
        // Ends at the latest with the largest count: what is kept is less than half.
        for (var threshold = 1L; _uses.Count > MaximumKnown / 2; threshold *= 2)
        {
            foreach (var (way, uses) in _uses)
            {
                if (uses.Count <= threshold && !_kept.Contains(way))
                    _uses.Remove(way);
            }
        }
    }

    /// <summary>This end sent its FIN: close() leaves such a socket to the kernel alone.</summary>
    private static bool IsClosed(TcpSocketState state) =>
        state is TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing or TcpSocketState.LastAck;
}

/// <summary>
/// Counts the TCP connections of a dump to given destinations, TIME_WAIT included, by the local address that they come from. Each stands on
/// a port of its own: so many of that address's ports are used for that destination.
/// </summary>
/// <param name="destinations">Where to; an IPv4 address as such, not mapped into IPv6.</param>
internal readonly struct OutgoingCounter(IReadOnlySet<IpEndpoint> destinations) : IMessageVisitor
{
    private readonly ulong[] _bound = new ulong[PortUsageCounter.Words];

    internal Dictionary<(IpEndpoint Remote, IpAddress Local), int> Counts { get; } = [];

    /// <summary>The ports of sockets without a peer, a bit for each: connect() is given none of them.</summary>
    internal ReadOnlySpan<ulong> Bound => _bound;

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        if (entry.RemotePort == 0)
        {
            _bound[entry.LocalPort >> 6] |= 1ul << (entry.LocalPort & 63);
            return;
        }
        var remote = entry.Remote.Unmapped;
        if (!destinations.Contains(remote))
            return;
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(Counts, (remote, entry.Local.Unmapped.Address), out _);
        count++;
    }

    public void Restart()
    {
        Counts.Clear();
        Array.Clear(_bound);
    }
}
