using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>accept4(2), with SOCK_CLOEXEC.</summary>
internal static partial class AcceptCall
{
    private const int CloseOnExec = 0x80000;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    /// <summary>Takes a connection; SO_RCVTIMEO bounds the wait (EAGAIN), which a signal begins anew.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="waits">Waits, or not at all (O_NONBLOCK, for this call alone).</param>
    /// <param name="connection">The connection; invalid when an errno comes back.</param>
    internal static Errno Accept(SafeFileDescriptor listener, bool waits, out SafeFileDescriptor connection)
    {
        var flags = waits ? 0 : FileControl(listener, GetFlags, 0);
        if (!waits)
            _ = FileControl(listener, SetFlags, flags | NonBlocking);
        var errno = Accept(listener, out var number);
        if (!waits)
            _ = FileControl(listener, SetFlags, flags);
        connection = new SafeFileDescriptor(number);
        return errno;
    }

    private static unsafe Errno Accept(SafeFileDescriptor listener, out int number)
    {
        Errno errno;
        do
        {
            number = AcceptCore(listener, null, null, CloseOnExec);
            errno = number < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        }
        while (errno == Errno.EINTR);
        return errno;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeFileDescriptor descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static unsafe partial int AcceptCore(SafeFileDescriptor socket, byte* address, int* lengthBytes, int flags);
}
