using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>send(2) and sendto(2), always with MSG_NOSIGNAL.</summary>
internal static partial class SendCall
{
    private const int NoSignal = 0x4000;

    /// <summary>Sends once; SO_SNDTIMEO bounds it, and a signal that came before the first byte begins it anew.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">The bytes; may be empty.</param>
    /// <param name="to">A socket address, or empty for send(2).</param>
    internal static unsafe Errno Send(SafeFileDescriptor socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> to)
    {
        fixed (byte* start = data, address = to)
        {
            while (true)
            {
                if (SendToCore(socket, start, (nuint)data.Length, NoSignal, address, to.Length) >= 0)
                    return Errno.None;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static unsafe partial nint SendToCore(
        SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags, byte* address, int addressBytes);
}
