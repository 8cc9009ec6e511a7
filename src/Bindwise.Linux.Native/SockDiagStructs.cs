namespace Bindwise.Linux.Native;

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

    /// <summary>SOCK_DESTROY (Linux 4.5, CONFIG_INET_DIAG_DESTROY).</summary>
    internal const ushort MessageTypeDestroy = 21;
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
    internal const byte LocalPortAtLeast = 2;
    internal const byte LocalPortAtMost = 3;
}

/// <summary>struct unix_diag_req (linux/unix_diag.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagRequest
{
    internal byte Family;
    internal byte Protocol;
    internal ushort Padding;
    internal uint States;
    internal uint Inode;
    internal uint Show;
    internal uint CookieLow;
    internal uint CookieHigh;

    internal const int SizeBytes = 24;
    internal const uint ShowName = 0x1;
    internal const uint ShowFile = 0x2;
    internal const uint ShowQueues = 0x10;
    internal const uint ShowUser = 0x40;
}

/// <summary>struct unix_diag_msg, one socket in the answer; attributes follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagReply
{
    internal byte Family;
    internal byte Type;
    internal byte State;
    internal byte Padding;
    internal uint Inode;
    internal uint CookieLow;
    internal uint CookieHigh;

    internal const int SizeBytes = 16;
    internal const ushort AttributeName = 0;
    internal const ushort AttributeFile = 1;
    internal const ushort AttributeQueues = 4;
    internal const ushort AttributeUser = 7;
}

/// <summary>What is read here of struct tcp_info (linux/tcp.h); older kernels answer with less, newer ones with more.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct TcpInfoReply
{
    [FieldOffset(5)]
    internal byte Options;

    [FieldOffset(120)]
    internal ulong BytesAcked;

    [FieldOffset(144)]
    internal uint NotSentBytes;

    [FieldOffset(200)]
    internal ulong BytesSent;

    [FieldOffset(208)]
    internal ulong BytesRetransmitted;

    internal const int SizeBytes = 216;

    /// <summary>INET_DIAG_INFO.</summary>
    internal const ushort AttributeInfo = 2;

    /// <summary>TCPI_OPT_SYN_DATA: Fast Open carried data in the SYN.</summary>
    internal const byte OptionSynData = 32;
}
