using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Options;

/// <summary>
/// Reads the options of an owned socket from a duplicate of its descriptor, closed at once. While the duplicate is open the owner's close()
/// does not free the port: that is some microseconds.
/// </summary>
internal static class SocketOptionReader
{
    /// <summary>Reads the options of one socket through the first of its holders that may be traced; unchanged when none may.</summary>
    internal static HeldSocket ReadFromAny(HeldSocket socket, IEnumerable<Holder> holders)
    {
        // Only a descriptor of the socket itself can be duplicated: not a mapping, a ring or the queue that it waits in.
        foreach (var holder in holders.Where(static h => h.IsOwnDescriptor))
        {
            var known = Read(socket, holder, out var errno);
            if (errno == Errno.None)
                return known;
        }
        return socket;
    }

    /// <param name="socket">The socket as the table told it.</param>
    /// <param name="errno">None, or why the options stay unknown: EPERM without the right to trace, ESRCH when the process is gone, EBADF
    /// when the descriptor is closed, ENOTSOCK when it is another socket by now, ENOSYS before Linux 5.6.</param>
    /// <returns>The socket with its options; unchanged when an errno comes back.</returns>
    internal static HeldSocket Read(HeldSocket socket, Holder holder, out Errno errno)
    {
        OptionValues values;
        if (holder.ProcessId == Environment.ProcessId && holder.ThreadId is null)
        {
            // Our own descriptor needs no duplicate.
            OptionCopyCall.ReadAll(holder.Descriptor, out values);
            errno = Errno.None;
        }
        else
        {
            // pidfd_getfd(2) waits for the lock of execve() as the links of /proc do.
            using var access = ForeignAccess.To(ForeignKind.Process, holder.ProcessId);
            if (!access.IsAllowed)
            {
                errno = Errno.ETIMEDOUT;
                return socket;
            }
            errno = PidFdGetFd.OpenProcess(
                holder.ThreadId ?? holder.ProcessId, holder.ThreadId is null ? 0 : PidFdGetFd.Thread, out var process);
            using (process)
            {
                values = default;
                var link = Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.ThreadId ?? holder.ProcessId}/fd/{holder.Descriptor}\0"));
                if (errno == Errno.None)
                    errno = OptionCopyCall.ReadFrom(process, holder.Descriptor, () => StillThere(socket, link), out values);
            }
        }
        if (errno == Errno.None)
            errno = Recognise(socket, values);
        return errno == Errno.None ? Apply(socket, values) : socket;
    }

    /// <summary>None when the descriptor still stands for the socket that the table showed.</summary>
    private static Errno StillThere(HeldSocket socket, byte[] link)
    {
        Span<byte> text = stackalloc byte[SocketLink.SizeBytes];
        var errno = ReadLinkAt.Read(OpenAt.WorkingDirectory, link, text, out var length);
        // As pidfd_getfd(2) names them: the descriptor is closed, the process may not be traced.
        return errno == Errno.ENOENT ? Errno.EBADF
            : errno == Errno.EACCES ? Errno.EPERM
            : errno != Errno.None ? errno
            : SocketLink.TryParse(text[..length], out var inode) && inode == socket.Inode ? Errno.None : Errno.ENOTSOCK;
    }

    /// <summary>The number may have been given to another file since the owner was found.</summary>
    private static Errno Recognise(HeldSocket socket, in OptionValues values)
    {
        if (values.CookieErrno != 0)
            return (Errno)values.CookieErrno;
        // The table shows an MPTCP socket's first subflow, which has its inode and a cookie of its own.
        if (values is { ProtocolErrno: 0, Protocol: SocketOptionCall.MultipathProtocol })
            return values.Inode == socket.Inode ? Errno.None : Errno.ENOTSOCK;
        return socket.Cookie != 0 && values.Cookie != socket.Cookie ? Errno.ENOTSOCK : Errno.None;
    }

    /// <summary>
    /// An MPTCP socket answers for its first subflow, whose inode it shares (mptcp_subflow_create_socket(), net/mptcp/subflow.c).
    /// </summary>
    private static Fact Multipath(HeldSocket socket, in OptionValues values) =>
        socket.Protocol != Protocol.Tcp || values.ProtocolErrno != 0 ? socket.IsMultipath
        : values.Protocol == SocketOptionCall.MultipathProtocol ? Diagnostics.Fact.Yes
        : Diagnostics.Fact.No;

    private static HeldSocket Apply(HeldSocket socket, in OptionValues values)
    {
        // The subflow has the port: its IPV6_V6ONLY and its interface, which the table tells, may differ from those of the MPTCP socket.
        var isMultipath = values is { ProtocolErrno: 0, Protocol: SocketOptionCall.MultipathProtocol };
        return socket with
        {
            ReuseAddress = Fact(values.ReuseAddress, values.ReuseAddressErrno),
            ReusePort = Fact(values.ReusePort, values.ReusePortErrno),
            ResetsOnClose = Fact(values.Linger is { OnOff: not 0, Seconds: 0 } ? 1 : 0, values.LingerErrno),
            V6Only = socket.Family != IpFamily.IPv6 || socket.Protocol == Protocol.Unix
                || (isMultipath && socket.V6Only != Diagnostics.Fact.Unknown) ? socket.V6Only : Fact(values.V6Only, values.V6OnlyErrno),
            IsMultipath = Multipath(socket, values),
            DeviceIndex = isMultipath || values.DeviceErrno != 0 || socket.Protocol == Protocol.Unix
                ? socket.DeviceIndex : unchecked((uint)values.DeviceIndex),
        };
    }

    private static Fact Fact(int value, int errno) =>
        errno != 0 ? Diagnostics.Fact.Unknown : value != 0 ? Diagnostics.Fact.Yes : Diagnostics.Fact.No;
}
