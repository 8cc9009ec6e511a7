using Bindwise.Linux.Probing;

namespace Bindwise.Linux.Picking;

/// <summary>
/// Binds a port as strictly as can be: without any option, so that TIME_WAIT, a listener on one address and a bound socket all refuse it.
/// </summary>
internal static class PortTrial
{
    /// <summary>So long it waits for another run of bindwise that tries the same port at this moment (<see cref="ProbeLock"/>).</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(50);

    /// <param name="address">The address; null for every address of both families.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <returns>None when it can be bound; EADDRINUSE when something is in the way.</returns>
    internal static Errno Run(Protocol protocol, IpAddress? address, uint scope, ushort port)
    {
        using var turn = ProbeLock.Acquire(protocol, port, LockWait);
        return OfFamilies(protocol, address, port, request =>
        {
            var result = Probe.Run(request, scope, out var obstacle);
            // A lack of descriptors or memory.
            return obstacle is not null || result is null ? Errno.ENOBUFS : result.Landed is null ? (Errno)result.Errno : Errno.EPERM;
        });
    }

    /// <summary>
    /// Binds, and leaves the socket open with SO_REUSEADDR: then a program that sets the option too can bind the port and listen, and no
    /// other.
    /// </summary>
    /// <param name="protocol">TCP or UDP; UDP gets no option, since two sockets would share the datagrams.</param>
    /// <param name="address">The address; null for every address of both families.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <param name="socket">The socket; invalid when an errno comes back.</param>
    internal static Errno Keep(Protocol protocol, IpAddress? address, uint scope, ushort port, out SafeFileDescriptor socket)
    {
        SafeFileDescriptor? bound = null;
        using var turn = ProbeLock.Acquire(protocol, port, LockWait);
        var errno = OfFamilies(protocol, address, port, request => Bind(request, scope, out bound));
        socket = bound ?? new SafeFileDescriptor(-1);
        return errno;
    }

    /// <param name="nameOrIndex">What stands after <c>%</c>.</param>
    /// <param name="scope">The interface's index. That of a number that is no name is checked by bind().</param>
    /// <returns>None; ENODEV where there is no such interface.</returns>
    internal static Errno FindScope(string nameOrIndex, out uint scope)
    {
        scope = 0;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram, 0, out var socket);
        using (socket)
        {
            if (errno == Errno.None)
                errno = InterfaceIndexCall.Find(socket, nameOrIndex, out scope);
        }
        return errno == Errno.ENODEV && uint.TryParse(nameOrIndex, NumberStyles.None, CultureInfo.InvariantCulture, out scope) && scope > 0
            ? Errno.None : errno;
    }

    private static Errno OfFamilies(Protocol protocol, IpAddress? address, ushort port, Func<BindRequest, Errno> bind)
    {
        var request = new BindRequest
        {
            Protocol = protocol,
            Address = address ?? IpAddress.AnyIPv6,
            Port = port,
            V6Only = (address ?? IpAddress.AnyIPv6) == IpAddress.AnyIPv6 ? false : null,
            UserId = EffectiveIds.User(),
        };
        var errno = bind(request);
        // A host without IPv6.
        return address is null && errno is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL
            ? bind(request with { Address = IpAddress.AnyIPv4, V6Only = null }) : errno;
    }

    private static Errno Bind(BindRequest request, uint scope, out SafeFileDescriptor? socket)
    {
        var errno = Probe.Open(request, out var opened, out _);
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        if (errno == Errno.None)
            errno = BindCall.Bind(opened, InternetAddress.Write(room, request.Endpoint, scope));
        // The bind's answer stands by now.
        if (errno == Errno.None && request.Protocol == Protocol.Tcp)
            errno = SocketOptionCall.Set(opened, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1);
        // A BPF program on the cgroup may have bound it elsewhere.
        if (errno == Errno.None && (InternetAddress.Local(opened, out var local, out _) != Errno.None || local.Port != request.Port))
            errno = Errno.EPERM;
        socket = errno == Errno.None ? opened : null;
        if (socket is null)
            opened.Dispose();
        return errno;
    }
}

/// <summary>
/// A TIME_WAIT on a port, for a minute (TCP_TIMEWAIT_LEN, include/net/tcp.h): while it is there, the kernel neither gives the port to port
/// 0 of that address or a wildcard nor to a connect(), and a bind() without SO_REUSEADDR is refused there; one with it is not, since the
/// socket that closed had set it too.
/// </summary>
internal static class TimeWaitReservation
{
    /// <summary>
    /// A connection to oneself takes microseconds, on a busy machine seconds; a filter that drops it must not hold anybody up for long.
    /// </summary>
    private const long PatienceSeconds = 5;

    /// <param name="address">Where: one of this host's. Null or [::]: loopback of both families, since a bind() to an address of the
    /// other one meets no TIME_WAIT of this one.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <returns>None when it is there; EADDRINUSE when somebody else took the port meanwhile; ENOBUFS when the kernel did not keep it
    /// (net.ipv4.tcp_max_tw_buckets).</returns>
    internal static Errno Make(IpAddress? address, uint scope, ushort port)
    {
        ReadOnlySpan<IpAddress> own = address switch
        {
            null or { IsAny: true, Family: IpFamily.IPv6 } => [IpAddress.LoopbackIPv4, IpAddress.LoopbackIPv6],
            { IsAny: true } => [IpAddress.LoopbackIPv4],
            { } given => [given],
        };
        var made = Errno.EADDRNOTAVAIL;
        foreach (var one in own)
        {
            var errno = MakeOn(one, scope, port);
            if (errno == Errno.None)
                made = errno;
            // A host without that family.
            else if (own.Length == 1 || errno is not (Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL))
                return errno;
        }
        return made;
    }

    private static Errno MakeOn(IpAddress own, uint scope, ushort port)
    {
        var errno = Connect(new IpEndpoint(own, port), scope);
        if (errno != Errno.None)
            return errno;
        return PortTrial.Run(Protocol.Tcp, own, scope, port) switch
        {
            Errno.EADDRINUSE => Errno.None,
            Errno.None => Errno.ENOBUFS,
            var other => other,
        };
    }

    private static Errno Connect(IpEndpoint endpoint, uint scope)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var address = InternetAddress.Write(room, endpoint, scope);
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
            if (errno == Errno.None)
                errno = SocketOptionCall.SetTimeout(socket, option, new TimeValue { Seconds = PatienceSeconds });
        }
        return errno;
    }
}
