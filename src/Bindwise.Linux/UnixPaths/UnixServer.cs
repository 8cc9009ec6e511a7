namespace Bindwise.Linux.UnixPaths;

/// <summary>
/// Asks the kernel whether a socket is bound to the file at a path. The table of one network namespace cannot tell: a path is found by its
/// file, whatever the namespace in which its server opened the socket (unix_find_bsd(), net/unix/af_unix.c).
/// </summary>
internal static class UnixServer
{
    /// <summary>
    /// connect() of a datagram socket: ECONNREFUSED when no socket at all is bound to the file, EPROTOTYPE when one of another type is. A
    /// stream server never notices, since no connection comes about.
    /// </summary>
    internal static Errno Ask(string path)
    {
        using var socket = Connect(path, SocketCall.TypeDatagram, out var errno);
        return errno;
    }

    /// <summary>What the answer of <see cref="Ask"/> says: only ECONNREFUSED is a dead file's.</summary>
    internal static Fact FactOf(Errno errno) => errno switch
    {
        Errno.None or Errno.EPROTOTYPE or Errno.EAGAIN => Fact.Yes,
        Errno.ECONNREFUSED => Fact.No,
        _ => Fact.Unknown,
    };

    /// <summary>
    /// Who called listen() on the socket at the path (SO_PEERCRED, unix(7)): a connection is opened and closed at once, so only where no
    /// table shows the socket. Null when nobody listens, or there is no room in the backlog.
    /// </summary>
    internal static PeerCredentials? FindListener(string path)
    {
        foreach (var type in (ReadOnlySpan<int>)[SocketCall.TypeStream, SocketCall.TypeSequencedPacket])
        {
            using var socket = Connect(path, type, out var errno);
            if (errno == Errno.EPROTOTYPE)
                continue;
            return errno == Errno.None && SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.PeerCredentials,
                out PeerCredentials peer) == Errno.None ? peer : null;
        }
        return null;
    }

    private static SafeFileDescriptor Connect(string path, int type, out Errno errno)
    {
        using var access = ForeignAccess.ToPath(path);
        if (!access.IsAllowed)
        {
            errno = Errno.ETIMEDOUT;
            return new SafeFileDescriptor(-1);
        }
        errno = SocketCall.Open(SocketCall.FamilyUnix, type | SocketCall.NonBlocking, 0, out var socket);
        if (errno != Errno.None)
            return socket;
        var address = SocketAddress.WritePath(stackalloc byte[SocketAddress.MaximumUnixBytes], Encoding.UTF8.GetBytes(path));
        errno = address.IsEmpty ? Errno.EINVAL : ConnectCall.Connect(socket, address);
        return socket;
    }
}
