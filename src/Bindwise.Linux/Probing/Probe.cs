using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Probing;

/// <summary>
/// Asks the kernel itself: one real bind(), closed at once, never listening. It holds the port for some microseconds,
/// in which a server that starts at that very instant meets EADDRINUSE; so rules come first, and the probe only for
/// what they leave open and to confirm a free port.
/// </summary>
internal static class Probe
{
    /// <summary>Longer names do not fit an interface (IFNAMSIZ, its NUL included).</summary>
    private const int InterfaceNameBytes = 16;

    /// <summary>Binds as asked and closes.</summary>
    /// <param name="request">Address, port and options.</param>
    /// <param name="scope">The interface's index for a link-local address; 0 for none.</param>
    /// <param name="obstacle">Why there is no answer, one line; null when there is one.</param>
    /// <returns>What a program would be answered; null when this program could not even ask (no descriptors left, a sandbox).</returns>
    /// <exception cref="InvalidOperationException">
    /// A UNIX path, where bind() makes a file, or UDP with a sharing option, where the probe would take datagrams from the owner.
    /// </exception>
    internal static ProbeResult? Run(BindRequest request, uint scope, out string? obstacle)
    {
        if (request.Protocol == Protocol.Unix)
            throw new InvalidOperationException("A UNIX path is never probed: bind() would create a file.");
        if (request.Protocol == Protocol.Udp && (request.ReuseAddress || request.ReusePort))
            throw new InvalidOperationException("A UDP port is never probed with a sharing option: it would take datagrams from its owner.");
        obstacle = null;
        var type = request.Protocol == Protocol.Tcp ? SocketCall.TypeStream : SocketCall.TypeDatagram;
        var errno = SocketCall.Open((int)request.Address.Family, type, 0, out var socket);
        using (socket)
        {
            if (IsAnswer(errno))
                return new ProbeResult(request, (int)errno) { Call = ProbedCall.Socket };
            if (errno != Errno.None)
                return NoAnswer("socket", errno, out obstacle);
            errno = SetOptions(socket, request);
            if (errno == Errno.ENODEV)
                return new ProbeResult(request, (int)errno);
            if (errno != Errno.None)
                return NoAnswer("setsockopt", errno, out obstacle);
            Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
            var address = SocketAddress.Write(room, request.Endpoint, scope);
            errno = BindCall.BindAndClose(socket, address, yieldsPort: request.Protocol == Protocol.Tcp, room, out var nameLength);
            return new ProbeResult(request, (int)errno) { Landed = errno == Errno.None ? Elsewhere(request, room[..nameLength]) : null };
        }
    }

    /// <summary>What a program would be answered to socket(), too: a lack of descriptors or memory is this run's own.</summary>
    internal static bool IsAnswer(Errno socketErrno) => socketErrno is Errno.EAFNOSUPPORT or Errno.EPERM or Errno.EACCES;

    /// <summary>Where the socket was bound, when that is not what was asked. Port 0 is any port.</summary>
    private static IpEndpoint? Elsewhere(BindRequest request, ReadOnlySpan<byte> name)
    {
        if (!SocketNameCall.TryRead(name, out var local, out _))
            return null;
        var isAsAsked = local.Address == request.Address && (local.Port == request.Port || request.Port == 0);
        return isAsAsked ? null : local;
    }

    private static ProbeResult? NoAnswer(string call, Errno errno, out string obstacle)
    {
        obstacle = $"could not probe: {call}() failed with {errno}";
        return null;
    }

    /// <summary>Sets what was asked and nothing else.</summary>
    internal static Errno SetOptions(SafeFileDescriptor socket, BindRequest request)
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
        if (errno != Errno.None || request.Device is not { } device)
            return errno;
        var name = Encoding.UTF8.GetBytes(device);
        return name.Length is 0 or >= InterfaceNameBytes || Array.IndexOf(name, (byte)0) >= 0
            ? Errno.ENODEV
            : SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, name);
    }
}
