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
    /// <returns>None when it can be bound; EADDRINUSE when something is in the way.</returns>
    internal static Errno Run(Protocol protocol, IpAddress? address, ushort port)
    {
        using var turn = ProbeLock.Acquire(protocol, port, LockWait);
        return OfFamilies(protocol, address, port, static request =>
        {
            var result = Probe.Run(request, 0, out var obstacle);
            // A lack of descriptors or memory.
            return obstacle is not null || result is null ? Errno.ENOBUFS : result.Landed is null ? (Errno)result.Errno : Errno.EPERM;
        });
    }

    /// <summary>
    /// Binds, and leaves the socket open with SO_REUSEADDR: then a program that sets the option too
    /// can bind the port and listen, and no other.
    /// </summary>
    /// <param name="protocol">TCP or UDP; UDP gets no option, since two sockets would share the datagrams.</param>
    /// <param name="address">The address; null for every address of both families.</param>
    /// <param name="socket">The socket; invalid when an errno comes back.</param>
    internal static Errno Keep(Protocol protocol, IpAddress? address, ushort port, out SafeFileDescriptor socket)
    {
        SafeFileDescriptor? bound = null;
        using var turn = ProbeLock.Acquire(protocol, port, LockWait);
        var errno = OfFamilies(protocol, address, port, request => Bind(request, out bound));
        socket = bound ?? new SafeFileDescriptor(-1);
        return errno;
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

    private static Errno Bind(BindRequest request, out SafeFileDescriptor? socket)
    {
        var errno = Probe.Open(request, out var opened, out _);
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        if (errno == Errno.None)
            errno = BindCall.Bind(opened, InternetAddress.Write(room, request.Endpoint, 0));
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
