namespace Bindwise.Linux.Native;

/// <summary>struct nlattr (linux/netlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAttributeHeader
{
    internal ushort LengthBytes;
    internal ushort Type;

    internal const int SizeBytes = 4;

    /// <summary>NLA_TYPE_MASK: the two upper bits are flags.</summary>
    internal const ushort TypeMask = 0x3fff;
}
