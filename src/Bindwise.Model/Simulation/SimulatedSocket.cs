using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Simulation;

/// <summary>A socket of the simulated host, TCP or UDP (struct sock, struct inet_sock).</summary>
internal sealed class SimulatedSocket : TcpMember
{
    /// <summary>The process that has it, by its name in the scenario; null for the player.</summary>
    public string? Process { get; set; }

    public required Protocol Protocol { get; init; }

    /// <summary>AF_INET or AF_INET6.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>The user that made it (sk_uid).</summary>
    public required uint UserId { get; init; }

    /// <summary>The state; <see cref="TcpSocketState.Close"/> for bound-only and unconnected sockets.</summary>
    public TcpSocketState State { get; set; } = TcpSocketState.Close;

    /// <summary>The address it receives on, in its family (sk_rcv_saddr, sk_v6_rcv_saddr).</summary>
    public required IpAddress Address { get; set; }

    /// <summary>The address it sends from: the wildcard for one that is bound to a multicast or broadcast address (inet_saddr).</summary>
    public required IpAddress Source { get; set; }

    /// <summary>UDP: the address it sends from to IPv4 (inet_saddr); on AF_INET6 <see cref="Source"/> may be of IPv6 (np->saddr).</summary>
    public IpAddress SourceIPv4 { get; set; } = IpAddress.AnyIPv4;

    /// <summary>The port; 0 for none (inet_num).</summary>
    public ushort Port
    {
        get;
        set
        {
            field = value;
            if (value != 0)
                NamePort = value;
        }
    }

    /// <summary>The port that getsockname() tells: the last one it had, even if it was given back (inet_sport).</summary>
    public ushort NamePort { get; set; }

    /// <summary>UDP: the remote end; port 0 and the wildcard for none.</summary>
    public IpEndpoint Remote { get; set; }

    public bool ReuseAddress { get; set; }

    public bool ReusePort { get; set; }

    /// <summary>
    /// It listened, or bound a UDP port, with SO_REUSEPORT set (sk_reuseport_cb), and as a UDP socket never connected since.
    /// </summary>
    public bool IsInReusePortGroup { get; set; }

    /// <summary>It was in the table of connections, whatever became of it.</summary>
    public bool EverConnected { get; set; }

    /// <summary>It was in the table of listeners, whatever became of it.</summary>
    public bool EverListened { get; set; }

    /// <summary>The effective IPV6_V6ONLY.</summary>
    public bool V6Only { get; set; }

    public bool Freebind { get; set; }

    public bool Transparent { get; set; }

    /// <summary>IP_BIND_ADDRESS_NO_PORT.</summary>
    public bool AddressWithoutPort { get; set; }

    /// <summary>IP_LOCAL_PORT_RANGE as set: 0 for no bound.</summary>
    public (ushort First, ushort Last) PortRange { get; set; }

    /// <summary>SO_LINGER in seconds; null for off.</summary>
    public int? LingerSeconds { get; set; }

    /// <summary>bind() named the port: it is kept until close() (SOCK_BINDPORT_LOCK).</summary>
    public bool IsPortLocked { get; set; }

    /// <summary>bind() named the address (SOCK_BINDADDR_LOCK).</summary>
    public bool IsAddressLocked { get; set; }

    /// <summary>connect() or accept() succeeded and nothing dissolved it since (SS_CONNECTED).</summary>
    public bool IsConnectedForCaller { get; set; }

    public bool IsClosing { get; set; }

    /// <summary>No name holds it any more (SOCK_DEAD).</summary>
    public bool IsOrphan { get; set; }

    /// <summary>Whom it counts as where users are compared; null for its own user (sock_i_uid()).</summary>
    public uint? CountsAsUser { get; set; }

    /// <summary>Reading is shut down (RCV_SHUTDOWN).</summary>
    public bool IsReadingShut { get; set; }

    /// <summary>Writing is shut down (SEND_SHUTDOWN).</summary>
    public bool IsWritingShut { get; set; }

    /// <summary>The peer's FIN came (SOCK_DONE).</summary>
    public bool IsDone { get; set; }

    /// <summary>The error that the next call reports (sk_err); null for none.</summary>
    public string? PendingError { get; set; }

    /// <summary>TCP: bytes that nobody read.</summary>
    public int UnreadBytes { get; set; }

    /// <summary>UDP: datagrams that nobody read.</summary>
    public int UnreadDatagrams { get; set; }

    /// <summary>The connection uses timestamps (RFC 7323).</summary>
    public bool HasTimestamps { get; set; }

    /// <summary>
    /// What was sent and is not acknowledged, oldest first; null where the scenario holds no segments back: then nothing is lost.
    /// </summary>
    public List<Segment>? InFlight { get; set; }

