using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Probing;

/// <summary>
/// Asks what stands before the kernel's conflict check, without taking the port: filters of system calls, security modules and programs on the
/// cgroup see the same socket() and bind() as a program's, and the kernel refuses what they let pass for a reason of its own.
/// </summary>
internal static class PolicyProbe
{
    /// <summary>socket() and bind() of a port that is taken: a policy would answer first, with an errno of its own.</summary>
    /// <param name="request">The bind that the rules refuse.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <returns>0 when no policy answers; null when this could not be asked.</returns>
    /// <remarks>
    /// A socket that is bound already (to port 0) is refused with EINVAL, after security_socket_bind() and the cgroup's programs and before
    /// inet_csk_get_port() (__sys_bind(), __inet_bind(), __inet6_bind()). Where a policy refuses port 0 too, the bind itself is tried: it fails
    /// either way, by the policy or by who has the port.
    /// </remarks>
    internal static ProbeResult? Bind(BindRequest request, uint scope)
    {
        var filtered = BindCall.BindNothing();
        if (filtered != Errno.EBADF)
            return new ProbeResult(request, (int)filtered);
        var type = request.Protocol == Protocol.Tcp ? SocketCall.TypeStream : SocketCall.TypeDatagram;
        var errno = SocketCall.Open((int)request.Address.Family, type, 0, out var socket);
        using (socket)
        {
            if (errno != Errno.None)
                return Probe.IsAnswer(errno) ? new ProbeResult(request, (int)errno) { Call = ProbedCall.Socket } : null;
            var plain = request with { ReuseAddress = false, ReusePort = false };
            if (Probe.SetOptions(socket, plain) != Errno.None)
                return null;
            Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
            errno = BindCall.Bind(socket, SocketAddress.Write(room, request.Endpoint with { Port = 0 }, scope));
            if (errno is not (Errno.None or Errno.EPERM or Errno.EACCES))
                return null;
            errno = BindCall.Bind(socket, SocketAddress.Write(room, request.Endpoint, scope));
            return errno switch
            {
                Errno.EINVAL or Errno.EADDRINUSE => new ProbeResult(request, 0),
                // The port became free meanwhile; the socket closes at once.
                Errno.None => null,
                _ => new ProbeResult(request, (int)errno),
            };
        }
    }

    /// <summary>listen() on no socket: a filter that refuses it sees no more of it than of a real one.</summary>
    /// <returns>0 when no filter answers.</returns>
    internal static ProbeResult Listen(BindRequest request)
    {
        var errno = ListenCall.ListenNothing();
        return new ProbeResult(request, errno == Errno.EBADF ? 0 : (int)errno) { Call = ProbedCall.Listen };
    }
}
