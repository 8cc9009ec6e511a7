using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>waitpid(2) and waitid(2) of one child.</summary>
internal static partial class ChildWaitCall
{
    private const int DoNotWait = 1;
    private const int OneProcess = 1;
    private const int ThatEnded = 4;
    private const int LeaveIt = 0x0100_0000;

    /// <summary>CLD_EXITED: it ended by itself; anything else was a signal.</summary>
    private const int EndedByItself = 1;

    // siginfo_t of waitid() where pointers have 8 bytes: si_code at 8, si_status at 24.
    private const int InfoWords = 32;
    private const int CodeWord = 2;
    private const int StatusWord = 6;

    /// <summary>Takes the child's status if it has ended, all its threads and descriptors with it; only then may its number be given to another.</summary>
    /// <returns>False when it runs on.</returns>
    internal static unsafe bool TryReap(int child)
    {
        int reaped;
        do
        {
            reaped = WaitCore(child, null, DoNotWait);
        }
        while (reaped < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR);
        return reaped != 0;
    }

    /// <summary>Blocks until it has ended, and leaves it: its number stays its own until <see cref="TryReap"/>.</summary>
    /// <param name="child">The child.</param>
    /// <param name="exitCode">Its exit code; 128 and the signal's number where a signal ended it.</param>
    /// <returns>ECHILD where the kernel keeps no ended children, as this process ignores SIGCHLD.</returns>
    internal static unsafe Errno AwaitEnd(int child, out int exitCode)
    {
        var info = stackalloc int[InfoWords];
        Errno errno;
        do
        {
            errno = WaitIdCore(OneProcess, child, info, ThatEnded | LeaveIt) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
        }
        while (errno == Errno.EINTR);
        exitCode = info[CodeWord] == EndedByItself ? info[StatusWord] : 128 + info[StatusWord];
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitIdCore(int kind, int child, int* info, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static unsafe partial int WaitCore(int child, int* status, int options);
}
