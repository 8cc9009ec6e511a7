using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>fcntl(2) with F_GETFD and F_SETFD: whether a descriptor goes on into a program that this process becomes or starts.</summary>
internal static partial class CloseOnExecCall
{
    private const int GetFlags = 1;
    private const int SetFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Sets FD_CLOEXEC.</summary>
    /// <param name="descriptor">The descriptor; another owns it.</param>
    /// <param name="wasSet">It was set before: no exec can have passed this descriptor to this program.</param>
    /// <returns>EBADF where none of that number is open.</returns>
    internal static Errno Set(int descriptor, out bool wasSet)
    {
        var flags = FileControl(descriptor, GetFlags, 0);
        wasSet = flags >= 0 && (flags & CloseOnExec) != 0;
        return flags >= 0 && (wasSet || FileControl(descriptor, SetFlags, flags | CloseOnExec) >= 0)
            ? Errno.None
            : (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);
}
