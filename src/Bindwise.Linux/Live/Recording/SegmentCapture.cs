using System.Buffers.Binary;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live.Recording;

/// <summary>Sees the TCP segments of the network namespace that it was opened in, each once.</summary>
internal sealed class SegmentCapture(SafeFileDescriptor socket, bool keepsPackets) : IDisposable
{
    /// <summary>More than a scenario sends in one step, streams left out.</summary>
    private const int BufferBytes = 8 * 1024 * 1024;

    /// <summary>A whole packet: longer ones are made of streams alone.</summary>
    private const int PacketBytes = 65_536 + 1_024;

    /// <summary>The kernel begins to take the time a moment after it was asked to (net_enable_timestamp(), net/core/dev.c).</summary>
    private const int SettleMicroseconds = 5_000;

    private readonly byte[] _buffer = new byte[PacketBytes];

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <param name="keepsPackets">Whole packets are kept, to be sent once more.</param>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static SegmentCapture Open(bool keepsPackets)
    {
        var errno = PacketCall.Open(CapturedSegment.Filter(PacketBytes), BufferBytes, out var socket);
        if (errno != Errno.None)
        {
            socket.Dispose();
            throw new LiveUnavailableException(errno, $"cannot watch segments in a new network namespace: a packet socket gives {errno}");
        }
        SleepCall.Wait(SettleMicroseconds);
        return new SegmentCapture(socket, keepsPackets);
    }

    internal void Drain(List<CapturedSegment> segments)
    {
        var offset = ClockCall.RealToMonotonic();
        while (PacketCall.Receive(socket, _buffer, out var length, out var real) == Errno.None)
        {
            var packet = _buffer.AsSpan(0, Math.Min(length, _buffer.Length));
            var time = real == 0 ? ClockCall.MonotonicNanoseconds() : real + offset;
            if (CapturedSegment.Read(packet, time) is { } segment)
                segments.Add(keepsPackets ? segment with { Packet = packet.ToArray() } : segment);
        }
    }

    /// <summary>Nothing is taken until <see cref="Resume"/>: a stream would not fit.</summary>
    internal void Pause() => _ = SocketFilterCall.Attach(socket, CapturedSegment.Filter(0));

    internal void Resume() => _ = SocketFilterCall.Attach(socket, CapturedSegment.Filter(PacketBytes));

    public void Dispose() => socket.Dispose();
}

/// <summary>A TCP segment as a packet socket saw it.</summary>
/// <param name="Nanoseconds">When, by CLOCK_MONOTONIC.</param>
/// <param name="Flags">Its control bits, ECN's left out.</param>
/// <param name="Bytes">How much data it carries.</param>
internal sealed record CapturedSegment(
    long Nanoseconds, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, byte Hops)
{
    private const int IPv4Bytes = 20;
    private const int IPv6Bytes = 40;
    private const int TcpBytes = 20;
    private const byte Tcp = 6;
    private const TcpFlags KnownFlags = TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Reset | TcpFlags.Push | TcpFlags.Ack;

    /// <summary>The whole packet, from the network header on; empty where only the headers were kept.</summary>
    internal byte[] Packet { get; init; } = [];

    internal SegmentKind Kind =>
        Flags.HasFlag(TcpFlags.Reset) ? SegmentKind.Reset
        : Flags.HasFlag(TcpFlags.Syn) ? SegmentKind.Syn
        : Flags.HasFlag(TcpFlags.Fin) ? SegmentKind.Fin
        : Bytes > 0 ? SegmentKind.Data
        : SegmentKind.Ack;

    /// <summary>Reads one; null for what is no whole header of TCP over IPv4 or IPv6.</summary>
    /// <param name="packet">From the network header on; may be cut after the headers.</param>
    internal static CapturedSegment? Read(ReadOnlySpan<byte> packet, long nanoseconds)
    {
        if (packet.Length < IPv4Bytes)
            return null;
        var isIPv6 = packet[0] >> 4 == 6;
        var header = isIPv6 ? IPv6Bytes : (packet[0] & 0xf) * 4;
        if (packet.Length < header + TcpBytes || packet[isIPv6 ? 6 : 9] != Tcp || (!isIPv6 && packet[0] >> 4 != 4))
            return null;
        var total = isIPv6 ? IPv6Bytes + BinaryPrimitives.ReadUInt16BigEndian(packet[4..])
            : BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var tcp = packet[header..];
        var (from, to) = isIPv6
            ? (IpAddress.FromBytes(packet[8..24]), IpAddress.FromBytes(packet[24..40]))
            : (IpAddress.FromBytes(packet[12..16]), IpAddress.FromBytes(packet[16..20]));
        return new CapturedSegment(
            nanoseconds,
            new IpEndpoint(from, BinaryPrimitives.ReadUInt16BigEndian(tcp)),
            new IpEndpoint(to, BinaryPrimitives.ReadUInt16BigEndian(tcp[2..])),
            (TcpFlags)tcp[13] & KnownFlags,
            BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]),
            Math.Max(0, total - header - ((tcp[12] >> 4) * 4)),
            packet[isIPv6 ? 7 : 8]);
    }

    /// <summary>The filter of a packet socket: TCP over IPv4 and IPv6.</summary>
    /// <param name="bytes">How much of each packet is taken.</param>
    internal static ulong[] Filter(uint bytes) =>
    [
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, 0),
        SocketFilterCall.Encode(SocketFilterCall.And, 0xf0),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, 0x60, ifTrue: 2),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, 9),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, Tcp, ifTrue: 2, ifFalse: 3),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, 6),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, Tcp, ifFalse: 1),
        SocketFilterCall.Encode(SocketFilterCall.Return, bytes),
        SocketFilterCall.Encode(SocketFilterCall.Return, 0),
    ];
}

