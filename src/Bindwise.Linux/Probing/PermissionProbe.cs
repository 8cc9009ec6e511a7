namespace Bindwise.Linux.Probing;

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

    /// <summary>Tries bind().</summary>
    /// <param name="request">Address, port and options; not port 0.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <param name="obstacle">Why it could not be tried, one line; null when it was, or when only port 0 was refused.</param>
    /// <returns>
    /// The errno by which the kernel refuses the bind() before it looks at the sockets on the port; 0 when it does not refuse it there;
    /// null when that cannot be told.
    /// </returns>
    internal static ProbeResult? Run(BindRequest request, uint scope, PortOccupancy use, out string? obstacle)
    {
        obstacle = null;
        // A filter of system calls sees the call, not the socket.
        var filtered = BindCall.BindNothing();
        if (filtered != Errno.EBADF)
            return Answer(request, filtered);
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
