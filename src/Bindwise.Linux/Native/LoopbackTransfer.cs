using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>Moves bytes from one end of a connection to the other, both ours: send(2) and recv(2) in turn, neither waiting.</summary>
internal static partial class LoopbackTransfer
{
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int BufferBytes = 256 * 1024;
    private const int PatienceMicroseconds = 500_000;

    /// <summary>Nothing went for so long: something is in the way.</summary>
    private const int MostIdleTurns = 4;

    /// <summary>Sends so many bytes and reads them at the other end.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>EAGAIN when nothing goes any more.</returns>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    internal static unsafe Errno Run(SafeFileDescriptor from, SafeFileDescriptor to, long bytes, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var (toSend, toRead, idle) = (bytes, bytes, 0);
        fixed (byte* start = buffer)
        {
            while (toRead > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                var sent = toSend > 0 ? SendCore(from, start, (nuint)Math.Min(toSend, BufferBytes), DoNotWait | NoSignal) : 0;
                if (sent < 0 && (Errno)Marshal.GetLastPInvokeError() is var sending && sending is not (Errno.EAGAIN or Errno.EINTR))
                    return sending;
                var got = ReceiveCore(to, start, (nuint)Math.Min(toRead, BufferBytes), DoNotWait);
                if (got < 0 && (Errno)Marshal.GetLastPInvokeError() is var receiving && receiving is not (Errno.EAGAIN or Errno.EINTR))
                    return receiving;
                toSend -= Math.Max(0, sent);
                toRead -= Math.Max(0, got);
                if (sent > 0 || got > 0)
                    idle = 0;
                else if (++idle > MostIdleTurns)
                    return Errno.EAGAIN;
                else
                    _ = PollCall.WaitUntilReadable(to, PatienceMicroseconds);
            }
        }
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint SendCore(SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint ReceiveCore(SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags);
}
