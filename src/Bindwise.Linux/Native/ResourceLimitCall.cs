using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>getrlimit(2) and setrlimit(2): what a process may have of something.</summary>
internal static partial class ResourceLimitCall
{
    /// <summary>RLIMIT_NOFILE of asm-generic/resource.h: one more than the highest descriptor.</summary>
    internal const int OpenFiles = 7;

    /// <summary>RLIMIT_NPROC: processes and threads of the user.</summary>
    internal const int Processes = 6;

    /// <summary>RLIMIT_AS: bytes of address space.</summary>
    internal const int AddressSpace = 9;

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        internal nuint Soft;
        internal nuint Hard;
    }

    /// <summary>The limit that is in force; the largest number for none.</summary>
    internal static unsafe Errno Read(int resource, out ulong most)
    {
        Limit limit = default;
        var errno = GetCore(resource, &limit) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
        most = limit.Soft;
        return errno;
    }

    /// <summary>Lets this process have as many descriptors as it may ask for.</summary>
    internal static unsafe Errno RaiseOpenFiles()
    {
        Limit limit = default;
        if (GetCore(OpenFiles, &limit) != 0)
            return (Errno)Marshal.GetLastPInvokeError();
        limit.Soft = limit.Hard;
        return SetCore(OpenFiles, &limit) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static unsafe partial int GetCore(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static unsafe partial int SetCore(int resource, Limit* limit);
}
