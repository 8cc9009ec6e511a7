using System.Numerics;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Counts connections from ephemeral ports by where they go: a bounded table, nothing per socket. When it is full the smallest are
/// dropped, so that a destination that takes a good part of the range is never missed.
/// </summary>
/// <param name="asked">The destinations in question: they are never dropped, and the ports that
/// are closed to them are counted apart.</param>
/// <param name="timeWaitReuse">net.ipv4.tcp_tw_reuse.</param>
internal sealed class DestinationCounter(ImmutableArray<IpEndpoint> asked, int? timeWaitReuse)
{
    internal const int MaximumShown = 16;

    /// <summary>So many are counted at a time.</summary>
    internal const int MaximumKnown = 8192;

    /// <summary>From so many local addresses ports to the destination in question are counted.</summary>
    private const int MaximumSources = 16;

    /// <summary>So many sockets of a destination are kept at most, to tell whose they are.</summary>
    internal const int MostSamples = 64;

    private readonly Dictionary<Way, Uses> _uses = [];
    private readonly Dictionary<IpAddress, ulong[]> _closed = [];
    private int _threshold = 1;

    private readonly record struct Way(IpEndpoint Remote, IpAddress Local);

    private struct Uses
    {
        internal int Count;
        internal int TimeWait;
        internal uint SampleInode;
        internal Samples? Samples;
    }

    /// <summary>
    /// Every so many of the sockets of a destination, from its second on: when there is no more room, every second is dropped.
    /// </summary>
    private sealed class Samples
    {
        private readonly uint[] _inodes = new uint[MostSamples];
        private int _count;
        private int _step = 1;
        private int _left;

        internal void Add(uint inode)
        {
            if (_left-- > 0)
                return;
            if (_count == MostSamples)
            {
                for (_count = 0; _count < MostSamples / 2; _count++)
                    _inodes[_count] = _inodes[2 * _count];
                _step *= 2;
            }
            _inodes[_count++] = inode;
            _left = _step - 1;
        }

        internal ImmutableArray<ulong> Read() => [.. _inodes.Take(_count).Select(static inode => (ulong)inode)];
    }

    /// <summary>Some were dropped: counts are at least so high.</summary>
    internal bool IsCut { get; private set; }

    internal void Add(in DiagEntry entry)
    {
        var way = new Way(Plain(entry.Remote), Plain(entry.Local).Address);
        ref var uses = ref CollectionsMarshal.GetValueRefOrAddDefault(_uses, way, out _);
        var isWaiting = (TcpSocketState)entry.Reply.State == TcpSocketState.TimeWait;
        uses.Count++;
        uses.TimeWait += isWaiting ? 1 : 0;
        if (entry.Reply.Inode is not 0 and var inode)
        {
            if (uses.SampleInode == 0)
                uses.SampleInode = inode;
            else
            {
                if (uses.Samples is null)
                    (uses.Samples = new Samples()).Add(uses.SampleInode);
                uses.Samples.Add(inode);
            }
        }
        if (asked.Contains(way.Remote) && !(isWaiting && MayTakeTimeWait(way.Remote.Address)))
            Close(way.Local, entry.LocalPort);
        if (_uses.Count > MaximumKnown)
            DropSmallest();
    }

    internal void Clear()
    {
        _uses.Clear();
        _closed.Clear();
        _threshold = 1;
        IsCut = false;
    }

    /// <summary>The ports of all destinations that were not dropped.</summary>
    internal int CountAll() => _uses.Values.Sum(static uses => uses.Count);

    /// <summary>The most used destinations, those in question among them.</summary>
    /// <param name="most">So many.</param>
    internal ImmutableArray<EphemeralDestination> Finish(int most = MaximumShown) =>
    [
        .. _uses.OrderByDescending(pair => asked.Contains(pair.Key.Remote)).ThenByDescending(static pair => pair.Value.Count)
            .ThenBy(static pair => pair.Key.Remote.ToString(), StringComparer.Ordinal)
            .Take(most)
            .OrderByDescending(static pair => pair.Value.Count)
            .Select(static pair =>
                new EphemeralDestination(pair.Key.Remote, pair.Key.Local, pair.Value.Count, pair.Value.TimeWait, pair.Value.SampleInode)
            {
                Samples = pair.Value.Samples?.Read() ?? (pair.Value.SampleInode is not 0 and var only ? [only] : []),
            }),
    ];

    /// <summary>How many usable ports connect() to the destination in question is certainly not given.</summary>
    internal int CountClosed(ulong[] usable, ulong[] bound)
    {
        if (asked.IsEmpty)
            return 0;
        var most = CountIn(usable, bound, null);
        foreach (var closed in _closed.Values)
            most = Math.Max(most, CountIn(usable, bound, closed));
        return most;
    }

    private static int CountIn(ulong[] usable, ulong[] bound, ulong[]? closed)
    {
        var count = 0;
        for (var i = 0; i < usable.Length; i++)
            count += BitOperations.PopCount(usable[i] & (bound[i] | (closed?[i] ?? 0)));
        return count;
    }

    private void Close(IpAddress local, int port)
    {
        if (!_closed.TryGetValue(local, out var ports))
        {
            if (_closed.Count >= MaximumSources)
                return;
            _closed.Add(local, ports = new ulong[1024]);
        }
        ports[port >> 6] |= 1ul << (port & 63);
    }

    /// <summary>tcp_twsk_unique(), net/ipv4/tcp_ipv4.c: 1 for all, 2 where an end is loopback.</summary>
    private bool MayTakeTimeWait(IpAddress remote) => timeWaitReuse is null or 1 || (timeWaitReuse == 2 && remote.IsLoopback);

    private void DropSmallest()
    {
        IsCut = true;
        while (_uses.Count > MaximumKnown / 2)
        {
            foreach (var (way, uses) in _uses)
            {
                if (uses.Count <= _threshold && !asked.Contains(way.Remote))
                    _uses.Remove(way);
            }
            _threshold *= 2;
        }
        _threshold = 1;
    }

    /// <summary>An IPv6 socket with a mapped address and an IPv4 socket go the same way.</summary>
    private static IpEndpoint Plain(IpEndpoint endpoint) => endpoint with { Address = endpoint.Address.AsIPv4 ?? endpoint.Address };
}

/// <summary>
/// Counts the TCP connections of a dump to given destinations, TIME_WAIT included, by the local address that they come from. Each stands on
/// a port of its own: so many of that address's ports are used for that destination.
/// </summary>
/// <param name="destinations">Where to; an IPv4 address as such, not mapped into IPv6.</param>
internal readonly struct OutgoingCounter(IReadOnlySet<IpEndpoint> destinations) : IMessageVisitor
{
    internal Dictionary<(IpEndpoint Remote, IpAddress Local), int> Counts { get; } = [];

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        if (entry.State(Protocol.Tcp) is TcpSocketState.Listen or TcpSocketState.Bound)
            return;
        var remote = new IpEndpoint(Plain(entry.Remote.Address), entry.RemotePort);
        if (!destinations.Contains(remote))
            return;
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(Counts, (remote, Plain(entry.Local.Address)), out _);
        count++;
    }

    public void Restart() => Counts.Clear();

    private static IpAddress Plain(IpAddress address) => address.AsIPv4 ?? address;
}
