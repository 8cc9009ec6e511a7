using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Finds the other ends of connections as far as they stand on this host, each by one exact question of some three
/// microseconds: a filter for "this port at the far end" would copy every connection to a busy service.
/// </summary>
internal static class MirrorSearch
{
    /// <summary>So many connections are asked about whose ends look like this host's.</summary>
    internal const int MaximumLikely = 1024;

    /// <summary>So many of the others: a client may have bound any address of the host.</summary>
    internal const int MaximumUnlikely = 256;

    /// <summary>Loopback, by which all traffic within the host goes; its index is 1 in every network namespace.</summary>
    private const uint Loopback = 1;

    /// <summary>Appends the mirrors of the sockets from <paramref name="first"/> on that do not stand in the list yet.</summary>
    internal static void Append(NetlinkSocket netlink, List<HeldSocket> sockets, int first)
    {
        var end = sockets.Count;
        var (likely, unlikely) = (0, 0);
        HashSet<ulong>? known = null;
        for (var i = first; i < end; i++)
        {
            var socket = sockets[i];
            // After a TIME_WAIT the other end is gone; of a connection with itself it is the same socket.
            if (socket.Remote.Port == 0 || socket.State is TcpSocketState.TimeWait or TcpSocketState.Listen
                || socket.Local == socket.Remote)
                continue;
            var isLikely = socket.Remote.Address.IsLoopback || socket.Remote.Address == socket.Local.Address;
            if (isLikely ? likely++ >= MaximumLikely : unlikely++ >= MaximumUnlikely)
                continue;
            known ??= [.. sockets.Skip(first).Select(static listed => listed.Cookie)];
            if (Find(netlink, Plain(socket.Remote), Plain(socket.Local), Loopback) is { } mirror && known.Add(mirror.Cookie))
                sockets.Add(mirror);
        }
    }

    /// <summary>One connection by its two ends, with IPv4 as IPv4; null when it is not there.</summary>
    /// <param name="device">Where its packets come in; a socket that is bound to another device is passed over.</param>
    internal static HeldSocket? Find(NetlinkSocket netlink, IpEndpoint local, IpEndpoint remote, uint device)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var answer = new Answer();
        var request = DiagRequests.TcpOne(room, local.Address.Family, local, remote, device);
        var outcome = netlink.Exchange("SOCK_DIAG_BY_FAMILY TCP", request, isDump: false, ref answer);
        // A listener may come in place of a connection that is gone.
        return outcome.IsComplete && answer.Entry is { } entry && Plain(entry.Local) == local && Plain(entry.Remote) == remote
            ? entry.ToHeldSocket(Protocol.Tcp)
            : null;
    }

    /// <summary>
    /// Whether a connection to an address and port of this host would find a listener; null where the kernel does not tell.
    /// </summary>
    internal static bool? HasListener(NetlinkSocket netlink, IpEndpoint local)
    {
        Span<byte> room = stackalloc byte[DiagRequests.MaximumBytes];
        var answer = new Answer();
        var nobody = new IpEndpoint(local.Address.Family == IpFamily.IPv4 ? IpAddress.AnyIPv4 : IpAddress.AnyIPv6, 0);
        var request = DiagRequests.TcpOne(room, local.Address.Family, local, nobody, local.Address.IsLoopback ? Loopback : 0);
        var outcome = netlink.Exchange("SOCK_DIAG_BY_FAMILY TCP", request, isDump: false, ref answer);
        return outcome.Errno == Errno.ENOENT ? false
            : outcome.IsComplete && answer.Entry is { } entry ? entry.State(Protocol.Tcp) == TcpSocketState.Listen
            : null;
    }

    /// <summary>One end may be an IPv6 socket with a mapped address, the other an IPv4 socket.</summary>
    internal static IpEndpoint Plain(IpEndpoint endpoint) => endpoint with { Address = endpoint.Address.AsIPv4 ?? endpoint.Address };

    private struct Answer : IMessageVisitor
    {
        internal DiagEntry? Entry { get; private set; }

        public void Visit(in NetlinkMessage message) => Entry = DiagEntry.TryParse(message.Payload, out var entry) ? entry : null;

        public void Restart() => Entry = null;
    }
}
