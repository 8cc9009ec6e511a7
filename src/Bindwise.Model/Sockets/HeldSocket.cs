using System.Net;
using Bindwise.Model.Sockets;

namespace Bindwise.Diagnostics;

/// <summary>
/// A socket in the kernel's table that holds a port or a UNIX address: TIME_WAIT, bound-only and listening ones included. Made only for the
/// sockets that matter to a question; what only counts sockets walks the table without it.
/// </summary>
public sealed record HeldSocket
{
    /// <summary>The socket's protocol: TCP, UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The family the socket was opened with; a v6 socket may hold a v4-mapped address. IPv4 for UNIX (without meaning).</summary>
    internal IpFamily Family { get; init; } = IpFamily.IPv4;

    /// <summary>
    /// The state; <see cref="TcpSocketState.Bound"/> for a TCP socket that is bound only. Of a subflow the state of its MPTCP socket, which
    /// is what its program sees: MPTCP closes by DATA_FIN (RFC 8684 §3.3.3), while the subflow stays ESTABLISHED.
    /// </summary>
    public required TcpSocketState State { get; init; }

    /// <summary>The local end; of a UNIX socket without meaning.</summary>
    internal IpEndpoint Local { get; init; }

    /// <summary>The remote end; port 0 when not connected.</summary>
    internal IpEndpoint Remote { get; init; }

    /// <summary>The local end; null of a UNIX socket.</summary>
    public IPEndPoint? LocalEndPoint => Protocol == Protocol.Unix ? null : Local.ToIPEndPoint();

    /// <summary>The remote end; null where the socket is not connected, and of a UNIX socket.</summary>
    public IPEndPoint? RemoteEndPoint => Protocol == Protocol.Unix || Remote.Port == 0 ? null : Remote.ToIPEndPoint();

    /// <summary>The UNIX address: a path, or <c>@name</c> for an abstract one; null for TCP and UDP.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// UNIX: 1 SOCK_STREAM, 2 SOCK_DGRAM, 5 SOCK_SEQPACKET (abstract names of different types do not meet); 0 for TCP and UDP.
    /// </summary>
    internal byte SocketType { get; init; }

    /// <summary>SOCK_STREAM, SOCK_DGRAM and SOCK_SEQPACKET (linux/net.h).</summary>
    internal const byte UnixStream = 1, UnixDatagram = 2, UnixSequencedPackets = 5;

    /// <summary>
    /// UNIX: it holds the name that it bears. An accepted connection bears its listener's without holding it; a datagram socket accepts
    /// none, and is ESTABLISHED once somebody connects to it or it does so itself (unix_dgram_connect(), net/unix/af_unix.c).
    /// </summary>
    internal bool HoldsItsName => State != TcpSocketState.Established || SocketType == UnixDatagram;

    /// <summary>
    /// UNIX: the lower 32 bits of the inode of the file that bind() made, to hold against <see cref="UnixPathRecord.FileInode"/>; 0 for
    /// none, or one that does not compare.
    /// </summary>
    internal uint FileInode { get; init; }

    /// <summary>
    /// UNIX: in its holder's own mounts, root and working folder the name leads to the file that bind() made; Unknown where nobody looked.
    /// </summary>
    internal Fact IsReachedByHolder { get; init; }

    /// <summary>The index of the interface that the socket is bound to (SO_BINDTODEVICE or a scope); 0 for none.</summary>
    internal uint DeviceIndex { get; init; }

    /// <summary>The effective IPV6_V6ONLY. No for IPv4 sockets.</summary>
    public Fact V6Only { get; init; }

    /// <summary>A socket on [::] takes IPv4 too; null for any other, and where that is not known.</summary>
    internal bool? IsDualStack => Protocol == Protocol.Unix || Local.Address != IpAddress.AnyIPv6 || V6Only == Fact.Unknown ? null
        : V6Only == Fact.No;

    /// <summary>SO_REUSEADDR as it stands now.</summary>
    public Fact ReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT as it stands now.</summary>
    public Fact ReusePort { get; init; }

    /// <summary>SO_LINGER with no time to wait: close() resets the connection, which leaves no TIME_WAIT.</summary>
    internal Fact ResetsOnClose { get; init; }

