using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>socketpair(2) of UNIX sockets that keep messages apart (SOCK_SEQPACKET), always with SOCK_CLOEXEC.</summary>
internal static partial class SocketPairCall
{
    private const int SequencedPackets = 5;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes the pair; both are invalid when an errno comes back.</summary>
    internal static unsafe Errno Open(out SafeFileDescriptor first, out SafeFileDescriptor second)
    {
        var pair = stackalloc int[] { -1, -1 };
        var errno = PairCore(SocketCall.FamilyUnix, SequencedPackets | CloseOnExec, 0, pair) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
        (first, second) = (new SafeFileDescriptor(pair[0]), new SafeFileDescriptor(pair[1]));
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static unsafe partial int PairCore(int family, int type, int protocol, int* pair);
}
