using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>pidfd_open(2): a handle on a process. Its number is the same on every architecture.</summary>
internal static partial class DescriptorCopyCall
{
    private const nint PidfdOpenNumber = 434;

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

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nuint second, nuint third);
}
