using Bindwise.Linux;

namespace Bindwise.Supervising.Calls;

/// <summary>
/// Asks the kernel what it will say to a bind() or listen() that it is going to do itself a moment later: by a bind() of another socket,
/// with the same options, in the same network namespace, with the program's rights, that is closed at once. So a failure is explained
/// before the program sees it, and nothing is done in the program's place. Whoever the trial is in the way of, the call itself is in the
/// way of in the next microseconds.
/// </summary>
internal static class BindForecast
{
    // What decides of a conflict, and of which addresses may be bound; 0 in a new socket.
    private static readonly (int Level, int Name)[] Options =
    [
        (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        (SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind),
        (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent),
    ];

    /// <returns>What the kernel is going to say; null where that is not known.</returns>
    internal static Errno? OfBind(WaitingCall call, TrappedSocket socket, SupervisedAddress address, ProgramRights rights) =>
        Of(call, socket, address.Asked, address.Bytes, rights);

    /// <summary>The same about listen() of a socket that is bound: another socket in its place would meet the same ones.</summary>
    internal static Errno? OfListen(WaitingCall call, TrappedSocket socket, IpEndpoint local, ProgramRights rights)
    {
        // Its own socket would be in the way of the trial, unless both share; one that listens already only gets another backlog.
        var isTold = call.Look(() => !socket.IsListening
            && (socket.SharesPort || socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) == true));
        Span<byte> room = stackalloc byte[SocketAddressIPv6.SizeBytes];
        return isTold ? Of(call, socket, local, InternetAddress.Write(room, local, 0).ToArray(), rights) : null;
    }

    private static Errno? Of(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, byte[] address, ProgramRights rights)
    {
        if (endpoint.Port == 0)
            return null;
        var sharesPort = call.Look(() => socket.SharesPort);
        // Whose rights a trial has matters for low ports, and for those that sockets of one user share.
        if ((endpoint.Port < ProgramRights.FirstUnprivilegedPort || sharesPort ? rights.Of(call) : ThreadRights.Own) is not { } own)
            return null;
        return call.Look(() => Ask(socket, sharesPort, address, own));
    }

    /// <param name="sharesPort">It shares its port (SO_REUSEPORT).</param>
    /// <param name="address">Where it is to be bound, or is bound and is to listen.</param>
    /// <returns>What the kernel said; null where it cannot be asked: of UDP that shares its port it
    /// would take datagrams from the others.</returns>
    internal static Errno? Ask(TrappedSocket socket, bool sharesPort, byte[] address, ThreadRights rights)
    {
        if (socket.Protocol == Protocol.Udp
            && (sharesPort || socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) != false))
            return null;
        using var trial = socket.OpenBeside(rights);
        // A port is shared by sockets of one user.
        if (trial is null || (sharesPort && (FileStatusCall.Fstat(trial, out var status) != Errno.None || status.UserId != socket.User)))
            return null;
        foreach (var (level, name) in Options)
        {
            if (socket.Read<int>(level, name) is not 0 and var value)
                _ = SocketOptionCall.Set(trial, level, name, value);
        }
        if (sharesPort)
            _ = SocketOptionCall.Set(trial, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, 1);
        if (socket.Family == SocketCall.FamilyIPv6)
            socket.CopyOption(trial, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only);
        return rights.TryWork(() => BindCall.Bind(trial, address));
    }
}
