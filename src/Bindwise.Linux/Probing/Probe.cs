using Bindwise.Linux.Callers;

namespace Bindwise.Linux.Probing;

/// <summary>
/// Asks the kernel itself: one real bind(), closed at once, never listening. It holds the port for some microseconds, in which a server
/// that starts at that very instant meets EADDRINUSE; so rules come first, and this probe only for what they leave open (<see
/// cref="PermissionProbe"/> asks for the rest and takes nothing).
/// </summary>
internal static class Probe
{
    /// <param name="request">Address, port and options.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <param name="obstacle">Why there is no answer, one line; null when there is one.</param>
    /// <returns>What a program would be answered; null when this program could not even ask (no descriptors left, a sandbox).</returns>
    /// <exception cref="InvalidOperationException">A UNIX path, where bind() makes a file, or UDP with a sharing option, where the probe
    /// would take datagrams from the owner.</exception>
    internal static ProbeResult? Run(BindRequest request, uint scope, out string? obstacle)
    {
        if (request.Protocol == Protocol.Unix)
            throw new InvalidOperationException("A UNIX path is never probed: bind() would create a file.");
        if (request.Protocol == Protocol.Udp && (request.ReuseAddress || request.ReusePort))
            throw new InvalidOperationException(
                "A UDP port is never probed with a sharing option: it would take datagrams from its owner.");
        var errno = Open(request, out var socket, out obstacle);
        using (socket)
        {
            if (obstacle is not null)
                return null;
            if (errno != Errno.None)
                return Refused(request, errno);
            Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
            var address = InternetAddress.Write(room, request.Endpoint, scope);
            errno = BindCall.BindAndClose(socket, address, yieldsPort: request.Protocol == Protocol.Tcp, room, out var nameLength);
            return new ProbeResult(request, (int)errno) { Landed = errno == Errno.None ? Elsewhere(request, room[..nameLength]) : null };
        }
    }

    /// <summary>What a program would be answered to socket(), too: a lack of descriptors or memory is this run's own.</summary>
    internal static bool IsAnswer(Errno socketErrno) => socketErrno is Errno.EAFNOSUPPORT or Errno.EPERM or Errno.EACCES or Errno.ENOSYS;

    /// <summary>Where the socket was bound, when that is not what was asked. Port 0 is any port.</summary>
    private static IpEndpoint? Elsewhere(BindRequest request, ReadOnlySpan<byte> name)
    {
        if (!InternetAddress.TryRead(name, out var local, out _))
            return null;
        var isAsAsked = local.Address == request.Address && (local.Port == request.Port || request.Port == 0);
        return isAsAsked ? null : local;
    }

    /// <summary>A socket with the options that are asked for, not bound yet.</summary>
    /// <param name="request">Protocol, family and options.</param>
    /// <param name="socket">The socket; invalid when there is none.</param>
    /// <param name="obstacle">Why this program cannot have one, one line; null when it has, or when a program that asks for the same could
    /// not: then the errno says why.</param>
    /// <returns>None, or what a program that asks for the same meets before bind(): EAFNOSUPPORT, EPERM, EACCES, ENODEV.</returns>
    internal static Errno Open(BindRequest request, out SafeFileDescriptor socket, out string? obstacle)
    {
        obstacle = null;
        var call = "socket";
        var type = request.Protocol == Protocol.Tcp ? SocketCall.TypeStream : SocketCall.TypeDatagram;
        var errno = SocketCall.Open((int)request.Address.Family, type, 0, out socket);
        if (errno == Errno.None)
        {
            call = "setsockopt";
            errno = SetOptions(socket, request);
        }
        // Who sets no option is not refused one.
        if (errno is not (Errno.None or Errno.ENODEV) && (call != "socket" || !IsAnswer(errno)))
            obstacle = $"could not probe: {call}() failed with {errno}";
        return errno;
    }

    /// <summary>What a program meets before bind(): no socket at all, or no such device.</summary>
    internal static ProbeResult Refused(BindRequest request, Errno errno) =>
        new(request, (int)errno) { Call = IsAnswer(errno) ? ProbedCall.Socket : ProbedCall.Bind };

    private static Errno SetOptions(SafeFileDescriptor socket, BindRequest request)
    {
        var errno = Errno.None;
        if (request.ReuseAddress)
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1);
        if (errno == Errno.None && request.ReusePort)
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, 1);
        if (errno == Errno.None && request is { V6Only: { } only, Address.Family: IpFamily.IPv6 })
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, only ? 1 : 0);
        // IPv6 sockets take the option of IPv4 as well: it is one flag of both.
        if (errno == Errno.None && request.Freebind)
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind, 1);
        // To bind it again, even to the same one, takes CAP_NET_RAW (sock_bindtoindex_locked()).
        if (errno != Errno.None || request.Device is not { } device || SocketDevice.Of(socket) == device)
            return errno;
        return DeviceOption.Set(socket, device);
    }
}

