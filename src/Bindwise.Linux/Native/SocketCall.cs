using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>socket(2), always with SOCK_CLOEXEC.</summary>
internal static partial class SocketCall
{
    internal const int FamilyUnix = 1;
    internal const int FamilyIPv4 = 2;
    internal const int FamilyIPv6 = 10;
    internal const int FamilyNetlink = 16;

    internal const int TypeStream = 1;
    internal const int TypeDatagram = 2;
    internal const int TypeRaw = 3;
    internal const int TypeSequencedPacket = 5;

    /// <summary>SOCK_NONBLOCK, to be added to a type.</summary>
    internal const int NonBlocking = 0x800;

    private const int CloseOnExec = 0x80000;

    /// <summary>Opens a socket; the handle is invalid when an errno comes back. Everything that needs the kernel begins here.</summary>
    /// <exception cref="PlatformNotSupportedException">The architecture is neither x64 nor arm64.</exception>
    internal static Errno Open(int family, int type, int protocol, out SafeFileDescriptor socket)
    {
        SupportedArchitecture.Demand();
        var number = SocketCore(family, type | CloseOnExec, protocol);
        var errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        socket = new SafeFileDescriptor(number);
        return errno;
    }

    /// <summary>
    /// socket() of a type that does not exist. The kernel answers EINVAL before it asks any policy; any other answer comes from before it: from
    /// a filter of system calls (seccomp(2)).
    /// </summary>
    internal static Errno OpenNothing(int family)
    {
        const int noType = 15;
        var number = SocketCore(family, noType | CloseOnExec, 0);
        if (number < 0)
            return (Errno)Marshal.GetLastPInvokeError();
        CloseDescriptor.Close(number);
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int SocketCore(int family, int type, int protocol);
}
