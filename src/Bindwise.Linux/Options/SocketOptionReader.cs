using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Options;

/// <summary>
/// Reads the options of an owned socket from a duplicate of its descriptor, closed at once. While the duplicate is open
/// the owner's close() does not free the port: that is some microseconds.
/// </summary>
internal static class SocketOptionReader
{
    /// <summary>Reads the options of one socket through one of its holders.</summary>
    /// <param name="socket">The socket as the table told it.</param>
    /// <param name="holder">A descriptor of it.</param>
    /// <param name="errno">
    /// None, or why the options stay unknown: EPERM without the right to trace, ESRCH when the process is gone, EBADF
    /// when the descriptor is closed, ENOTSOCK when it is another socket by now, ENOSYS before Linux 5.6.
    /// </param>
    /// <returns>The socket with its options; unchanged when an errno comes back.</returns>
    internal static HeldSocket Read(HeldSocket socket, Holder holder, out Errno errno)
    {
        if (holder.ProcessId == Environment.ProcessId && holder.ThreadId is null)
        {
            // Our own descriptor: not taken over, only looked at.
            using var own = SafeFileDescriptor.Borrow(holder.Descriptor);
            return ReadOptions(own, socket, out errno);
        }
        errno = DescriptorCopyCall.OpenProcess(
            holder.ThreadId ?? holder.ProcessId, holder.ThreadId is null ? 0 : DescriptorCopyCall.Thread, out var process);
        using (process)
        {
            if (errno != Errno.None)
                return socket;
            errno = DescriptorCopyCall.Copy(process, holder.Descriptor, out var copy);
            using (copy)
                return errno == Errno.None ? ReadOptions(copy, socket, out errno) : socket;
        }
    }

    private static HeldSocket ReadOptions(SafeFileDescriptor descriptor, HeldSocket socket, out Errno errno)
    {
        errno = SocketOptionCall.Get<ulong>(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out var cookie);
        if (errno != Errno.None)
            return socket;
        // The number may have been given to another file since the owner was found.
        if (socket.Cookie != 0 && cookie != socket.Cookie)
        {
            errno = Errno.ENOTSOCK;
            return socket;
        }
        var device = SocketOptionCall.Get<uint>(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex, out var index);
        return socket with
        {
            ReuseAddress = ReadFact(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
            ReusePort = ReadFact(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
            V6Only = socket.Family == IpFamily.IPv6 && socket.Protocol != Protocol.Unix
                ? ReadFact(descriptor, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only)
                : socket.V6Only,
            DeviceIndex = device == Errno.None && socket.Protocol != Protocol.Unix ? index : socket.DeviceIndex,
        };
    }

    private static Fact ReadFact(SafeFileDescriptor descriptor, int level, int name) =>
        SocketOptionCall.Get<int>(descriptor, level, name, out var value) != Errno.None ? Fact.Unknown
        : value != 0 ? Fact.Yes
        : Fact.No;
}
