using System.Numerics;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.SockDiag;

/// <summary>Counts who stands on the ports that port 0 may give out: a bitmap and a bounded table, nothing per socket.</summary>
internal sealed class EphemeralPortCounter
{
    internal const int MaximumGroups = 16;

    /// <summary>
    /// So many kinds are told apart; then sockets are counted without their remote port, and from twice as many without their user.
    /// </summary>
    internal const int MaximumKinds = 1024;

    private readonly ulong[] _usable = new ulong[1024];
    private readonly ulong[] _used = new ulong[1024];
    private readonly ulong[] _bound = new ulong[1024];
    private readonly Dictionary<Kind, Group> _groups = [];
    private readonly DestinationCounter _destinations;
    private readonly Protocol _protocol;

    private readonly record struct Kind(byte State, uint? UserId, ushort? RemotePort);

    private struct Group
    {
        internal int Count;
        internal InodeSamples Samples;
    }

    /// <summary>Prepares to count the range in the settings (Linux's default range where it could not be read).</summary>
    /// <param name="settings">The range, the reserved ports and tcp_tw_reuse.</param>
    /// <param name="asked">Where the connect() in question was to go; empty for a bind().</param>
    /// <param name="sources">The addresses that it may come from; empty where they are not known.</param>
    /// <param name="isPortBound">The program bound the connection's port itself.</param>
    internal EphemeralPortCounter(Protocol protocol, HostSettings settings, ImmutableArray<IpEndpoint> asked = default,
        ImmutableArray<IpAddress> sources = default, bool isPortBound = false)
    {
        _protocol = protocol;
        _destinations = new DestinationCounter(asked.IsDefault ? [] : asked, sources.IsDefault ? [] : sources, settings.TimeWaitReuse,
            settings.TimeWaitReuseDelay, isPortBound);
        First = (ushort)Math.Clamp(settings.LocalPorts.First, 1, ushort.MaxValue);
        Last = (ushort)Math.Clamp(settings.LocalPorts.Last, First, ushort.MaxValue);
        for (int port = First; port <= Last; port++)
            _usable[port >> 6] |= 1ul << (port & 63);
        foreach (var reserved in settings.ReservedPorts)
        {
            for (var port = Math.Max(reserved.First, (int)First); port <= Math.Min(reserved.Last, (int)Last); port++)
                _usable[port >> 6] &= ~(1ul << (port & 63));
        }
    }

    internal ushort First { get; }
    internal ushort Last { get; }

