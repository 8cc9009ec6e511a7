using System.Buffers.Binary;

namespace Bindwise.Linux.Native;

/// <summary>packet(7): sees what comes in on all interfaces of a network namespace, with the time at which the kernel took it.</summary>
internal static class PacketCall
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

    /// <summary>
    /// Opens a socket in the calling thread's network namespace that takes what its filter lets through, from the network header on.
    /// </summary>
    /// <param name="filter">A classic BPF program (<see cref="SocketFilterCall"/>).</param>
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
                got = LibC.Recvmsg(socket, &message, DoNotWait | ReportTruncation);
                errno = LastError.Of(got);
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
}

/// <summary>raw(7): sends packets with a header of their own making (IP_HDRINCL).</summary>
internal static class RawPacketCall
{
    /// <summary>IPPROTO_RAW: whole packets, of any protocol.</summary>
    private const int WholePackets = 255;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <returns>EPERM without CAP_NET_RAW there.</returns>
    internal static Errno Open(int family, out SafeFileDescriptor socket) =>
        SocketCall.Open(family, SocketCall.TypeRaw, WholePackets, out socket);
}

/// <summary>SO_ATTACH_FILTER (socket(7)): a classic BPF program decides which packets reach a socket, and how much of each.</summary>
internal static class SocketFilterCall
{
    // Operations of struct sock_filter (include/uapi/linux/filter.h).
    internal const ushort LoadByte = 0x30;
    internal const ushort LoadHalf = 0x28;
    internal const ushort And = 0x54;
    internal const ushort JumpIfEqual = 0x15;
    internal const ushort JumpIfAnySet = 0x45;
    internal const ushort Return = 0x06;

    /// <summary>SKF_NET_OFF: offsets from here on are of the network header.</summary>
    internal const uint NetworkHeader = 0xfff0_0000;

    private const int AttachFilter = 26;

    /// <summary>struct sock_fprog on 64 bits.</summary>
    private const int ProgramBytes = 16;

    /// <summary>struct sock_filter: eight bytes in one number, little-endian.</summary>
    /// <param name="ifTrue">How many instructions a jump leaves out when it is true.</param>
    internal static ulong Encode(ushort operation, uint value, byte ifTrue = 0, byte ifFalse = 0) =>
        operation | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)value << 32);

    internal static unsafe Errno Attach(SafeFileDescriptor socket, ReadOnlySpan<ulong> program)
    {
        Span<byte> value = stackalloc byte[ProgramBytes];
        value.Clear();
        fixed (ulong* start = program)
        {
            MemoryMarshal.Write(value, (ushort)program.Length);
            MemoryMarshal.Write(value[8..], (ulong)start);
            return SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, AttachFilter, value);
        }
    }
}

/// <summary>SIOCGIFINDEX (netdevice(7)): an interface's index in the namespace of a socket, whatever that of the thread.</summary>
internal static class InterfaceIndexCall
{
    private const nuint GetIndex = 0x8933;
    private const int RequestBytes = 40;
    private const int NameBytes = 16;

    internal static unsafe Errno Find(SafeFileDescriptor socket, string name, out uint index)
    {
        index = 0;
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        // The last byte stays NUL; a name that does not fit is no interface's.
        if (!Encoding.UTF8.TryGetBytes(name, request[..(NameBytes - 1)], out _))
            return Errno.ENODEV;
        fixed (byte* start = request)
        {
            if (LibC.Ioctl(socket, GetIndex, start) < 0)
                return LastError.Value;
        }
        index = MemoryMarshal.Read<uint>(request[NameBytes..]);
        return Errno.None;
    }
}
