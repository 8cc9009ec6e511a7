using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.SockDiag;

/// <summary>One TCP or UDP socket of a dump as plain values, so that sockets that do not matter cost no allocation.</summary>
internal readonly struct DiagEntry
{
    private const ushort AttributeV6Only = 11;
    private const ushort AttributeCgroup = 21;
    private const byte TimerRetransmit = 1;

    /// <summary>TCP_KEEPALIVE's timer slot; of a FIN_WAIT2 socket that nobody owns, the time until the kernel gives it up.</summary>
    private const byte TimerKeepAlive = 2;

    /// <summary>The timer of TIME_WAIT and of the small FIN_WAIT2 (inet_twsk_diag_fill(), net/ipv4/inet_diag.c).</summary>
    private const byte TimerTimeWait = 3;

    internal required InetDiagReply Reply { get; init; }
    internal Fact V6Only { get; init; }
    internal ulong CgroupId { get; init; }

    internal IpFamily Family => (IpFamily)Reply.Family;
    internal ushort LocalPort => BinaryPrimitives.ReverseEndianness(Reply.Id.LocalPortNetwork);
    internal ushort RemotePort => BinaryPrimitives.ReverseEndianness(Reply.Id.RemotePortNetwork);
    internal IpEndpoint Local => new(Address(Reply.Id.LocalAddress), LocalPort);
    internal IpEndpoint Remote => new(Address(Reply.Id.RemoteAddress), RemotePort);
    internal ulong Cookie => ((ulong)Reply.Id.CookieHigh << 32) | Reply.Id.CookieLow;

    /// <summary>A TIME_WAIT or FIN_WAIT2 that is a small entry of the kernel's: no owner, user or cgroup is known of it.</summary>
    internal bool IsTimeWaitEntry => Reply.Timer == TimerTimeWait;

    /// <summary>
    /// The state as this program names it. A bound socket is reported as CLOSE, and a request for a connection as
    /// SYN_RECV with its own timer and without a socket (inet_req_diag_fill(), net/ipv4/inet_diag.c): such a one holds no port.
    /// </summary>
    internal TcpSocketState State(Protocol protocol) => (TcpSocketState)Reply.State switch
    {
        TcpSocketState.Close when protocol == Protocol.Tcp => TcpSocketState.Bound,
        TcpSocketState.SynReceived when Reply is { Inode: 0, Timer: TimerRetransmit } => TcpSocketState.NewSynReceived,
        var state => state,
    };

    /// <summary>How long the kernel still keeps the socket by itself.</summary>
    internal int? MillisecondsLeft =>
        IsTimeWaitEntry || (Reply is { Timer: TimerKeepAlive, State: (byte)TcpSocketState.FinWait2, Inode: 0 })
            ? (int)Math.Min(Reply.ExpiresMilliseconds, int.MaxValue)
            : null;

    /// <summary>
    /// How long the kernel still keeps an MPTCP socket that nobody owns, whatever its state: 60 s from close() on, then it resets the
    /// subflows (mptcp_close_timeout(), net/mptcp/protocol.h). Null for one with an owner.
    /// </summary>
    internal int? OrphanMillisecondsLeft =>
        Reply is { Timer: TimerKeepAlive, Inode: 0 } ? (int)Math.Min(Reply.ExpiresMilliseconds, int.MaxValue) : null;

    /// <summary>INET_DIAG_SKMEMINFO: an array of numbers, of which the ninth is SK_MEMINFO_DROPS (linux/sock_diag.h).</summary>
    internal const byte MemoryAttribute = 7;

    private const int DropsOffset = 8 * sizeof(uint);

    /// <summary>What a listener dropped since it was opened; null where that was not asked for.</summary>
    internal static uint? Drops(ReadOnlySpan<byte> payload)
    {
        var attributes = new NetlinkAttributeReader(payload[InetDiagReply.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == MemoryAttribute && value.Length >= DropsOffset + sizeof(uint))
                return BitConverter.ToUInt32(value[DropsOffset..]);
        }
        return null;
    }

    /// <summary>Reads one message's payload. False for anything that is no whole socket of a known family.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> payload, out DiagEntry entry)
    {
        entry = default;
        if (!TryReadFixedPart(payload, out var reply))
            return false;
        var v6Only = reply.Family == (byte)IpFamily.IPv4 ? Fact.No : Fact.Unknown;
        ulong cgroup = 0;
        var attributes = new NetlinkAttributeReader(payload[InetDiagReply.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeV6Only && value.Length >= 1 && reply.Family == (byte)IpFamily.IPv6)
                v6Only = value[0] != 0 ? Fact.Yes : Fact.No;
            else if (type == AttributeCgroup && value.Length >= sizeof(ulong))
                cgroup = MemoryMarshal.Read<ulong>(value);
        }
        entry = new DiagEntry { Reply = reply, V6Only = v6Only, CgroupId = cgroup };
        // A socket that holds a v4-mapped address cannot have the option on (ipv6(7), __inet6_bind()).
        if (v6Only == Fact.Unknown && entry.Local.Address.IsMapped)
            entry = new DiagEntry { Reply = reply, V6Only = Fact.No, CgroupId = cgroup };
        return true;
    }

    /// <summary>Only the part that every reply has: enough to decide whether the rest is of interest.</summary>
    internal static bool TryReadFixedPart(ReadOnlySpan<byte> payload, out InetDiagReply reply) =>
        MemoryMarshal.TryRead(payload, out reply) && reply.Family is (byte)IpFamily.IPv4 or (byte)IpFamily.IPv6;

    /// <summary>The lasting form, for a socket that matters to the question.</summary>
    internal HeldSocket ToHeldSocket(Protocol protocol) => new()
    {
        Protocol = protocol,
        Family = Family,
        State = State(protocol),
        Local = Local,
        Remote = Remote,
        DeviceIndex = Reply.Id.Interface,
        V6Only = V6Only,
        UserId = IsTimeWaitEntry ? null : Reply.UserId,
        Inode = Reply.Inode,
        Cookie = Cookie,
        CgroupId = CgroupId,
        MillisecondsLeft = MillisecondsLeft,
        ReceiveQueue = Reply.ReceiveQueue,
        SendQueue = Reply.SendQueue,
    };

    private IpAddress Address(in AddressBytes bytes) => Family == IpFamily.IPv4
        ? new(IpFamily.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes))
        : new(IpFamily.IPv6, BinaryPrimitives.ReadUInt128BigEndian(bytes));
}

