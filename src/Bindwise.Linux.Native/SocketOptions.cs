namespace Bindwise.Linux.Native;

/// <summary>getsockopt(2) and setsockopt(2), with the numbers of asm-generic/socket.h (the same on x86-64 and arm64).</summary>
internal static class SocketOptionCall
{
    internal const int LevelSocket = 1;
    internal const int ReuseAddress = 2;
    internal const int SocketType = 3;
    internal const int Linger = 13;
    internal const int ReusePort = 15;
    internal const int PeerCredentials = 17;
    internal const int ReceiveTimeout = 20;
    internal const int SendTimeout = 21;
    internal const int BindToDevice = 25;
    internal const int Protocol = 38;
    internal const int Domain = 39;

    /// <summary>IPPROTO_MPTCP (include/uapi/linux/in.h).</summary>
    internal const int MultipathProtocol = 262;
    internal const int Cookie = 57;
    internal const int BindToIfIndex = 62;

    /// <summary>SO_NETNS_COOKIE: the network namespace of a socket (Linux 5.14).</summary>
    internal const int NetworkCookie = 71;

    /// <summary>SO_ACCEPTCONN: whether it listens.</summary>
    internal const int AcceptsConnections = 30;

    internal const int LevelIPv4 = 0;
    internal const int Freebind = 15;
    internal const int Transparent = 19;
    internal const int BindAddressNoPort = 24;
    internal const int LocalPortRange = 51;
    internal const int LevelIPv6 = 41;
    internal const int V6Only = 26;
    internal const int FreebindIPv6 = 78;

    internal const int LevelNetlink = 270;

    /// <summary>NETLINK_GET_STRICT_CHK (linux/netlink.h).</summary>
    internal const int StrictCheck = 12;

    internal static unsafe Errno Set(SafeFileDescriptor socket, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
            return LastError.Of(LibC.Setsockopt(socket, level, name, start, value.Length));
    }

    internal static unsafe Errno Set(SafeFileDescriptor socket, int level, int name, int value) =>
        LastError.Of(LibC.Setsockopt(socket, level, name, (byte*)&value, sizeof(int)));

    /// <param name="option"><see cref="ReceiveTimeout"/> or <see cref="SendTimeout"/>.</param>
    internal static unsafe Errno SetTimeout(SafeFileDescriptor socket, int option, TimeValue time) =>
        LastError.Of(LibC.Setsockopt(socket, LevelSocket, option, (byte*)&time, sizeof(TimeValue)));

    /// <summary>Reads an option of at most the value's size; what is not answered stays as it is.</summary>
    internal static unsafe Errno Get(SafeFileDescriptor socket, int level, int name, Span<byte> value)
    {
        var sizeBytes = value.Length;
        fixed (byte* start = value)
            return LastError.Of(LibC.Getsockopt(socket, level, name, start, &sizeBytes));
    }

    /// <summary>Reads an option of the value's size; a shorter answer leaves the rest zero.</summary>
    internal static unsafe Errno Get<T>(SafeFileDescriptor socket, int level, int name, out T value)
        where T : unmanaged
    {
        value = default;
        var sizeBytes = sizeof(T);
        fixed (T* start = &value)
            return LastError.Of(LibC.Getsockopt(socket, level, name, (byte*)start, &sizeBytes));
    }
}

/// <summary>SO_BINDTODEVICE (socket(7)), by the interface's name.</summary>
internal static class DeviceOption
{
    /// <summary>IFNAMSIZ, its NUL included.</summary>
    internal const int NameBytes = 16;

    /// <summary>ENODEV for what can be no interface's name: the kernel would cut a longer one, and bind to another interface.</summary>
    internal static Errno Set(SafeFileDescriptor socket, string device)
    {
        Span<byte> name = stackalloc byte[NameBytes];
        return Encoding.UTF8.TryGetBytes(device, name[..(NameBytes - 1)], out var length) && length > 0 && !name[..length].Contains((byte)0)
            ? SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, name[..length])
            : Errno.ENODEV;
    }

    /// <param name="room">Of <see cref="NameBytes"/> bytes.</param>
    /// <param name="name">The interface's name, in <paramref name="room"/>; empty for none.</param>
    internal static Errno Get(SafeFileDescriptor socket, Span<byte> room, out ReadOnlySpan<byte> name)
    {
        room.Clear();
        var errno = SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, room);
        name = room.TrimEnd((byte)0);
        return errno;
    }
}

