using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>listen(2).</summary>
internal static partial class ListenCall
{
    internal static Errno Listen(SafeFileDescriptor socket, int backlog) =>
        ListenCore(socket, backlog) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenCore(SafeFileDescriptor socket, int backlog);
}
