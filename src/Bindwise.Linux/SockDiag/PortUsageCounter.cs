using System.Numerics;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

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

    /// <summary>TIME_WAIT.</summary>
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
