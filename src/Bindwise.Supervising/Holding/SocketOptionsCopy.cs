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
    private static readonly (int Level, int[] Names)[] Numbers =
    [
        // Besides SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_PASSCRED, SO_RCVLOWAT, SO_MARK, SO_BUSY_POLL, SO_INCOMING_CPU.
        (SocketOptionCall.LevelSocket, [SocketOptionCall.ReuseAddress, SocketOptionCall.ReusePort, 9, 10, 12, 16, 18, 36, 46, 49]),
        // SO_DONTROUTE, SO_BROADCAST, SO_NO_CHECK, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING, SO_RXQ_OVFL.
        (SocketOptionCall.LevelSocket, [5, 6, 11, 29, 35, 37, 40]),
        // IP_TOS, IP_TTL, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR, and two more.
        (SocketOptionCall.LevelIPv4, [1, 2, 8, 10, 11, 12, 13, 20, SocketOptionCall.Freebind, SocketOptionCall.Transparent]),
        // IPV6_UNICAST_HOPS, IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_TCLASS,
        // IPV6_RECVORIGDSTADDR.
        (SocketOptionCall.LevelIPv6, [16, 23, 25, 49, 51, 66, 67, 74]),
        // TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP,
        // TCP_THIN_LINEAR_TIMEOUTS, TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_NOTSENT_LOWAT, TCP_SAVE_SYN. What TCP_MAXSEG and TCP_QUICKACK
        // read is not what was set.
        (LevelTcp, [1, 4, 5, 6, 7, 8, 9, 10, 16, 18, 23, 25, 27]),
        // UDP_SEGMENT, UDP_GRO.
        (LevelUdp, [103, 104]),
    ];

    /// <summary>Copies what differs; what may not be set stays as it is.</summary>
    internal static void Copy(TrappedSocket from, SafeFileDescriptor to)
    {
        var other = from.Protocol == Protocol.Tcp ? LevelUdp : LevelTcp;
        foreach (var (level, names) in Numbers)
        {
            if (level != other && (level != SocketOptionCall.LevelIPv6 || from.Family == SocketCall.FamilyIPv6))
                Array.ForEach(names, name => from.CopyOption(to, level, name));
        }
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
