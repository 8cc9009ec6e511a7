using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Censuses;

/// <summary>Counts UDP sockets by state, and lists those that are bound and not connected.</summary>
internal sealed class UdpTally(FollowedSockets listed)
{
    private const int States = 16;

    // The first family's stay when the second's dump starts again.
    private readonly int[] _before = new int[States];
    private readonly int[] _states = new int[States];

    internal void Begin()
    {
        Array.Clear(_before);
        Array.Clear(_states);
    }

    internal void BeginFamily()
    {
        _states.CopyTo(_before, 0);
        listed.BeginDump();
    }

    internal void Restart()
    {
        _before.CopyTo(_states, 0);
        listed.RestartDump();
    }

    internal void Add(ReadOnlySpan<byte> payload)
    {
        if (!DiagEntry.TryReadFixedPart(payload, out var reply) || reply.State >= States)
            return;
        _states[reply.State]++;
        var entry = new DiagEntry { Reply = reply };
        if (entry.RemotePort == 0 && entry.LocalPort != 0)
            listed.Take(Protocol.Udp, entry, payload);
    }

    internal ImmutableArray<StateCount> CountStates() => StateCounts.Of(_states);
}

internal readonly struct UdpCensusDump(UdpTally tally) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => tally.Add(message.Payload);

    public void Restart() => tally.Restart();
}

/// <summary>Lists the UNIX sockets that have a name and are no connections, which bear their listener's name.</summary>
internal readonly struct UnixCensusDump(FollowedSockets listed) : IMessageVisitor
{
    private const byte Datagram = 2;

    public void Visit(in NetlinkMessage message)
    {
        if (UnixDump.TryParse(message.Payload, out var entry) && !entry.Name.IsEmpty
            && ((TcpSocketState)entry.Reply.State != TcpSocketState.Established || entry.Reply.Type == Datagram))
            listed.Take(entry);
    }

    public void Restart() => listed.RestartDump();
}