    /// <summary>Bytes that wait until what is on the way is acknowledged (Nagle, RFC 1122 §4.2.3.4).</summary>
    public int UnsentBytes { get; set; }

    /// <summary>How often the oldest of them was sent again by the timer (icsk_retransmits).</summary>
    public int Resends { get; set; }

    /// <summary>What came from beyond a gap (out_of_order_queue); null for nothing.</summary>
    public List<Segment>? BeyondGap { get; set; }

    /// <summary>The TIME_WAIT entry that its connection left; null for none. It is over when it has no bucket.</summary>
    public TimeWaitEntry? Remains { get; set; }

    /// <summary>It connects over a TIME_WAIT, whose numbers it goes on with (tcp_twsk_unique()).</summary>
    public bool TakesOver { get; set; }

    /// <summary>How often the SYN was sent again.</summary>
    public int ResentSyns { get; set; }

    /// <summary>A v6 socket that connected to a v4-mapped address once.</summary>
    public bool SendsIPv4Only { get; set; }

    /// <summary>UDP: the IPv4 peer, the wildcard for none (inet_daddr).</summary>
    public IpAddress PeerIPv4 { get; set; } = IpAddress.AnyIPv4;

    /// <summary>UDP: the IPv6 peer, the wildcard for none; dissolving the association leaves it (sk_v6_daddr).</summary>
    public IpAddress PeerIPv6 { get; set; } = IpAddress.AnyIPv6;

    /// <summary>UDP over IPv4: whom the last connect() failed to reach; null where it did not fail (inet->cork.fl).</summary>
    public IpEndpoint? FailedPeer { get; set; }

    /// <summary>UDP: something was sent to the peer since its route was last forgotten (sk_dst_cache).</summary>
    public bool HasPeerRoute { get; set; }

    /// <summary>UDP: how many sockets were connected before it was: of two that match alike the later one is found first.</summary>
    public long ConnectOrder { get; set; }

    /// <summary>The listener whose queue it stands in; null for none.</summary>
    public SimulatedSocket? Listener { get; set; }

    /// <summary>A listener's connections that nobody accepted, oldest first.</summary>
    public Queue<SimulatedSocket> AcceptQueue { get; } = [];

    public UdpPortList<SimulatedSocket>? UdpPort { get; set; }

    public override string Label =>
        IsOrphan ? $"{Name} by {TcpStateNames.Of(State, Protocol)}" : Listener is not null ? $"{Name} (unaccepted)" : Name;

    public IpAddress Wildcard => Family == IpFamily.IPv6 ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4;

    /// <summary>Sends from an address from now on, or, with the wildcard, from whichever the route has.</summary>
    public void SendFrom(IpAddress source) => (Source, SourceIPv4) = (source, source.AsIPv4 ?? IpAddress.AnyIPv4);

    /// <summary>The error that is to be reported, once (sock_error()); null for none.</summary>
    public string? TakeError()
    {
        var errno = PendingError;
        PendingError = null;
        return errno;
    }

    /// <summary>It has no address and no source any more (inet_reset_saddr()).</summary>
    public void ResetAddress()
    {
        Address = Wildcard;
        SendFrom(Wildcard);
    }

    /// <summary>What the rules read of it as a member of a port.</summary>
    public HeldTraits TraitsNow => new(
        Family,
        Address,
        State == TcpSocketState.Listen ? HeldKind.Listening : HeldKind.Plain,
        DeviceIndex,
        Fact.Of(V6Only),
        Fact.Of(ReuseAddress),
        Fact.Of(ReusePort),
        CountsAsUser ?? UserId);

    public AskingSocket Asking(IpAddress address, ushort port, KernelRelease kernel) =>
        new(Protocol, address, port, V6Only, DeviceIndex, ReuseAddress, ReusePort, UserId, kernel);
}

internal static class SocketStates
{
    /// <param name="kernel">The release of Linux, of which some do not list what is only bound: then the port of its name counts, which may
    /// be gone.</param>
    public static string Of(SimulatedSocket socket, bool isOpen, KernelRelease kernel)
    {
        if (socket.Protocol == Protocol.Udp)
            return isOpen && socket.Port != 0 ? TcpStateNames.Of(socket.State, Protocol.Udp) : StepResult.Closed;
        if (socket.State != TcpSocketState.Close)
            return TcpStateNames.Of(socket.State, Protocol.Tcp);
        if (socket.Remains is { Bucket: not null } entry)
            return TcpStateNames.Of(entry.State, Protocol.Tcp);
        var port = kernel.Has(KernelChanges.BoundSocketsListed) ? socket.Port : socket.NamePort;
        return isOpen && port != 0 ? TcpStateNames.Of(TcpSocketState.Bound, Protocol.Tcp) : StepResult.Closed;
    }
}
