using System.Runtime.InteropServices;

namespace Bindwise.Linux.Live;

/// <summary>
/// Waits until what was sent over a loopback interface has been received. Loopback hands packets to a queue of the processor, in order,
/// which a call usually works off before it returns; on a busy machine the rest is left to a thread of the kernel (ksoftirqd). So a
/// datagram of our own goes through the same queue: when it is there, all that stood before it has been received.
/// </summary>
internal sealed class BacklogBarrier : IDisposable
{
    /// <summary>A segment and what it calls forth: FIN and ACK, SYN-ACK and ACK, datagram and ICMP error.</summary>
    private const int Rounds = 2;

    /// <summary>After that long nothing is waited for any more: the step's result stands as it is.</summary>
    private const long TimeoutMicroseconds = 200_000;

    private readonly SafeFileDescriptor _socket;
    private byte _mark;

    private BacklogBarrier(SafeFileDescriptor socket) => _socket = socket;

    /// <summary>Makes one in a namespace of its own, where its port is in nobody's way; the calling thread is in it afterwards.</summary>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static BacklogBarrier Create()
    {
        using var own = LiveNamespace.Create(hasPair: false);
        var errno = SocketCall.Open(SocketCall.FamilyIPv4, SocketCall.TypeDatagram, 0, out var socket);
        if (errno == Errno.None)
            errno = ConnectToItself(socket);
        if (errno == Errno.None)
            return new BacklogBarrier(socket);
        socket.Dispose();
        throw new LiveUnavailableException($"cannot set up a datagram socket in a new network namespace: {errno}");
    }

    internal void Pass()
    {
        Span<byte> received = stackalloc byte[1];
        for (var round = 0; round < Rounds; round++)
        {
            _mark = unchecked((byte)(_mark + 1));
            if (SendCall.Send(_socket, [_mark], default) != Errno.None)
                return;
            // One that came too late for its own round may stand before ours.
            do
            {
                if (ReceiveCall.Receive(_socket, received, waits: true, out _) != Errno.None)
                    return;
            }
            while (received[0] != _mark);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Errno ConnectToItself(SafeFileDescriptor socket)
    {
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var timeout = new TimeValue { Microseconds = TimeoutMicroseconds };
        var errno = SocketOptionCall.Set(
            socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReceiveTimeout,
            MemoryMarshal.AsBytes(new ReadOnlySpan<TimeValue>(in timeout)));
        if (errno == Errno.None)
            errno = BindCall.Bind(socket, InternetAddress.Write(room, new IpEndpoint(IpAddress.LoopbackIPv4, 0), 0));
        if (errno == Errno.None)
            errno = InternetAddress.Local(socket, out var name, out _) is var failure && failure != Errno.None
                ? failure
                : ConnectCall.Connect(socket, InternetAddress.Write(room, name, 0));
        return errno;
    }
}
