using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>shutdown(2).</summary>
internal static partial class ShutdownCall
{
    /// <param name="socket">The socket.</param>
    /// <param name="how">SHUT_RD, SHUT_WR or SHUT_RDWR: 0, 1 or 2.</param>
    internal static Errno Shutdown(SafeFileDescriptor socket, int how) =>
        ShutdownCore(socket, how) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int ShutdownCore(SafeFileDescriptor socket, int how);
}
