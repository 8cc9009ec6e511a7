using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>listen(2).</summary>
internal static partial class ListenCall
{
    internal static Errno Listen(SafeFileDescriptor socket, int backlog) =>
        ListenCore(socket, backlog) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    /// <summary>
    /// listen() on no descriptor. The kernel looks for the descriptor first and answers EBADF; any other answer comes from before it:
    /// from a filter of system calls (seccomp(2)).
    /// </summary>
    internal static Errno ListenNothing() => ListenBare(-1, 1) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenBare(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenCore(SafeFileDescriptor socket, int backlog);
}
