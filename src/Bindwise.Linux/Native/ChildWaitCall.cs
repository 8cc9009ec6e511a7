using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>waitpid(2) of one child.</summary>
internal static partial class ChildWaitCall
{
    private const int DoNotWait = 1;

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

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static unsafe partial int WaitCore(int child, int* status, int options);
}
