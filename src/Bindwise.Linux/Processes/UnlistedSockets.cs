using Bindwise.Linux.Processes.PendingUses;

namespace Bindwise.Linux.Processes;

/// <summary>
/// The TCP sockets of a port that no list shows: before Linux 6.8 those that are bound and neither listen nor connect. Each descriptor of a
/// socket that the tables do not show is duplicated (pidfd_getfd(2), Linux 5.6) and asked for its name, which takes the right to trace its
/// holder. Only for a port that bind() found taken: a duplicate keeps a socket open for an instant.
/// </summary>
internal static class UnlistedSockets
{
    private const int MostSockets = 16_384;

    /// <param name="listed">The inodes that the socket tables show: of these nothing is asked.</param>
    /// <param name="isComplete">Every other socket of this network namespace could be asked; false where
    /// one was hidden, or there were too many.</param>
    internal static IReadOnlyList<HeldSocket> Find(ushort port, IReadOnlySet<ulong> listed, out bool isComplete)
    {
        var found = new List<HeldSocket>();
        using var directory = OpenAt.TryOpen("/proc\0"u8);
        isComplete = directory is not null;
        if (directory is null)
            return found;
        var view = new TaskView(directory.Number);
        var asked = new HashSet<ulong>(listed);
        foreach (var process in view.Processes())
        {
            var isHere = view.IsInOurNetwork(process, process);
            isComplete &= isHere != Fact.Unknown;
            if (isHere != Fact.Yes)
                continue;
            isComplete &= view.TryReadSockets(process, out var sockets);
            foreach (var (descriptor, inode, user) in sockets)
            {
                if (!asked.Add(inode))
                    continue;
                if (asked.Count - listed.Count > MostSockets)
                {
                    isComplete = false;
                    return found;
                }
                isComplete &= Ask(process, descriptor, out var local, out var cookie);
                if (local is { } name && name.Port == port)
                    found.Add(new HeldSocket
                    {
                        Protocol = Protocol.Tcp,
                        Family = name.Address.Family,
                        State = TcpSocketState.Bound,
                        Local = name,
                        Inode = inode,
                        Cookie = cookie,
                        UserId = user
                    });
            }
        }
        return found;
    }

    /// <summary>The name of a bound TCP socket, and its cookie. False where it could not be asked.</summary>
    private static bool Ask(int process, int descriptor, out IpEndpoint? local, out ulong cookie)
    {
        (local, cookie) = (null, 0);
        using var access = ForeignAccess.To(ForeignKind.Process, process);
        if (!access.IsAllowed)
            return false;
        var errno = PidFdGetFd.OpenProcess(process, 0, out var handle);
        using (handle)
        {
            if (errno != Errno.None)
                return errno == Errno.ESRCH;
            errno = PidFdGetFd.Copy(handle, descriptor, out var copy);
            using (copy)
            {
                // One that was closed meanwhile keeps no port.
                if (errno != Errno.None)
                    return errno is Errno.EBADF or Errno.ESRCH;
                // One that was connected meanwhile is in the tables by now.
                if (IsTcp(copy) && InternetAddress.Local(copy, out var name, out _) == Errno.None && name.Port != 0
                    && !SocketNameCall.HasPeer(copy)
                    && SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out cookie) == Errno.None)
                    local = name;
                return true;
            }
        }
    }

    private static bool IsTcp(SafeFileDescriptor socket) =>
        SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family) == Errno.None
        && family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6
        && SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol, out int protocol) == Errno.None
        && protocol is SocketCall.ProtocolTcp or SocketOptionCall.MultipathProtocol;
}
