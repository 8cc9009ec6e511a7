using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Netlink;

/// <summary>One netlink message inside a datagram.</summary>
/// <param name="header">Its header.</param>
/// <param name="payload">What follows the header.</param>
internal readonly ref struct NetlinkMessage(NetlinkHeader header, ReadOnlySpan<byte> payload)
{
    internal NetlinkHeader Header { get; } = header;

    internal ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>Walks the messages of one datagram (NLMSG_NEXT). Hostile lengths end the walk, never leave the span.</summary>
/// <param name="datagram">The bytes received.</param>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>Bytes were left that are no whole message.</summary>
    internal bool IsMalformed { get; private set; }

    internal bool TryNext(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;
        if (!MemoryMarshal.TryRead<NetlinkHeader>(_rest, out var header)
            || header.LengthBytes < NetlinkHeader.SizeBytes
            || header.LengthBytes > (uint)_rest.Length)
        {
            IsMalformed = true;
            _rest = default;
            return false;
        }
        var length = (int)header.LengthBytes;
        message = new NetlinkMessage(header, _rest[NetlinkHeader.SizeBytes..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}

/// <summary>Walks attributes (RTA_NEXT). Hostile lengths end the walk, never leave the span.</summary>
/// <param name="bytes">The bytes behind a message's fixed part.</param>
internal ref struct NetlinkAttributeReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes were left that are no whole attribute.</summary>
    internal bool IsMalformed { get; private set; }

    internal bool TryNext(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.IsEmpty)
            return false;
        if (!MemoryMarshal.TryRead<NetlinkAttributeHeader>(_rest, out var header)
            || header.LengthBytes < NetlinkAttributeHeader.SizeBytes
            || header.LengthBytes > _rest.Length)
        {
            IsMalformed = true;
            _rest = default;
            return false;
        }
        type = (ushort)(header.Type & NetlinkAttributeHeader.TypeMask);
        value = _rest[NetlinkAttributeHeader.SizeBytes..header.LengthBytes];
        _rest = _rest[Math.Min(_rest.Length, (header.LengthBytes + 3) & ~3)..];
        return true;
    }
}
