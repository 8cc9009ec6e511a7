namespace Bindwise.Supervising.Holding;

/// <summary>
/// Gives a kept socket what the program set on the one in whose place it comes: those options that act on it or that connections inherit
/// from it.
/// </summary>
internal static class SocketOptionsCopy
{
    private const int LevelTcp = 6;
    private const int LevelUdp = 17;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;

    private const int CongestionControl = 13;

    // By asm-generic/socket.h, linux/tcp.h, linux/udp.h, linux/in.h and linux/in6.h.
    private static readonly (int Level, int Name)[] Numbers =
    [
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
        // SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_PASSCRED, SO_RCVLOWAT, SO_MARK, SO_BUSY_POLL, SO_INCOMING_CPU.
        (SocketOptionCall.LevelSocket, 9), (SocketOptionCall.LevelSocket, 10), (SocketOptionCall.LevelSocket, 12),
        (SocketOptionCall.LevelSocket, 16), (SocketOptionCall.LevelSocket, 18),
        (SocketOptionCall.LevelSocket, 36), (SocketOptionCall.LevelSocket, 46), (SocketOptionCall.LevelSocket, 49),
        // SO_DONTROUTE, SO_BROADCAST, SO_NO_CHECK, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING, SO_RXQ_OVFL.
        (SocketOptionCall.LevelSocket, 5), (SocketOptionCall.LevelSocket, 6), (SocketOptionCall.LevelSocket, 11),
        (SocketOptionCall.LevelSocket, 29), (SocketOptionCall.LevelSocket, 35), (SocketOptionCall.LevelSocket, 37),
        (SocketOptionCall.LevelSocket, 40),
        // IP_TOS, IP_TTL, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR.
        (SocketOptionCall.LevelIPv4, 1), (SocketOptionCall.LevelIPv4, 2), (SocketOptionCall.LevelIPv4, 8),
        (SocketOptionCall.LevelIPv4, 10), (SocketOptionCall.LevelIPv4, 11), (SocketOptionCall.LevelIPv4, 12),
        (SocketOptionCall.LevelIPv4, 13), (SocketOptionCall.LevelIPv4, 20),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind), (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent),
    ];

    // IPV6_UNICAST_HOPS, IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_TCLASS,
    // IPV6_RECVORIGDSTADDR.
    private static readonly int[] IPv6Numbers = [16, 23, 25, 49, 51, 66, 67, 74];

    // TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP,
    // TCP_THIN_LINEAR_TIMEOUTS, TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_NOTSENT_LOWAT, TCP_SAVE_SYN. What TCP_MAXSEG and TCP_QUICKACK read is
    // not what was set.
    private static readonly int[] TcpNumbers = [1, 4, 5, 6, 7, 8, 9, 10, 16, 18, 23, 25, 27];

    // UDP_SEGMENT, UDP_GRO.
    private static readonly int[] UdpNumbers = [103, 104];

    /// <summary>Copies what differs; what may not be set stays as it is.</summary>
    internal static void Copy(TrappedSocket from, SafeFileDescriptor to)
    {
        foreach (var (level, name) in Numbers)
            from.CopyOption(to, level, name);
        foreach (var name in from.Family == SocketCall.FamilyIPv6 ? IPv6Numbers : [])
            from.CopyOption(to, SocketOptionCall.LevelIPv6, name);
        foreach (var name in from.Protocol == Protocol.Tcp ? TcpNumbers : [])
            from.CopyOption(to, LevelTcp, name);
        foreach (var name in from.Protocol == Protocol.Udp ? UdpNumbers : [])
            from.CopyOption(to, LevelUdp, name);
        // What is read is twice what was set (socket(7)).
        from.CopyOption(to, SocketOptionCall.LevelSocket, ReceiveBuffer, divisor: 2);
        from.CopyOption(to, SocketOptionCall.LevelSocket, SendBuffer, divisor: 2);
        from.CopyWhole<ulong>(to, SocketOptionCall.LevelSocket, SocketOptionCall.Linger);
        // struct timeval, and a name of 16 bytes.
        from.CopyWhole<UInt128>(to, SocketOptionCall.LevelSocket, SocketOptionCall.ReceiveTimeout);
        from.CopyWhole<UInt128>(to, SocketOptionCall.LevelSocket, SocketOptionCall.SendTimeout);
        if (from.Protocol == Protocol.Tcp)
            from.CopyWhole<UInt128>(to, LevelTcp, CongestionControl);
    }
}