/// <summary>Takes the answer to the question for one socket's tcp_info.</summary>
internal struct TcpInfoAnswer : IMessageVisitor
{
    // Below INET_DIAG_ULP_INFO (linux/inet_diag.h) stands the name of what uses the connection.
    private const ushort AttributeUpperLayer = 19;
    private const ushort AttributeUpperLayerName = 1;

    private TcpInfoReply _info;

    /// <summary>The answer held all the fields that are read (Linux 4.19).</summary>
    internal bool HasInfo { get; private set; }

    /// <summary>The socket is a subflow of an MPTCP socket (tcp_ulp_name "mptcp").</summary>
    internal bool IsMultipath { get; private set; }

    internal TcpSocketState State { get; private set; }
    internal uint WriteQueue { get; private set; }

    internal readonly TcpInfoReply Info => _info;

    /// <summary>Nothing was sent, written or acknowledged between the two readings.</summary>
    internal readonly bool HasSameCounters(in TcpInfoAnswer other) =>
        State == other.State && WriteQueue == other.WriteQueue
        && (_info.BytesAcked, _info.BytesSent, _info.BytesRetransmitted, _info.NotSentBytes)
        == (other._info.BytesAcked, other._info.BytesSent, other._info.BytesRetransmitted, other._info.NotSentBytes);

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        State = (TcpSocketState)reply.State;
        WriteQueue = reply.SendQueue;
        var attributes = new NetlinkAttributeReader(message.Payload[InetDiagReply.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == TcpInfoReply.AttributeInfo)
                HasInfo = MemoryMarshal.TryRead(value, out _info);
            else if (type == AttributeUpperLayer)
                IsMultipath = IsNamedMultipath(value);
        }
    }

    private static bool IsNamedMultipath(ReadOnlySpan<byte> upperLayer)
    {
        var attributes = new NetlinkAttributeReader(upperLayer);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeUpperLayerName)
                return value.TrimEnd((byte)0).SequenceEqual("mptcp"u8);
        }

        return false;
    }

    public void Restart() => this = default;
}
