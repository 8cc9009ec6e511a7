namespace Bindwise.Model.Auditing;

/// <summary>
/// Every rule of <c>bindwise audit</c>, once: what a program does with its sockets that makes a later bind() fail, or lets it fail unseen.
/// </summary>
internal static class AuditRuleBook
{
    public static readonly Rule OptionAfterBind = RuleBook.New("BWA001",
        "A socket option that bind() reads is set after bind(), which is too late.",
        "inet_csk_get_port(), net/ipv4/inet_connection_sock.c; do_ipv6_setsockopt(), net/ipv6/ipv6_sockglue.c");
    public static readonly Rule WithoutReuseAddress = RuleBook.New("BWA002",
        "A TCP socket listens on a fixed port without SO_REUSEADDR, so a TIME_WAIT blocks the next start.",
        "inet_bind_conflict(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule ReusePortWithoutNeed = RuleBook.New("BWA003",
        "A TCP socket listens with SO_REUSEPORT, and no other socket of the program shares its port.",
        "inet_bind_conflict(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule ClosesFirst = RuleBook.New("BWA004",
        "The server closes connections before its clients do, and so keeps their TIME_WAIT on its own port.",
        "tcp_fin(), net/ipv4/tcp_input.c; tcp_time_wait(), net/ipv4/tcp_minisocks.c");
    public static readonly Rule Inherited = RuleBook.New("BWA005",
        "A program that was started inherits a listening socket, which keeps the port for as long as that program runs.",
        "do_close_on_exec(), fs/file.c");
    public static readonly Rule WildcardForLoopback = RuleBook.New("BWA006",
        "A socket listens on every address, and all its connections came over loopback.",
        "inet_rcv_saddr_equal(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule InEphemeralRange = RuleBook.New("BWA007",
        "The port is in net.ipv4.ip_local_port_range, so any outgoing connection may take it before the server starts.",
        "__inet_hash_connect(), net/ipv4/inet_hashtables.c");
    public static readonly Rule BacklogCut = RuleBook.New("BWA008",
        "listen() asks for a longer backlog than net.core.somaxconn allows, and gets that.", "__sys_listen_socket(), net/socket.c");
    public static readonly Rule BacklogOverflow = RuleBook.New("BWA009",
        "The queue of connections that wait for accept() was full, and the kernel dropped connections.",
        "tcp_v4_syn_recv_sock(), net/ipv4/tcp_ipv4.c; tcp_check_req(), net/ipv4/tcp_minisocks.c");
    public static readonly Rule BoundBeforeConnect = RuleBook.New("BWA010",
        "A connection's source port is bound before connect(), so that all destinations share one range of ports.",
        "__inet_bind(), net/ipv4/af_inet.c; __inet_hash_connect(), net/ipv4/inet_hashtables.c");
    public static readonly Rule PortSearchedByBind = RuleBook.New("BWA011",
        "A free port is found by bind(), given back by close(), and bound again later; another program may have it by then.",
        "inet_csk_find_open_port(), net/ipv4/inet_connection_sock.c");
    public static readonly Rule V6OnlyByDefault = RuleBook.New("BWA012",
        "A socket is bound to [::] without IPV6_V6ONLY having been set, so that net.ipv6.bindv6only decides whether it takes IPv4.",
        "inet6_create(), net/ipv6/af_inet6.c");
    public static readonly Rule FileLeft =
        RuleBook.New("BWA013", "The file of a UNIX socket is still there after the program's end, and makes the next bind() fail.",
            "unix_bind_bsd(), net/unix/af_unix.c");
    public static readonly Rule ErrorIgnored = RuleBook.New("BWA014",
        "bind() or listen() failed, and the program goes on as if it had worked.",
        "inet_csk_listen_start(), net/ipv4/inet_connection_sock.c; inet_autobind(), net/ipv4/af_inet.c");

    public static ImmutableArray<Rule> All { get; } =
    [
        OptionAfterBind, WithoutReuseAddress, ReusePortWithoutNeed, ClosesFirst, Inherited, WildcardForLoopback, InEphemeralRange,
        BacklogCut, BacklogOverflow,
        BoundBeforeConnect, PortSearchedByBind, V6OnlyByDefault, FileLeft, ErrorIgnored,
    ];
}
