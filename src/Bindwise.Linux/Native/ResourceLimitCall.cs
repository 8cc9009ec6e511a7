using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>getrlimit(2): what a process may have of something.</summary>
internal static partial class ResourceLimitCall
{
    /// <summary>RLIMIT_NOFILE of asm-generic/resource.h: one more than the highest descriptor.</summary>
    private const int OpenFiles = 7;

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        internal nuint Soft;
        internal nuint Hard;
    }

    /// <summary>How many descriptors this process may have.</summary>
    internal static unsafe Errno ReadOpenFiles(out ulong most)
    {
        Limit limit = default;
        var errno = GetCore(OpenFiles, &limit) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
        most = limit.Soft;
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static unsafe partial int GetCore(int resource, Limit* limit);
}
