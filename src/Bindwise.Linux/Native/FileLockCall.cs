using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>flock(2): a lock that goes with the open file, also when its process is killed.</summary>
internal static partial class FileLockCall
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;

    /// <summary>Takes the exclusive lock without waiting: EAGAIN where another open file has it.</summary>
    internal static Errno TryLock(SafeFileDescriptor file) =>
        FlockCore(file, Exclusive | NonBlocking) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FlockCore(SafeFileDescriptor file, int operation);
}
