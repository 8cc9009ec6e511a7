using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// geteuid(2), and setresuid(2) of the effective user, by the bare system call: the C library's function would change every thread of the process.
/// </summary>
internal static partial class EffectiveUserCall
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>The calling thread's effective user.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint Current();

    /// <summary>
    /// Makes the calling thread act as a user. From 0 to another the effective capabilities go, and back to 0 they return, with the
    /// file system's user always the same (capabilities(7), "Effect of user ID changes on capabilities").
    /// </summary>
    /// <returns>None; EINVAL for an id that the user namespace does not map; EPERM without CAP_SETUID.</returns>
    internal static Errno Become(uint user) => user == Unchanged
        ? Errno.EINVAL
        : SystemCall(SystemCallNumber.SetUsers, unchecked((nint)Unchanged), (nint)user, unchecked((nint)Unchanged)) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
