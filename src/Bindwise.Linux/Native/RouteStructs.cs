using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct ifinfomsg (linux/rtnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkMessage
{
    internal byte Family;
    internal byte Padding;
    internal ushort Type;
    internal int Index;
    internal uint Flags;
    internal uint Change;

    internal const int SizeBytes = 16;
    internal const ushort MessageNew = 16;
    internal const ushort MessageGet = 18;
    internal const ushort AttributeName = 3;
    internal const ushort AttributeFilter = 29;

    /// <summary>RTEXT_FILTER_SKIP_STATS: counters would be most of the answer.</summary>
    internal const uint FilterSkipStatistics = 8;

    /// <summary>IFF_UP.</summary>
    internal const uint FlagUp = 1;
}

/// <summary>struct ifaddrmsg (linux/if_addr.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressMessage
{
    internal byte Family;
    internal byte PrefixLength;
    internal byte Flags;
    internal byte Scope;
    internal uint Index;

    internal const int SizeBytes = 8;
    internal const ushort MessageNew = 20;
    internal const ushort MessageGet = 22;
    internal const ushort AttributeAddress = 1;
    internal const ushort AttributeLocal = 2;
    internal const ushort AttributeFlags = 8;
    internal const uint FlagOptimistic = 0x04;
    internal const uint FlagDuplicate = 0x08;
    internal const uint FlagTentative = 0x40;
}

/// <summary>struct rtmsg (linux/rtnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteMessage
{
    internal byte Family;
    internal byte DestinationLength;
    internal byte SourceLength;
    internal byte TypeOfService;
    internal byte Table;
    internal byte Protocol;
    internal byte Scope;
    internal byte Type;
    internal uint Flags;

    internal const int SizeBytes = 12;
    internal const ushort MessageNew = 24;
    internal const ushort MessageGet = 26;
    internal const ushort AttributeDestination = 1;
    internal const byte TypeLocal = 2;
    internal const byte TypeBroadcast = 3;
    internal const byte TypeMulticast = 5;
}
