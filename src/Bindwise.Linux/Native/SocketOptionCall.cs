using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>getsockopt(2) and setsockopt(2), with the numbers of asm-generic/socket.h (the same on x86-64 and arm64).</summary>
internal static partial class SocketOptionCall
{
    internal const int LevelSocket = 1;
    internal const int ReuseAddress = 2;
    internal const int Linger = 13;
    internal const int ReusePort = 15;
    internal const int PeerCredentials = 17;
    internal const int ReceiveTimeout = 20;
    internal const int SendTimeout = 21;
    internal const int BindToDevice = 25;
    internal const int Protocol = 38;

    /// <summary>IPPROTO_MPTCP (include/uapi/linux/in.h).</summary>
    internal const int MultipathProtocol = 262;
    internal const int Cookie = 57;
    internal const int BindToIfIndex = 62;

    internal const int LevelIPv4 = 0;
    internal const int Freebind = 15;
    internal const int Transparent = 19;
    internal const int BindAddressNoPort = 24;
    internal const int LocalPortRange = 51;

    internal const int LevelIPv6 = 41;
    internal const int V6Only = 26;
    internal const int FreebindIPv6 = 78;

    internal static unsafe Errno Set(SafeFileDescriptor socket, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
            return SetCore(socket, level, name, start, value.Length) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    internal static unsafe Errno Set(SafeFileDescriptor socket, int level, int name, int value) =>
        SetCore(socket, level, name, (byte*)&value, sizeof(int)) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Reads an option of the value's size; a shorter answer leaves the rest zero.</summary>
    internal static unsafe Errno Get<T>(SafeFileDescriptor socket, int level, int name, out T value)
        where T : unmanaged
    {
        value = default;
        var sizeBytes = sizeof(T);
        fixed (T* start = &value)
            return GetCore(socket, level, name, (byte*)start, &sizeBytes) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static unsafe partial int SetCore(SafeFileDescriptor socket, int level, int name, byte* value, int sizeBytes);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static unsafe partial int GetCore(SafeFileDescriptor socket, int level, int name, byte* value, int* sizeBytes);
}
