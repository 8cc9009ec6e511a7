namespace Bindwise.Linux.Native;

/// <summary>connect(2).</summary>
internal static class ConnectCall
{
    /// <summary>
    /// Connects; SO_SNDTIMEO bounds it (EINPROGRESS). A signal ends the wait but not the handshake: the next call of the same kind
    /// goes on waiting for it and tells how it went (__inet_stream_connect(), net/ipv4/af_inet.c).
    /// </summary>
    internal static unsafe Errno Connect(SafeFileDescriptor socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
        {
            Errno errno;
            do
                errno = LastError.Of(LibC.Connect(socket, start, address.Length));
            while (errno == Errno.EINTR);
            return errno;
        }
    }

    /// <summary>Dissolves the association (AF_UNSPEC).</summary>
    internal static Errno Disconnect(SafeFileDescriptor socket)
    {
        // struct sockaddr of AF_UNSPEC: nothing but zeros.
        ReadOnlySpan<byte> unspecified = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        return Connect(socket, unspecified);
    }
}
