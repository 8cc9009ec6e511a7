using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>Sixteen bytes: an address in network order, IPv4 in the first four.</summary>
[InlineArray(16)]
internal struct AddressBytes
{
    private byte _first;
}

/// <summary>struct inet_diag_sockid (linux/inet_diag.h): ports and addresses in network order.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct InetDiagSocketId
{
    internal ushort LocalPortNetwork;
    internal ushort RemotePortNetwork;
    internal AddressBytes LocalAddress;
    internal AddressBytes RemoteAddress;
    internal uint Interface;
    internal uint CookieLow;
    internal uint CookieHigh;

    internal const int SizeBytes = 48;

    /// <summary>INET_DIAG_NOCOOKIE, in both halves: any socket with these ends.</summary>
    internal const uint NoCookie = uint.MaxValue;
}

/// <summary>struct inet_diag_req_v2, the request of SOCK_DIAG_BY_FAMILY.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct InetDiagRequest
{
    internal byte Family;
    internal byte Protocol;
    internal byte Extensions;
    internal byte Padding;
    internal uint States;
    internal InetDiagSocketId Id;

    internal const int SizeBytes = 56;
    internal const ushort MessageType = 20;
}

/// <summary>struct inet_diag_req, the request of TCPDIAG_GETSOCK: with family 0 it walks both families at once.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct InetDiagLegacyRequest
{
    internal byte Family;
    internal byte SourceLength;
    internal byte DestinationLength;
    internal byte Extensions;
    internal InetDiagSocketId Id;
    internal uint States;
    internal uint Database;

    internal const int SizeBytes = 60;
    internal const ushort MessageType = 18;
}

/// <summary>struct inet_diag_msg, one socket in the answer; attributes follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct InetDiagReply
{
    internal byte Family;
    internal byte State;
    internal byte Timer;
    internal byte Retransmits;
    internal InetDiagSocketId Id;
    internal uint ExpiresMilliseconds;
    internal uint ReceiveQueue;
    internal uint SendQueue;
    internal uint UserId;
    internal uint Inode;

    internal const int SizeBytes = 72;
}

/// <summary>struct inet_diag_bc_op: one step of the filter that the kernel runs on each socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagFilterStep
{
    internal byte Code;
    internal byte YesBytes;
    internal ushort NoBytes;

    internal const int SizeBytes = 4;
    internal const byte Jump = 1;
    internal const byte LocalPortAtLeast = 2;
    internal const byte LocalPortAtMost = 3;
}
