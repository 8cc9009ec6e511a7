using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>recv(2).</summary>
internal static partial class ReceiveCall
{
    private const int DoNotWait = 0x40;

    /// <summary>Receives once.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="waits">Waits as long as SO_RCVTIMEO says, or not at all (MSG_DONTWAIT): EAGAIN when nothing is there.</param>
    /// <param name="lengthBytes">How many bytes came; 0 at the end of a stream and on failure.</param>
    internal static unsafe Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, bool waits, out int lengthBytes)
    {
        fixed (byte* start = buffer)
        {
            nint got;
            Errno errno;
            do
            {
                got = ReceiveCore(socket, start, (nuint)buffer.Length, waits ? 0 : DoNotWait);
                errno = got < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            }
            while (errno == Errno.EINTR);
            lengthBytes = got < 0 ? 0 : (int)got;
            return errno;
        }
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint ReceiveCore(SafeFileDescriptor socket, byte* buffer, nuint sizeBytes, int flags);
}
