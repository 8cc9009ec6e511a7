using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

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
