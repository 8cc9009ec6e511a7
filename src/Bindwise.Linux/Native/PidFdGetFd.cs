using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>pidfd_open(2) and pidfd_getfd(2): a handle on a process, and a copy of what it has open. Their numbers are the same on every architecture.</summary>
internal static partial class PidFdGetFd
{
    private const nint PidfdOpenNumber = 434;
    private const nint PidfdCopyNumber = 438;

    /// <summary>PIDFD_THREAD: the id is a thread's, whose own descriptor table counts (Linux 6.9).</summary>
    internal const uint Thread = 0x80;

    /// <summary>A handle on a process: it stays on that process even when the number is given to another.</summary>
    internal static Errno OpenProcess(int id, uint flags, out SafeFileDescriptor process)
    {
        var number = SystemCall(PidfdOpenNumber, id, flags, 0);
        var errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        process = new SafeFileDescriptor((int)number);
        return errno;
    }

    /// <summary>A copy of one of its descriptors, with close-on-exec; EPERM without the right to trace it.</summary>
    internal static Errno Copy(SafeFileDescriptor process, int descriptor, out SafeFileDescriptor copy)
    {
        var number = SystemCall(PidfdCopyNumber, process.Number, (nuint)descriptor, 0);
        var errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        copy = new SafeFileDescriptor((int)number);
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nuint second, nuint third);
}