    /// <summary>A dump started again: what another dump had counted before it is gone too.</summary>
    internal bool WasCleared { get; private set; }

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryReadFixedPart(payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        int port = entry.LocalPort;
        if ((_usable[port >> 6] & (1ul << (port & 63))) == 0)
            return;
        _used[port >> 6] |= 1ul << (port & 63);
        if (entry.RemotePort == 0)
            _bound[port >> 6] |= 1ul << (port & 63);
        else
            _destinations.Add(entry);
        uint? user = entry.IsTimeWaitEntry || reply.Inode == 0 ? null : reply.UserId;
        var kind = new Kind((byte)entry.State(_protocol), user, entry.RemotePort == 0 ? null : entry.RemotePort);
        if (_groups.Count >= MaximumKinds && !_groups.ContainsKey(kind))
            kind = _groups.Count >= 2 * MaximumKinds ? new Kind(kind.State, null, null) : kind with { RemotePort = null };
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, kind, out _);
        group.Count++;
        group.Samples.Add(reply.Inode);
    }

    internal void Clear()
    {
        Array.Clear(_used);
        Array.Clear(_bound);
        _groups.Clear();
        _destinations.Clear();
        WasCleared = true;
    }

    /// <summary>Sums up. Kinds of few sockets are put together without their remote port.</summary>
    internal EphemeralUse Finish()
    {
        var total = 0;
        foreach (var group in _groups.Values)
            total += group.Count;
        var folded = new Dictionary<Kind, Group>();
        foreach (var (kind, group) in _groups)
        {
            var shown = group.Count < Math.Max(2, total / 64) ? kind with { RemotePort = null } : kind;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(folded, shown, out var isKnown);
            if (!isKnown)
            {
                sum = group;
                continue;
            }
            sum.Count += group.Count;
            foreach (var inode in group.Samples.Read())
                sum.Samples.Add((uint)inode);
        }
        var usable = 0;
        var used = 0;
        var bound = 0;
        for (var i = 0; i < _usable.Length; i++)
        {
            usable += System.Numerics.BitOperations.PopCount(_usable[i]);
            used += System.Numerics.BitOperations.PopCount(_used[i]);
            bound += System.Numerics.BitOperations.PopCount(_bound[i]);
        }
        return new EphemeralUse
        {
            Usable = usable,
            Used = used,
            Bound = bound,
            Destinations = _destinations.Finish(),
            DestinationsCut = _destinations.IsCut,
            ClosedToAsked = _destinations.CountClosed(_usable, _bound),
            ReusableByAsked = _destinations.CountReusable(_usable, _bound),
            Groups =
            [
                .. folded.OrderByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key.State).ThenBy(pair => pair.Key.UserId)
                    .ThenBy(pair => pair.Key.RemotePort).Take(MaximumGroups)
                    .Select(pair => new EphemeralGroup(
                        TcpStateNames.Of((TcpSocketState)pair.Key.State, _protocol), pair.Key.UserId, pair.Key.RemotePort, pair.Value.Count,
                        pair.Value.Samples.First)
                    {
                        Samples = pair.Value.Samples.Read(),
                    }),
            ],
        };
    }
}

internal readonly struct EphemeralDump(EphemeralPortCounter counter) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => counter.Add(message.Payload);

    public void Restart() => counter.Clear();
}

/// <summary>
/// Counts the TCP sockets of a dump by kind, and the ports of a range on which one stands: nothing is kept for each socket. A socket that
/// changes its state while the table is walked may be counted twice or not at all.
/// </summary>
/// <param name="used">A bit for each port, <see cref="Words"/> long, all zero.</param>
internal ref struct PortUsageCounter(Span<ulong> used) : IMessageVisitor
{
    internal const int Words = (ushort.MaxValue + 1) / 64;

    private readonly Span<ulong> _used = used;

    internal int Listeners { get; private set; }

    /// <summary>Every state but LISTEN, TIME_WAIT and bound only; handshakes under way included.</summary>
    internal int Connections { get; private set; }

    internal int TimeWaits { get; private set; }

    /// <summary>Bound, and neither listening nor connected.</summary>
    internal int BoundOnly { get; private set; }

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        var entry = new DiagEntry { Reply = reply };
        switch (entry.State(Protocol.Tcp))
        {
            case TcpSocketState.Listen:
                Listeners++;
                break;
            case TcpSocketState.TimeWait:
                TimeWaits++;
                break;
            case TcpSocketState.Bound:
                BoundOnly++;
                break;
            default:
                Connections++;
                break;
        }
        int port = entry.LocalPort;
        _used[port >> 6] |= 1ul << (port & 63);
    }

    public void Restart()
    {
        _used.Clear();
        (Listeners, Connections, TimeWaits, BoundOnly) = (0, 0, 0, 0);
    }

    /// <summary>The ports from first to last, both included, on which a socket stands.</summary>
    internal readonly int CountPorts(int first, int last)
    {
        var count = 0;
        for (var word = first >> 6; word <= last >> 6; word++)
        {
            var bits = _used[word];
            if (word == first >> 6)
                bits &= ulong.MaxValue << (first & 63);
            if (word == last >> 6)
                bits &= ulong.MaxValue >> (63 - (last & 63));
            count += BitOperations.PopCount(bits);
        }
        return count;
    }
}
