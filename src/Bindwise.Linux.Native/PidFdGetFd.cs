namespace Bindwise.Linux.Native;

/// <summary>
/// pidfd_open(2) and pidfd_getfd(2): a handle on a process, and a copy of what it has open. Their
/// numbers are the same on every architecture.
/// </summary>
internal static class PidFdGetFd
{
    /// <summary>PIDFD_THREAD: the id is a thread's, whose own descriptor table counts (Linux 6.9).</summary>
    internal const uint Thread = 0x80;

    /// <summary>A handle on a process: it stays on that process even when the number is given to another.</summary>
    internal static Errno OpenProcess(int id, uint flags, out SafeFileDescriptor process) =>
        LastError.Of(LibC.Syscall(SystemCallNumber.PidfdOpen, id, (nint)flags), out process);

    /// <summary>A copy of one of its descriptors, with close-on-exec; EPERM without the right to trace it.</summary>
    internal static Errno Copy(SafeFileDescriptor process, int descriptor, out SafeFileDescriptor copy) =>
        LastError.Of(LibC.Syscall(SystemCallNumber.PidfdGetfd, process.Number, descriptor), out copy);
}
