using System.Buffers.Binary;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live.Recording;

/// <summary>A TCP segment as a packet socket saw it.</summary>
/// <param name="Nanoseconds">When, by CLOCK_MONOTONIC.</param>
/// <param name="From">Its source.</param>
/// <param name="To">Its destination.</param>
/// <param name="Flags">Its control bits, ECN's left out.</param>
/// <param name="Sequence">Its sequence number as it is.</param>
/// <param name="Acknowledgement">Its acknowledgement number as it is.</param>
/// <param name="Bytes">How much data it carries.</param>
/// <param name="Hops">Its TTL or hop limit.</param>
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

    /// <summary>What it was sent for.</summary>
    internal SegmentKind Kind =>
        Flags.HasFlag(TcpFlags.Reset) ? SegmentKind.Reset
        : Flags.HasFlag(TcpFlags.Syn) ? SegmentKind.Syn
        : Flags.HasFlag(TcpFlags.Fin) ? SegmentKind.Fin
        : Bytes > 0 ? SegmentKind.Data
        : SegmentKind.Ack;

    /// <summary>Reads one; null for what is no whole header of TCP over IPv4 or IPv6.</summary>
    /// <param name="packet">From the network header on; may be cut behind the headers.</param>
    /// <param name="nanoseconds">When it came.</param>
    internal static CapturedSegment? Read(ReadOnlySpan<byte> packet, long nanoseconds)
    {
        if (packet.Length < IPv4Bytes)
            return null;
        var isIPv6 = packet[0] >> 4 == 6;
        var header = isIPv6 ? IPv6Bytes : (packet[0] & 0xf) * 4;
        if (packet.Length < header + TcpBytes || packet[isIPv6 ? 6 : 9] != Tcp || (!isIPv6 && packet[0] >> 4 != 4))
            return null;
        var total = isIPv6 ? IPv6Bytes + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) : BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
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
