using System.Buffers.Binary;

namespace Bindwise.Linux.Live.Recording;

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
