namespace Bindwise.Linux.Native;

/// <summary>accept4(2), with SOCK_CLOEXEC.</summary>
internal static class AcceptCall
{
    private const int CloseOnExec = 0x80000;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    /// <summary>Takes a connection; SO_RCVTIMEO bounds the wait (EAGAIN), which a signal begins anew.</summary>
    /// <param name="waits">Waits, or not at all (O_NONBLOCK, for this call alone).</param>
    internal static unsafe Errno Accept(SafeFileDescriptor listener, bool waits, out SafeFileDescriptor connection)
    {
        var flags = waits ? 0 : LibC.Fcntl(listener, GetFlags, 0);
        if (!waits)
            _ = LibC.Fcntl(listener, SetFlags, flags | NonBlocking);
        Errno errno;
        do
            errno = LastError.Of(LibC.Accept4(listener, null, null, CloseOnExec), out connection);
        while (errno == Errno.EINTR);
        if (!waits)
            _ = LibC.Fcntl(listener, SetFlags, flags);
        return errno;
    }
}

/// <summary>send(2) and sendto(2), always with MSG_NOSIGNAL.</summary>
internal static class SendCall
{
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;

    /// <summary>Sends once; SO_SNDTIMEO bounds it, and a signal that came before the first byte begins it anew.</summary>
    /// <param name="waits">Waits where the receiver has no room, or not at all (MSG_DONTWAIT): EAGAIN.</param>
    internal static unsafe Errno Send(SafeFileDescriptor socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> to, bool waits = true)
    {
        fixed (byte* start = data, address = to)
        {
            var flags = waits ? NoSignal : NoSignal | DoNotWait;
            Errno errno;
            do
                errno = LastError.Of(LibC.Sendto(socket, start, (nuint)data.Length, flags, address, to.Length));
            while (errno == Errno.EINTR);
            return errno;
        }
    }
}

/// <summary>recv(2).</summary>
internal static class ReceiveCall
{
    private const int DoNotWait = 0x40;

    /// <param name="waits">Waits as long as SO_RCVTIMEO says, or not at all (MSG_DONTWAIT): EAGAIN when nothing is there.</param>
    /// <param name="lengthBytes">How many bytes came; 0 at the end of a stream and on failure.</param>
    internal static unsafe Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, bool waits, out int lengthBytes)
    {
        fixed (byte* start = buffer)
        {
            Errno errno;
            do
                errno = LastError.Of(LibC.Recv(socket, start, (nuint)buffer.Length, waits ? 0 : DoNotWait), out lengthBytes);
            while (errno == Errno.EINTR);
            return errno;
        }
    }
}

/// <summary>shutdown(2).</summary>
internal static class ShutdownCall
{
    /// <summary>SHUT_RDWR.</summary>
    internal const int Both = 2;

    /// <param name="how">SHUT_RD, SHUT_WR or SHUT_RDWR: 0, 1 or 2.</param>
    internal static Errno Shutdown(SafeFileDescriptor socket, int how) => LastError.Of(LibC.Shutdown(socket, how));
}

/// <summary>Moves bytes from one end of a connection to the other, both ours: send(2) and recv(2) in turn, neither waiting.</summary>
internal static class LoopbackTransfer
{
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int BufferBytes = 256 * 1024;
    private const int PatienceMicroseconds = 500_000;

    /// <summary>Nothing went for so long: something is in the way.</summary>
    private const int MostIdleTurns = 4;

    /// <summary>Sends so many bytes and reads them at the other end.</summary>
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
                var sent = toSend > 0 ? LibC.Send(from, start, (nuint)Math.Min(toSend, BufferBytes), DoNotWait | NoSignal) : 0;
                if (sent < 0 && LastError.Value is var sending && sending is not (Errno.EAGAIN or Errno.EINTR))
                    return sending;
                var got = LibC.Recv(to, start, (nuint)Math.Min(toRead, BufferBytes), DoNotWait);
                if (got < 0 && LastError.Value is var receiving && receiving is not (Errno.EAGAIN or Errno.EINTR))
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
}
