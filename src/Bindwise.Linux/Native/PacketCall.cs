using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>packet(7): sees what comes in on all interfaces of a network namespace, with the time at which the kernel took it.</summary>
internal static partial class PacketCall
{
    private const int FamilyPacket = 17;
    private const int LevelPacket = 263;
    private const int IgnoreOutgoing = 23;
    private const int Timestamps = 35; // SO_TIMESTAMPNS_OLD: struct timespec
    private const int ReceiveBufferForced = 33;
    private const ushort EveryProtocol = 3; // ETH_P_ALL
    private const int AddressBytes = 20; // struct sockaddr_ll
    private const int ControlHeaderBytes = 16;
    private const int ControlBytes = 64;
    private const int DoNotWait = 0x40;
    private const int ReportTruncation = 0x20;

    /// <summary>Opens a socket in the calling thread's network namespace that takes what its filter lets through, from the network header on.</summary>
    /// <param name="filter">A classic BPF program (<see cref="SocketFilterCall"/>).</param>
    /// <param name="bufferBytes">How much waits to be read.</param>
    /// <param name="socket">The socket; invalid on failure.</param>
    /// <returns>EPERM without CAP_NET_RAW; EAFNOSUPPORT where the kernel has no packet sockets; ENOPROTOOPT before Linux 4.20.</returns>
    internal static Errno Open(ReadOnlySpan<ulong> filter, int bufferBytes, out SafeFileDescriptor socket)
    {
        // Without a protocol it takes nothing yet.
        var errno = SocketCall.Open(FamilyPacket, SocketCall.TypeDatagram, 0, out socket);
        if (errno == Errno.None)
            errno = SocketFilterCall.Attach(socket, filter);
        // Each packet on loopback goes out and comes in: it counts once.
        if (errno == Errno.None)
            errno = SocketOptionCall.Set(socket, LevelPacket, IgnoreOutgoing, 1);
        if (errno == Errno.None)
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, Timestamps, 1);
        if (errno != Errno.None)
            return errno;
        // Of little effect without CAP_NET_ADMIN in the first user namespace, and then enough all the same.
        _ = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, ReceiveBufferForced, bufferBytes);
        Span<byte> address = stackalloc byte[AddressBytes];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)FamilyPacket);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], EveryProtocol);
        return BindCall.Bind(socket, address);
    }

    /// <summary>Takes the next packet, if there is one.</summary>
    /// <param name="socket">The packet socket.</param>
    /// <param name="buffer">Where to, from the network header on.</param>
    /// <param name="lengthBytes">The packet's length; more than the buffer's when it was cut.</param>
    /// <param name="realNanoseconds">When the kernel took it, by CLOCK_REALTIME; 0 when it did not say.</param>
    /// <returns>EAGAIN when none is there; ENOBUFS never.</returns>
    internal static unsafe Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, out int lengthBytes, out long realNanoseconds)
    {
        lengthBytes = 0;
        realNanoseconds = 0;
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = buffer)
        {
            var part = new IoVector { Start = start, LengthBytes = (nuint)buffer.Length };
            MessageHeader message;
            nint got;
            Errno errno;
            do
            {
                message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlBytes = ControlBytes };
                got = ReceiveMessageCore(socket, &message, DoNotWait | ReportTruncation);
                errno = got < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            }
            while (errno == Errno.EINTR);
            if (errno != Errno.None)
                return errno;
            lengthBytes = (int)got;
            var rest = new ReadOnlySpan<byte>(control, (int)Math.Min(message.ControlBytes, ControlBytes));
            if (rest.Length >= ControlHeaderBytes + 16 && MemoryMarshal.Read<int>(rest[12..]) == Timestamps)
            {
                var time = MemoryMarshal.Cast<byte, long>(rest.Slice(ControlHeaderBytes, 16));
                realNanoseconds = (time[0] * 1_000_000_000) + time[1];
            }
            return Errno.None;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint ReceiveMessageCore(SafeFileDescriptor socket, MessageHeader* message, int flags);
}