    /// <summary>The user that created the socket; null where the kernel does not tell (TIME_WAIT).</summary>
    public uint? UserId { get; init; }

    /// <summary>The inode that /proc/PID/fd shows; 0 when no file belongs to it (TIME_WAIT, orphans, kernel sockets).</summary>
    public ulong Inode { get; init; }

    /// <summary>The kernel's own name of the socket (SO_COOKIE): never used twice while the system runs; 0 when not known.</summary>
    public ulong Cookie { get; init; }

    /// <summary>The cgroup (v2) in which the socket was created; 0 when not known.</summary>
    internal ulong CgroupId { get; init; }

    /// <summary>
    /// Milliseconds until the kernel lets go by itself (TIME_WAIT, FIN_WAIT2 without an owner); null without such a timer.
    /// </summary>
    public int? MillisecondsLeft { get; init; }

    /// <summary>
    /// An orphan in FIN_WAIT2: if the peer closes before the timer ends, a whole TIME_WAIT follows (tcp_timewait_state_process(),
    /// net/ipv4/tcp_minisocks.c).
    /// </summary>
    internal bool MayTurnIntoTimeWait => State == TcpSocketState.FinWait2 && MillisecondsLeft is not null;

    /// <summary>
    /// Milliseconds until the kernel lets go at the latest, whatever the peer does; null without a timer. 24 days at most, what an int
    /// holds: tcp_fin_timeout may be longer.
    /// </summary>
    /// <param name="slack">How late a timer may fire (<see cref="TimerWheel"/>).</param>
    internal int? MillisecondsLeftAtMost(int slack) => MillisecondsLeft is not { } left ? null
        : (int)Math.Clamp((long)left + slack + (MayTurnIntoTimeWait ? (long)TimerWheel.TimeWaitMilliseconds + slack : 0), 0, int.MaxValue);

    /// <summary>LISTEN: connections that wait for accept(). Else unread bytes.</summary>
    public uint ReceiveQueue { get; init; }

    /// <summary>LISTEN: the backlog. Else unacknowledged bytes.</summary>
    public uint SendQueue { get; init; }

    /// <summary>
    /// Whether the connection was opened from this end (connect()): Yes, No (accepted) or Unknown. Told by tcp_info: the end that sent the
    /// SYN counts one more byte acknowledged than it sent.
    /// </summary>
    internal Fact OpenedHere { get; init; }

    /// <summary>It belongs to an MPTCP socket (IPPROTO_MPTCP, RFC 8684), as that socket's first or a further subflow.</summary>
    internal Fact IsMultipath { get; init; }

    /// <summary>
    /// The state of the TCP subflow itself, where it is another than that of its MPTCP socket (<see cref="State"/>); null where it is not.
    /// </summary>
    internal TcpSocketState? SubflowState { get; init; }

    /// <summary>
    /// It waits in a listener's queue, and accept() has not returned it: the end of the listener resets it, and it leaves no TIME_WAIT
    /// (inet_csk_listen_stop()). What a process closed is in none of these states.
    /// </summary>
    internal bool IsUnaccepted => Inode == 0 && Protocol == Protocol.Tcp
        && State is TcpSocketState.Established or TcpSocketState.SynReceived or TcpSocketState.CloseWait;

    /// <summary>
    /// Data that the program has not read: close() then resets the connection (tcp_close()). The peer's FIN counts as one byte
    /// (tcp_diag_get_info()).
    /// </summary>
    internal bool HasUnread => ReceiveQueue > (State == TcpSocketState.Closing ? 1 : 0);

    /// <summary>
    /// The end of its process leaves it in the table for a while: this side closes first then. Not so with unread data (see
    /// <see cref="HasUnread"/>).
    /// </summary>
    internal bool OutlivesProcess => Inode != 0 && Protocol == Protocol.Tcp && ResetsOnClose != Fact.Yes
        && State is TcpSocketState.Established or TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing;

    /// <summary>It has a peer, or had one.</summary>
    internal bool IsConnection => State is not (TcpSocketState.Listen or TcpSocketState.Bound or TcpSocketState.Close);

    /// <summary>No process can hold it: the kernel keeps it on its own (TIME_WAIT, or closed with the connection not finished).</summary>
    public bool IsWithoutProcess => Inode == 0 && Protocol != Protocol.Unix;
}
