namespace Bindwise.Model.Rules;

/// <summary>
/// The rules of connections, once each: connect(), accept(), data, the close orders, timers, options. Ids go on from <see
/// cref="RuleBook"/>.
/// </summary>
internal static class ConnectionRuleBook
{
    public static readonly Rule ConnectionMade = RuleBook.New("BW061",
        "connect() succeeds if a socket listens on the address, or on a wildcard that covers it: the handshake needs no accept().",
        "tcp_v4_connect(), net/ipv4/tcp_ipv4.c");
    public static readonly Rule NobodyListens = RuleBook.New("BW062",
        "connect() to a port on which nothing listens is refused; a blocking connect() leaves the socket bound as it was.",
        "tcp_reset(), net/ipv4/tcp_input.c");
    public static readonly Rule FourTupleTaken = RuleBook.New("BW063",
        "connect() from a bound port checks only the four-tuple: if that is taken, it gives EADDRNOTAVAIL, never EADDRINUSE.",
        "__inet_check_established(), net/ipv4/inet_hashtables.c");
    public static readonly Rule FourTupleReused = RuleBook.New("BW064",
        "connect() from the same port takes over a four-tuple in TIME_WAIT at once if it used timestamps, whatever net.ipv4.tcp_tw_reuse "
            + "says.", "tcp_twsk_unique(), net/ipv4/tcp_ipv4.c");
    public static readonly Rule ConnectPortsExhausted = RuleBook.New("BW065",
        "connect() on a socket without a port finds no port when every port in the range is held by a bind() or has the same four-tuple.",
        "__inet_hash_connect(), net/ipv4/inet_hashtables.c");
    public static readonly Rule TimeWaitPortReused = RuleBook.New("BW066",
        "connect() on a socket without a port may reuse a port whose four-tuple is in TIME_WAIT: it takes timestamps and "
            + "net.ipv4.tcp_tw_reuse (2: loopback only), and waits for net.ipv4.tcp_tw_reuse_delay.",
            "tcp_twsk_unique(), net/ipv4/tcp_ipv4.c");
    public static readonly Rule ConnectedAlready = RuleBook.New("BW067",
        "connect() on a socket that is connected, was connected, or listens gives EISCONN.", "__inet_stream_connect(), net/ipv4/af_inet.c");
    public static readonly Rule NoRoute = RuleBook.New("BW068",
        "connect() and send() need a route from the bound address to the peer's; an IPv6-only socket has none to a v4-mapped address.",
        "tcp_v4_connect(), net/ipv4/tcp_ipv4.c; tcp_v6_connect(), net/ipv6/tcp_ipv6.c");
    public static readonly Rule ConnectWrongFamily = RuleBook.New("BW069",
        "connect() refuses an address of another family, and a native IPv6 address on a socket bound to a v4-mapped one; an IPv6 UDP "
            + "socket does take an IPv4 address.",
            "tcp_v4_connect(), net/ipv4/tcp_ipv4.c; tcp_v6_connect(), net/ipv6/tcp_ipv6.c; __ip6_datagram_connect(), net/ipv6/datagram.c");
    public static readonly Rule UdpConnected = RuleBook.New("BW070",
        "connect() on a UDP socket sends nothing: it sets the peer, narrows a wildcard to the source address, and picks a port if there is "
            + "none.", "__ip4_datagram_connect(), net/ipv4/datagram.c");
    public static readonly Rule SynOverTimeWait = RuleBook.New("BW071",
        "A SYN for a four-tuple in TIME_WAIT is accepted if a socket listens: the new connection replaces the entry.",
        "tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c");
    public static readonly Rule Dissolved = RuleBook.New("BW072",
        "connect() with AF_UNSPEC dissolves the association: a wildcard is a wildcard again, a picked port is given back, an explicit one "
            + "is kept.", "tcp_disconnect(), net/ipv4/tcp.c; __udp_disconnect(), net/ipv4/udp.c");
    public static readonly Rule Accepted = RuleBook.New("BW073",
        "accept() takes the oldest connection whose handshake is complete; it holds the listener's port, with the options the listener had "
            + "at the handshake.", "inet_csk_accept(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule NothingToAccept =
        RuleBook.New("BW074", "accept() waits until a connection is complete.", "inet_csk_accept(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule AcceptNeedsListener = RuleBook.New("BW075",
        "accept() needs a listening socket: otherwise it gives EINVAL, or EOPNOTSUPP for datagrams.",
        "inet_csk_accept(), net/ipv4/inet_connection_sock.c; sock_no_accept(), net/core/sock.c");
    public static readonly Rule NotConnected = RuleBook.New("BW076",
        "Without a peer, send(), receive and shutdown() fail; UDP can still receive, and send to an address that it is given.",
        "tcp_sendmsg_locked(), net/ipv4/tcp.c; udp_sendmsg(), net/ipv4/udp.c; inet_shutdown(), net/ipv4/af_inet.c");
    public static readonly Rule SendingEnded = RuleBook.New("BW077",
        "After shutdown() for writing, or once the connection is gone, send() gives EPIPE.", "sk_stream_wait_connect(), net/core/stream.c");
    public static readonly Rule PeerReset = RuleBook.New("BW078",
        "A RST ends the connection: the next send() or receive gives ECONNRESET, once; if the peer had already closed, send() gives EPIPE.",
        "tcp_reset(), net/ipv4/tcp_input.c");
    public static readonly Rule NothingToReceive =
        RuleBook.New("BW079", "A receive waits until data arrives.", "tcp_recvmsg_locked(), net/ipv4/tcp.c");
    public static readonly Rule UdpNobodyReceives = RuleBook.New("BW080",
        "A datagram to a port that no socket holds comes back as an ICMP error: the next send() or receive on a connected UDP socket gives "
            + "ECONNREFUSED, once.", "__udp4_lib_err(), net/ipv4/udp.c");
    public static readonly Rule FirstCloserWaits = RuleBook.New("BW081",
        "The side that closes first ends in TIME_WAIT, for 60 s after the other side has closed too; the side that closes second leaves "
            + "nothing behind.", "tcp_time_wait(), net/ipv4/tcp_minisocks.c");
    public static readonly Rule HalfClosed = RuleBook.New("BW083",
        "After the first FIN the connection is half closed: this side is in FIN_WAIT2, which lasts net.ipv4.tcp_fin_timeout once no "
            + "process holds the socket.", "tcp_fin_time(), include/net/tcp.h");
    public static readonly Rule UnreadDataResets = RuleBook.New("BW084",
        "close() with unread data sends a RST: no TIME_WAIT, and the peer gets ECONNRESET.", "__tcp_close(), net/ipv4/tcp.c");
    public static readonly Rule AbortResets = RuleBook.New("BW085",
        "SO_LINGER with 0 seconds makes close() send a RST: no TIME_WAIT on either side.", "tcp_disconnect(), net/ipv4/tcp.c");
    public static readonly Rule ListenerCloseResets = RuleBook.New("BW086",
        "Closing a listener resets the connections not accepted yet; accepted ones stay.",
        "inet_csk_listen_stop(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule ListenerShutDown = RuleBook.New("BW087",
        "shutdown() for reading ends listening: an explicit port stays held, a picked one is given back.",
        "tcp_disconnect(), net/ipv4/tcp.c");
    public static readonly Rule DataAfterClose = RuleBook.New("BW088",
        "Data for a side that has closed both directions, by close() or shutdown(), is answered with a RST, which also ends its FIN_WAIT2.",
        "tcp_rcv_state_process(), net/ipv4/tcp_input.c; tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c");
    public static readonly Rule TooManyTimeWait = RuleBook.New("BW089",
        "At net.ipv4.tcp_max_tw_buckets the kernel makes no more TIME_WAIT entries: it drops the connection at once.",
        "inet_twsk_alloc(), net/ipv4/inet_timewait_sock.c");
    public static readonly Rule TimePassed = RuleBook.New("BW090",
        "TIME_WAIT ends after 60 s, rounded up by the timer wheel; FIN_WAIT2 without an owner ends after net.ipv4.tcp_fin_timeout.",
        "__inet_twsk_schedule(), net/ipv4/inet_timewait_sock.c");
    public static readonly Rule V6OnlyIsFixed = RuleBook.New("BW091", "IPV6_V6ONLY can be changed only while the socket has no port.",
        "do_ipv6_setsockopt(), net/ipv6/ipv6_sockglue.c");
    public static readonly Rule OptionRefused = RuleBook.New("BW092",
        "An option of another family or protocol, a device that does not exist, a value out of range or a missing privilege is refused.",
        "sk_setsockopt(), net/core/sock.c; do_ip_setsockopt(), net/ipv4/ip_sockglue.c");
    public static readonly Rule SysctlRefused = RuleBook.New("BW093",
        "A sysctl takes only values within its range; ip_local_port_range takes none below ip_unprivileged_port_start.",
        "proc_dointvec_minmax(), kernel/sysctl.c; ipv4_local_port_range() and ipv4_privileged_ports(), net/ipv4/sysctl_net_ipv4.c");
    public static readonly Rule NoAnswer = RuleBook.New("BW094",
        "An unanswered connect() lasts as long as SO_SNDTIMEO allows, then gives EINPROGRESS; the SYN is still under way, so the next "
            + "connect() gives EALREADY. A neighbour that does not exist gives EHOSTUNREACH.",
            "__inet_stream_connect(), net/ipv4/af_inet.c; arp_error_report(), net/ipv4/arp.c");

    public static ImmutableArray<Rule> All { get; } =
    [
        ConnectionMade, NobodyListens, FourTupleTaken, FourTupleReused, ConnectPortsExhausted, TimeWaitPortReused, ConnectedAlready,
        NoRoute, ConnectWrongFamily, UdpConnected, SynOverTimeWait, Dissolved, Accepted, NothingToAccept, AcceptNeedsListener,
        NotConnected, SendingEnded, PeerReset, NothingToReceive, UdpNobodyReceives, FirstCloserWaits, HalfClosed,
        UnreadDataResets, AbortResets, ListenerCloseResets, ListenerShutDown, DataAfterClose, TooManyTimeWait, TimePassed,
        V6OnlyIsFixed, OptionRefused, SysctlRefused, NoAnswer,
    ];
}