/// <summary>struct linger (socket(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LingerValue
{
    internal int OnOff;
    internal int Seconds;

    internal const int SizeBytes = 8;
}

/// <summary>The options of a socket, each with the errno of its own getsockopt(2): 0 where it was read.</summary>
internal struct OptionValues
{
    internal ulong Cookie;
    internal int CookieErrno;
    internal int ReuseAddress;
    internal int ReuseAddressErrno;
    internal int ReusePort;
    internal int ReusePortErrno;
    internal int V6Only;
    internal int V6OnlyErrno;
    internal int DeviceIndex;
    internal int DeviceErrno;
    internal LingerValue Linger;
    internal int LingerErrno;
    internal int Protocol;
    internal int ProtocolErrno;

    /// <summary>Its inode; read of MPTCP sockets only, whose cookie is not that of the subflow in the TCP table.</summary>
    internal ulong Inode;
}

/// <summary>
/// Reads a socket's options through a duplicate of its owner's descriptor. While the duplicate is open, close() by the owner
/// does not free the port: so duplicate, read and close stand back to back. Any of them may block: pidfd_getfd(2) waits for the owner's
/// execve(), getsockopt(2) for a call that holds the socket, close(2) for SO_LINGER, or for FUSE if the owner put a file in the
/// descriptor's place. So the runtime may stop the thread there (no SuppressGCTransition): a collection does not wait for the owner.
/// </summary>
internal static class OptionCopyCall
{
    private const nint EmptyPath = 0x1000;
    private const nint InodeMask = 0x100;

    /// <param name="process">A handle on the owner (pidfd_open(2)).</param>
    /// <param name="stillThere">
    /// None when the descriptor still stands for the socket in question. Of a server that starts again and again another one is there by
    /// now, and a duplicate of that would be in its way.
    /// </param>
    /// <returns>None, or why there is no duplicate.</returns>
    internal static unsafe Errno ReadFrom(SafeFileDescriptor process, int descriptor, Func<Errno> stillThere, out OptionValues values)
    {
        var held = false;
        process.DangerousAddRef(ref held);
        try
        {
            var handle = process.Number;
            // Resolves the functions before it matters.
            _ = OptionalCall.PidfdGetfd.Make(-1, 0, 0);
            ReadAll(-1, out values);
            _ = LibC.Close(-1);
            var errno = stillThere();
            if (errno != Errno.None)
                return errno;
            // Others may have run for long by the time that this thread's turn comes.
            using var urgent = RealTimeScope.Begin();
            errno = stillThere();
            if (errno != Errno.None)
                return errno;
            var copy = (int)OptionalCall.PidfdGetfd.Make(handle, descriptor, 0);
            if (copy < 0)
                return LastError.Value;
            ReadAll(copy, out values);
            _ = LibC.Close(copy);
            return Errno.None;
        }
        finally
        {
            if (held)
                process.DangerousRelease();
        }
    }

    internal static unsafe void ReadAll(int socket, out OptionValues values)
    {
        values = default;
        fixed (OptionValues* v = &values)
        {
            v->CookieErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, &v->Cookie, sizeof(ulong));
            v->ReuseAddressErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, &v->ReuseAddress, sizeof(int));
            v->ReusePortErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, &v->ReusePort, sizeof(int));
            v->LingerErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Linger, &v->Linger, LingerValue.SizeBytes);
            v->V6OnlyErrno = Get(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, &v->V6Only, sizeof(int));
            v->ProtocolErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol, &v->Protocol, sizeof(int));
            if (v->ProtocolErrno == 0 && v->Protocol == SocketOptionCall.MultipathProtocol)
                v->Inode = InodeOf(socket);
            v->DeviceErrno = Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToIfIndex, &v->DeviceIndex, sizeof(int));
        }
    }

    private static unsafe ulong InodeOf(int socket)
    {
        FileStatus status = default;
        byte noPath = 0;
        return LibC.Syscall(SystemCallNumber.StatX, socket, (nint)(&noPath), EmptyPath, InodeMask, (nint)(&status)) == 0 ? status.Inode : 0;
    }

    private static unsafe int Get(int socket, int level, int name, void* value, int sizeBytes) =>
        LibC.Getsockopt(socket, level, name, value, &sizeBytes) == 0 ? 0 : Marshal.GetLastPInvokeError();
}
