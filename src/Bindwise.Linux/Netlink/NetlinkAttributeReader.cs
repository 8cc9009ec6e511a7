using System.Runtime.InteropServices;

namespace Bindwise.Linux.Netlink;

/// <summary>Walks attributes (RTA_NEXT). Hostile lengths end the walk, never leave the span.</summary>
/// <param name="bytes">The bytes after a message's fixed part.</param>
internal ref struct NetlinkAttributeReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

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
            _rest = default;
            return false;
        }
        type = (ushort)(header.Type & NetlinkAttributeHeader.TypeMask);
        value = _rest[NetlinkAttributeHeader.SizeBytes..header.LengthBytes];
        _rest = _rest[Math.Min(_rest.Length, (header.LengthBytes + 3) & ~3)..];
        return true;
    }
}
