namespace Bindwise.Linux.Native;

/// <summary>struct nlmsghdr (linux/netlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkHeader
{
    internal uint LengthBytes;
    internal ushort Type;
    internal ushort Flags;
    internal uint Sequence;
    internal uint PortId;

    internal const int SizeBytes = 16;
    internal const ushort TypeNoop = 1;
    internal const ushort TypeError = 2;
    internal const ushort TypeDone = 3;
    internal const ushort TypeOverrun = 4;
    internal const ushort FlagRequest = 0x1;
    internal const ushort FlagAcknowledge = 0x4;
    internal const ushort FlagDumpInterrupted = 0x10;
    internal const ushort FlagDump = 0x300;
    internal const ushort FlagReplace = 0x100;
    internal const ushort FlagExclusive = 0x200;
    internal const ushort FlagCreate = 0x400;
}
