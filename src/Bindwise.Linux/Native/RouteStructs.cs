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
    internal const ushort AttributeInfo = 18;
    internal const ushort AttributeFamilies = 26;
    internal const ushort AttributeFilter = 29;

    /// <summary>IFLA_LINK_NETNSID: what is beneath the interface (for a tunnel, its socket) is in another network namespace.</summary>
    internal const ushort AttributeLinkNamespace = 37;

    /// <summary>IFLA_INFO_KIND, IFLA_INFO_DATA and VETH_INFO_PEER, inside <see cref="AttributeInfo"/>.</summary>
    internal const ushort InfoKind = 1;
    internal const ushort InfoData = 2;
    internal const ushort InfoPeer = 1;

    /// <summary>IFLA_INET6_ADDR_GEN_MODE, inside <see cref="AttributeFamilies"/>, and its value for none (IN6_ADDR_GEN_MODE_NONE).</summary>
    internal const ushort AddressMode = 8;
    internal const byte AddressModeNone = 1;

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
    internal const byte FlagWithoutDetection = 0x02;
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
    internal const ushort MessageDelete = 25;
    internal const ushort MessageGet = 26;
    internal const ushort AttributeDestination = 1;
    internal const ushort AttributeOutput = 4;
    internal const ushort AttributePriority = 6;
    internal const ushort AttributePreferredSource = 7;
    internal const ushort AttributeMetrics = 8;

    /// <summary>RTAX_QUICKACK, inside <see cref="AttributeMetrics"/>: every segment is acknowledged at once.</summary>
    internal const ushort MetricQuickAcknowledge = 15;

    internal const byte TableLocal = 255;
    internal const byte ProtocolKernel = 2;
    internal const byte ScopeHost = 254;
    internal const byte TypeLocal = 2;
    internal const byte TypeBroadcast = 3;
    internal const byte TypeMulticast = 5;
}
