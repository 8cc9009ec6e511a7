namespace Bindwise.Linux.Picking;

/// <summary>
/// A TIME_WAIT on a port, for a minute (TCP_TIMEWAIT_LEN, include/net/tcp.h): while it is there, the kernel neither gives the port to port
/// 0 nor to a connect(), and a bind() without SO_REUSEADDR is refused; one with it is not, since the socket that closed had set it too.
/// </summary>
internal static class TimeWaitReservation
{
    internal static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>A connection to oneself takes microseconds; a filter that drops it must not hold anybody up.</summary>
    private const long PatienceSeconds = 1;

    /// <param name="address">Where: one of this host's. Null or a wildcard: loopback.</param>
    /// <returns>None when it is there; EADDRINUSE when somebody else took the port meanwhile; ENOBUFS when the kernel did not keep it
    /// (net.ipv4.tcp_max_tw_buckets).</returns>
    internal static Errno Make(IpAddress? address, ushort port)
    {
        var own = address switch
        {
            null => IpAddress.LoopbackIPv4,
            { IsAny: true, Family: IpFamily.IPv4 } => IpAddress.LoopbackIPv4,
            { IsAny: true } => IpAddress.LoopbackIPv6,
            { } given => given,
        };
        var errno = Connect(new IpEndpoint(own, port));
        // A host without IPv4.
        if (address is null && errno is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL)
            errno = Connect(new IpEndpoint(own = IpAddress.LoopbackIPv6, port));
        if (errno != Errno.None)
            return errno;
        return PortTrial.Run(Protocol.Tcp, own, port) switch
        {
            Errno.EADDRINUSE => Errno.None,
            Errno.None => Errno.ENOBUFS,
            var other => other,
        };
    }

    private static Errno Connect(IpEndpoint endpoint)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var address = InternetAddress.Write(room, endpoint, 0);
        var errno = Open(endpoint.Address.Family, out var listener);
        using (listener)
        {
            if (errno == Errno.None)
                errno = SocketOptionCall.Set(listener, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1);
            if (errno == Errno.None)
                errno = BindCall.Bind(listener, address);
            if (errno == Errno.None)
                errno = ListenCall.Listen(listener, 1);
            return errno == Errno.None ? Close(listener, endpoint.Address.Family, address) : errno;
        }
    }

    // Who closes first keeps the TIME_WAIT (RFC 9293 §3.6): the accepted end, whose port it is that counts.
    private static Errno Close(SafeFileDescriptor listener, IpFamily family, ReadOnlySpan<byte> address)
    {
        var errno = Open(family, out var client);
        using (client)
        {
            if (errno == Errno.None)
                errno = ConnectCall.Connect(client, address);
            if (errno != Errno.None)
                return errno;
            errno = AcceptCall.Accept(listener, waits: true, out var accepted);
            using (accepted)
            {
                if (errno != Errno.None)
                    return errno;
            }
            // Its FIN is here: only now this end follows.
            return ReceiveCall.Receive(client, stackalloc byte[1], waits: true, out _);
        }
    }

    private static Errno Open(IpFamily family, out SafeFileDescriptor socket)
    {
        var errno = SocketCall.Open((int)family, SocketCall.TypeStream, 0, out socket);
        foreach (var option in (ReadOnlySpan<int>)[SocketOptionCall.ReceiveTimeout, SocketOptionCall.SendTimeout])
        {
            // struct timeval: two longs on every 64-bit Linux.
            ReadOnlySpan<long> patience = [PatienceSeconds, 0];
            if (errno == Errno.None)
                errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, option,
                    System.Runtime.InteropServices.MemoryMarshal.AsBytes(patience));
        }
        return errno;
    }
}