/// <summary>What the table and the rules say of a port before it is asked whether anything else refuses.</summary>
internal enum PortOccupancy
{
    Unknown,

    /// <summary>No socket is in the way.</summary>
    Empty,

    /// <summary>A socket refuses the bind.</summary>
    Taken,
}

/// <summary>
/// Asks whether anything but a socket refuses a bind() or listen(): a system call filter, a security module, a program on the cgroup, a
/// missing privilege or address. It never takes the port. The bind() is tried on a socket that is bound already, to a port that the kernel
/// chose: the kernel asks all of these, with the very address and port, and then ends with EINVAL, before it looks at the sockets on the
/// port (__sys_bind(), net/socket.c; inet_bind_sk() and __inet_bind(), net/ipv4/af_inet.c; __inet6_bind(), net/ipv6/af_inet6.c).
/// </summary>
internal static class PermissionProbe
{
    /// <summary>An address that documents use, not hosts (RFC 5737, RFC 3849).</summary>
    private static readonly IpAddress ForeignIPv4 = Parse("192.0.2.1");

    private static readonly IpAddress ForeignIPv6 = Parse("2001:db8::1");

    /// <param name="request">Address, port and options, not port 0; or a UNIX address.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <param name="obstacle">Why it could not be tried, one line; null when it was, or when only port 0 was refused.</param>
    /// <returns>The errno by which the kernel refuses the bind() before it looks at the sockets on the port; 0 when it does not refuse it
    /// there; null when that cannot be told.</returns>
    internal static ProbeResult? Run(BindRequest request, uint scope, PortOccupancy use, out string? obstacle)
    {
        obstacle = null;
        // A filter of system calls sees the call, not the socket.
        var filtered = BindCall.BindNothing();
        if (filtered != Errno.EBADF)
            return Answer(request, filtered);
        if (request.Protocol == Protocol.Unix)
            return Answer(request, OpenUnix(request));
        var errno = Probe.Open(request, out var socket, out obstacle);
        using (socket)
        {
            if (obstacle is not null)
                return null;
            if (errno != Errno.None)
                return Probe.Refused(request, errno) with { IsBeforeConflicts = true };
            errno = Bind(socket, new IpEndpoint(request.Address.Family == IpFamily.IPv4 ? IpAddress.AnyIPv4 : IpAddress.AnyIPv6, 0), 0);
            if (errno != Errno.None)
                return RefusalOfAll(socket, request, scope, use);
            errno = Bind(socket, request.Endpoint, scope);
            return Answer(request, errno == Errno.EINVAL ? Errno.None : errno);
        }
    }

    /// <summary>
    /// Of a UNIX address only filters of the calls are asked: a bind() that gets as far as a security module makes the file.
    /// </summary>
    private static Errno OpenUnix(BindRequest request)
    {
        var errno = SocketCall.Open(SocketCall.FamilyUnix, request.UnixType, 0, out var socket);
        socket.Dispose();
        return Probe.IsAnswer(errno) ? errno : Errno.None;
    }

    /// <summary>listen() on no socket: a filter that refuses it sees no more of it than of a real one.</summary>
    /// <returns>0 when no filter answers.</returns>
    internal static ProbeResult Listen(BindRequest request)
    {
        var errno = ListenCall.ListenNothing();
        return new ProbeResult(request, errno == Errno.EBADF ? 0 : (int)errno) { Call = ProbedCall.Listen };
    }

    /// <summary>
    /// Where port 0 is refused too, it is told only what no socket can answer. Of a taken port the bind itself is tried: it fails either
    /// way, by the policy or by who has the port. On an empty one an EADDRINUSE for an address that this host does not have comes from a
    /// policy. For the rest the port itself has to be tried.
    /// </summary>
    private static ProbeResult? RefusalOfAll(SafeFileDescriptor socket, BindRequest request, uint scope, PortOccupancy use)
    {
        if (use == PortOccupancy.Taken && request is { ReuseAddress: false, ReusePort: false })
        {
            return Bind(socket, request.Endpoint, scope) switch
            {
                Errno.EADDRINUSE => Answer(request, Errno.None),
                // The port became free meanwhile; the socket closes at once.
                Errno.None => null,
                var errno => Answer(request, errno),
            };
        }
        if (request.Freebind || use != PortOccupancy.Empty)
            return null;
        var foreign = request.Address.Family == IpFamily.IPv4 ? ForeignIPv4 : ForeignIPv6;
        return Bind(socket, new IpEndpoint(foreign, request.Port), 0) is Errno.EADDRINUSE and var refused ? Answer(request, refused) : null;
    }

    private static Errno Bind(SafeFileDescriptor socket, IpEndpoint endpoint, uint scope)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        return BindCall.Bind(socket, InternetAddress.Write(room, endpoint, scope));
    }

    private static ProbeResult Answer(BindRequest request, Errno errno) => new(request, (int)errno) { IsBeforeConflicts = true };

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : default;
}
