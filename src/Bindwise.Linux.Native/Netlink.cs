namespace Bindwise.Linux.Native;

/// <summary>sendto(2) and recvfrom(2) as netlink(7) needs them: to the kernel, and with the sender told.</summary>
internal static class NetlinkCall
{
    /// <summary>MSG_TRUNC: the answer's whole length comes back even when the buffer is shorter.</summary>
    private const int ReportTruncation = 0x20;

    internal static Errno Send(SafeFileDescriptor socket, ReadOnlySpan<byte> request)
    {
        var kernel = new NetlinkAddress { Family = SocketCall.FamilyNetlink };
        return SendCall.Send(socket, request, MemoryMarshal.AsBytes(new ReadOnlySpan<NetlinkAddress>(in kernel)));
    }

    /// <summary>Waits for one datagram, at most as long as SO_RCVTIMEO says (then EAGAIN).</summary>
    /// <param name="lengthBytes">The datagram's length; more than the buffer's when it was cut.</param>
    /// <param name="senderPortId">Who sent it: 0 is the kernel.</param>
    internal static unsafe Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, out int lengthBytes, out uint senderPortId)
    {
        fixed (byte* start = buffer)
        {
            Errno errno;
            do
            {
                var sender = default(NetlinkAddress);
                var senderBytes = NetlinkAddress.SizeBytes;
                var got = LibC.Recvfrom(socket, start, (nuint)buffer.Length, ReportTruncation, &sender, &senderBytes);
                errno = LastError.Of(got, out lengthBytes);
                senderPortId = sender.PortId;
            }
            while (errno == Errno.EINTR);
            return errno;
        }
    }
}

/// <summary>struct sockaddr_nl (linux/netlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    internal ushort Family;
    internal ushort Padding;
    internal uint PortId;
    internal uint Groups;

    internal const int SizeBytes = 12;
}

/// <summary>struct genlmsghdr (linux/genetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GenericMessage
{
    internal byte Command;
    internal byte Version;
    internal ushort Reserved;

    internal const int SizeBytes = 4;

    /// <summary>GENL_ID_CTRL: the family that tells of the others.</summary>
    internal const ushort ControlFamily = 16;

    /// <summary>CTRL_CMD_GETFAMILY.</summary>
    internal const byte GetFamily = 3;

    /// <summary>CTRL_ATTR_FAMILY_ID.</summary>
    internal const ushort AttributeFamilyId = 1;

    /// <summary>CTRL_ATTR_FAMILY_NAME.</summary>
    internal const ushort AttributeFamilyName = 2;
}

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
    internal const ushort AttributeMaster = 10;
    internal const ushort AttributeInfo = 18;
    internal const ushort AttributeFamilies = 26;
    internal const ushort AttributeFilter = 29;

    /// <summary>IFLA_LINK_NETNSID: what is beneath the interface (for a tunnel, its socket) is in another network namespace.</summary>
    internal const ushort AttributeLinkNamespace = 37;

    /// <summary>IFLA_INFO_KIND, IFLA_INFO_DATA and VETH_INFO_PEER, inside <see cref="AttributeInfo"/>.</summary>
    internal const ushort InfoKind = 1;
    internal const ushort InfoData = 2;
    internal const ushort InfoPeer = 1;

    /// <summary>
    /// IFLA_INET6_ADDR_GEN_MODE, inside <see cref="AttributeFamilies"/>, and its value for none (IN6_ADDR_GEN_MODE_NONE).
    /// </summary>
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
    internal const ushort AttributeUser = 25;
    internal const ushort AttributeProtocol = 27;
    internal const ushort AttributeDestinationPort = 29;

    /// <summary>RTAX_QUICKACK, inside <see cref="AttributeMetrics"/>: every segment is acknowledged at once.</summary>
    internal const ushort MetricQuickAcknowledge = 15;

    internal const byte TableMain = 254;
    internal const byte TableLocal = 255;

    /// <summary>RTM_F_LOOKUP_TABLE: the answer names the table in which the route was found.</summary>
    internal const uint FlagLookupTable = 0x1000;
    internal const byte ProtocolKernel = 2;
    internal const byte ScopeHost = 254;
    internal const byte TypeLocal = 2;
    internal const byte TypeBroadcast = 3;
    internal const byte TypeMulticast = 5;
}

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
