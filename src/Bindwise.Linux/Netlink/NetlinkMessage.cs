namespace Bindwise.Linux.Netlink;

internal readonly ref struct NetlinkMessage(NetlinkHeader header, ReadOnlySpan<byte> payload)
{
    internal NetlinkHeader Header { get; } = header;
    internal ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>The attributes after the header of generic netlink (struct genlmsghdr).</summary>
    /// <returns>False when the message is too short to have that.</returns>
    internal bool TryGenericAttributes(out NetlinkAttributeReader attributes)
    {
        var isWhole = Payload.Length >= GenericMessage.SizeBytes;
        attributes = isWhole ? new NetlinkAttributeReader(Payload[GenericMessage.SizeBytes..]) : default;
        return isWhole;
    }
}
