using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>close_range(2), by its number, which is the same on every architecture: musl has no function for it.</summary>
internal static partial class CloseRange
{
    private const nint CloseRangeNumber = 436;
    private const uint Unshare = 2;
    private const uint CloseOnExec = 4;

    /// <summary>
    /// Gives the calling thread a descriptor table of its own, in which every descriptor from a given one on is close-on-exec: what it starts gets
    /// none of them, and the other threads notice nothing. What it opens from here on is its own too, so it should end soon.
    /// </summary>
    /// <param name="first">The first one that is not passed on.</param>
    /// <returns>ENOSYS or EINVAL before Linux 5.11.</returns>
    internal static Errno CloseFromOnExec(int first) =>
        SystemCall(CloseRangeNumber, (nuint)first, uint.MaxValue, Unshare | CloseOnExec) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nuint first, nuint last, nuint flags);
}