/// <summary>Makes a packet that was captured fit to be sent once more.</summary>
internal static class RepeatedPacket
{
    private const int IPv6Bytes = 40;
    private const int ChecksumInTcp = 16;
    private const int Tcp = 6;

    /// <summary>The packet with another TTL or hop limit, and with the checksum that it left out on loopback (CHECKSUM_PARTIAL).</summary>
    internal static byte[] Of(byte[] captured, byte hops)
    {
        var packet = (byte[])captured.Clone();
        var isIPv6 = packet[0] >> 4 == 6;
        packet[isIPv6 ? 7 : 8] = hops;
        var header = isIPv6 ? IPv6Bytes : (packet[0] & 0xf) * 4;
        var tcp = packet.AsSpan(header);
        tcp.Slice(ChecksumInTcp, 2).Clear();
        var addresses = isIPv6 ? packet.AsSpan(8, 32) : packet.AsSpan(12, 8);
        var sum = Sum(addresses) + Sum(tcp) + Tcp + (uint)tcp.Length;
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ChecksumInTcp..], unchecked((ushort)~sum));
        return packet;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length >= 2; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }
}

/// <summary>
/// What decides whether a held socket receives: the TTL or hop limit of a packet. A socket's filter can be taken off only through its
/// descriptor, which is gone after close(), while the socket itself lives on; so the filter stays, and lets through each packet that has
/// the hold's bit set. A released packet gets that bit, and from then on it is in the namespace's own default, which every new packet
/// bears.
/// </summary>
internal sealed class HopLimits
{
    /// <summary>As many holds a scenario may have: the bits below the highest one, which keeps the limit far from zero.</summary>
    internal const int MostHolds = 7;

    private const byte Base = 0x80;

    private static readonly string[] IPv6Devices = ["lo", "v0", "v1"];

    private int _holds;
    private byte _default;

    /// <summary>The bit of a new hold; the calling thread is in the namespace.</summary>
    /// <exception cref="LiveUnavailableException">There is none left, or the limits cannot be set.</exception>
    internal byte Take()
    {
        if (_holds == MostHolds)
            throw new LiveUnavailableException($"on the kernel a scenario can hold segments at most {MostHolds} times");
        if (_default == 0)
            SetDefault(Base);
        return (byte)(1 << _holds++);
    }

    /// <summary>Packets pass the filter of a hold from now on; the calling thread is in the namespace.</summary>
    internal void Open(byte bit) => SetDefault((byte)(_default | bit));

    /// <summary>The limit of a packet that is sent once more: as any new one, which a held socket does not receive.</summary>
    internal byte Default => _default == 0 ? Base : _default;

    /// <summary>The filter of a hold: a packet passes when its limit has the bit.</summary>
    internal static ulong[] Filter(byte bit) =>
    [
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader),
        SocketFilterCall.Encode(SocketFilterCall.And, 0xf0),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, 0x60, ifTrue: 2),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader + 8),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfAnySet, bit, ifTrue: 2, ifFalse: 3),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader + 7),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfAnySet, bit, ifFalse: 1),
        SocketFilterCall.Encode(SocketFilterCall.Return, uint.MaxValue),
        SocketFilterCall.Encode(SocketFilterCall.Return, 0),
    ];

    private void SetDefault(byte limit)
    {
        _default = limit;
        LiveSysctl.SetOwn("net.ipv4.ip_default_ttl", limit);
        foreach (var device in IPv6Devices)
            LiveSysctl.SetOwnIfThere($"net.ipv6.conf.{device}.hop_limit", limit);
    }
}
