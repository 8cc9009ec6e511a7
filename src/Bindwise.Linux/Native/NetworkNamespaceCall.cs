using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>unshare(2) and setns(2) with CLONE_NEWNET: which network namespace the calling thread is in.</summary>
internal static partial class NetworkNamespaceCall
{
    private const int NewNetwork = 0x40000000;

    /// <summary>Makes a network namespace and moves the calling thread into it; EPERM without CAP_SYS_ADMIN.</summary>
    internal static Errno Unshare() => UnshareCore(NewNetwork) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Moves the calling thread into the network namespace of a descriptor.</summary>
    internal static Errno Enter(SafeFileDescriptor networkNamespace) =>
        EnterCore(networkNamespace, NewNetwork) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int UnshareCore(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int EnterCore(SafeFileDescriptor descriptor, int kind);
}
