using Bindwise.Model.Rules;

namespace Bindwise.Diagnostics;

/// <summary>Every rule, once. Ids are never reused; a retired id stays reserved.</summary>
internal static class RuleBook
{
    private const string ConnectionSock = "net/ipv4/inet_connection_sock.c";
    private const string AfInet = "net/ipv4/af_inet.c";
    private const string AfInet6 = "net/ipv6/af_inet6.c";
    private const string Udp = "net/ipv4/udp.c";
    private const string AfUnix = "net/unix/af_unix.c";

    public static readonly Rule NothingInTheWay = New("BW001",
        "No socket holds an overlapping address on this port, so bind() and listen() succeed.",
        $"inet_csk_get_port(), {ConnectionSock}; udp_lib_get_port(), {Udp}");
    public static readonly Rule AddressesDisjoint = New("BW002",
        "Sockets on different specific addresses, or on IPv4 and IPv6-only, share a port freely.",
        "inet_rcv_saddr_equal(), " + ConnectionSock);
    public static readonly Rule DevicesDisjoint =
        New("BW003", "Sockets bound to different interfaces share a port freely; so do TCP sockets of different VRFs.",
            "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule HeldByListener = New("BW004",
        "A listening socket keeps its address and port to itself; SO_REUSEADDR does not change that.",
        "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule HeldExclusively = New("BW005",
        "Even a socket that does not listen keeps its port, unless both it and the new one set SO_REUSEADDR (or both SO_REUSEPORT).",
        "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule BothReuseAddress = New("BW006",
        "Two sockets may share a port when both set SO_REUSEADDR and the old one does not listen.",
        "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule ReusePortSameUser = New("BW007",
        "Sockets of the same user may share a port when both set SO_REUSEPORT, even if one listens.",
        "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule ReusePortTimeWait = New("BW008",
        "A TIME_WAIT socket and a new one may share the port when both set SO_REUSEPORT, even if different users created them.",
        "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule ReusePortOtherUser =
        New("BW009", "SO_REUSEPORT shares a port only between sockets of the same user.", "inet_bind_conflict(), " + ConnectionSock);
    public static readonly Rule ListenChecksAgain = New("BW010",
        "listen() checks for conflicts again: of two sockets that SO_REUSEADDR let share a port, only one may listen.",
        "inet_csk_listen_start(), " + ConnectionSock);
    public static readonly Rule ReusePortHistory = New("BW011",
        "A port remembers the last SO_REUSEPORT socket that bound or listened on it; the same user's next one, if that address covers it, "
            + "is let in without a check of the others.", "sk_reuseport_match(), " + ConnectionSock);
    public static readonly Rule BoundAlready = New("BW012",
        "A socket can be bound only once: bind() fails on one that has a port, is connecting, is connected or listens.",
        "__inet_bind(), " + AfInet);
    public static readonly Rule ListenNeedsUnconnected = New("BW013",
        "listen() needs a socket that is not connected; after a connection, only connect() with AF_UNSPEC lets it listen again.",
        "__inet_listen_sk(), " + AfInet);
    public static readonly Rule ListensAlready =
        New("BW014", "listen() on a listener changes its backlog and checks nothing else.", "__inet_listen_sk(), " + AfInet);
    public static readonly Rule ListenNeedsStream = New("BW015", "Only stream sockets listen.", "sock_no_listen(), net/core/sock.c");
    public static readonly Rule ReuseAddressHistory = New("BW016",
        "Before Linux 6.8 a port remembers that each socket that bound it had SO_REUSEADDR and none listened; the next one with "
            + "SO_REUSEADDR is let in without a check of the others.",
            "inet_csk_get_port(), inet_csk_update_fastreuse(), " + ConnectionSock);
    public static readonly Rule UdpBothReuseAddress = New("BW020",
        "UDP sockets that all set SO_REUSEADDR may share a port, even if different users created them; "
            + "the newest gets each unicast datagram, all get the others.",
        "udp_lib_lport_inuse(), " + Udp);
    public static readonly Rule UdpReusePortSameUser = New("BW021",
        "UDP sockets that all set SO_REUSEPORT and belong to the same user may share a port.", "udp_lib_lport_inuse(), " + Udp);
    public static readonly Rule UdpHeld =
        New("BW022", "A UDP socket keeps its address and port unless it and the new one both set SO_REUSEADDR, or both SO_REUSEPORT as the "
            + "same user.", "udp_lib_lport_inuse(), " + Udp);
    public static readonly Rule UdpCrowdedSlot = New("BW023",
        "With more than ten UDP sockets in the port's hash slot, a specific address is checked against the sockets on the same address and "
            + "against those on the wildcards, separately; both groups must allow it.", "udp_lib_get_port(), " + Udp);
    public static readonly Rule PrivilegedPort = New("BW030",
        "A port below net.ipv4.ip_unprivileged_port_start needs CAP_NET_BIND_SERVICE in the user namespace that owns the network "
            + "namespace.", "__inet_bind(), " + AfInet);
    public static readonly Rule AddressNotLocal = New("BW031",
        "bind() takes only an address that this host has, unless IP_FREEBIND, IP_TRANSPARENT or net.ipv4.ip_nonlocal_bind allows another.",
        "inet_addr_valid_or_nonlocal(), include/net/inet_sock.h");
    public static readonly Rule AddressNotLocalIPv6 = New("BW032",
        "An IPv6 address must be on an interface (a link-local one, and ::1, on the interface asked for) and must have passed duplicate "
            + "address detection.", "__inet6_bind(), " + AfInet6);
    public static readonly Rule LinkLocalNeedsScope = New("BW033",
        "A link-local IPv6 address means nothing without its interface: sin6_scope_id, or a socket bound to a device.",
        "__inet6_bind(), " + AfInet6);
    public static readonly Rule MappedOnV6Only =
        New("BW034", "A socket with IPV6_V6ONLY cannot be bound to a v4-mapped address.", "__inet6_bind(), " + AfInet6);
    public static readonly Rule MulticastOnTcpIPv6 =
        New("BW035", "A TCP socket cannot be bound to an IPv6 multicast address.", "__inet6_bind(), " + AfInet6);
    public static readonly Rule NoSuchDevice = New("BW036", "The interface asked for does not exist in this network namespace.",
        "__inet6_bind(), " + AfInet6 + "; sock_bindtoindex(), net/core/sock.c");
    public static readonly Rule FamilyNotSupported =
        New("BW037", "A socket cannot be opened if the kernel lacks its address family.", "__sock_create(), net/socket.c");
    public static readonly Rule WrongFamily =
        New("BW038", "An IPv6 socket takes only sockaddr_in6 and an IPv4 socket only sockaddr_in; the wrong one gives EINVAL on IPv6 and "
            + "EAFNOSUPPORT on IPv4.", "__inet_bind(), " + AfInet + "; inet6_bind_sk(), " + AfInet6);
    public static readonly Rule ForeignAddressTaken = New("BW039",
        "IP_FREEBIND, IP_TRANSPARENT or ip_nonlocal_bind (IPv4 and IPv6 have one each) lets bind() take an address that this host does not "
            + "have.", "inet_can_nonlocal_bind(), include/net/inet_sock.h; ipv6_can_nonlocal_bind(), include/net/ipv6.h");
    public static readonly Rule EphemeralPortFree = New("BW040",
        "For port 0 the kernel picks a port of net.ipv4.ip_local_port_range on which no socket conflicts.",
        "inet_csk_find_open_port(), " + ConnectionSock);
    public static readonly Rule EphemeralPortsExhausted = New("BW041",
        "When every port of net.ipv4.ip_local_port_range conflicts, bind() to port 0 fails.",
        "inet_csk_find_open_port(), " + ConnectionSock);
    public static readonly Rule AutobindReuse = New("BW042",
        "With net.ipv4.ip_autobind_reuse, a second search for port 0 lets two SO_REUSEADDR sockets share a port, unless both set "
            + "SO_REUSEPORT as the same user.", "inet_csk_find_open_port(), " + ConnectionSock);
    public static readonly Rule AddressWithoutPort = New("BW043",
        "With IP_BIND_ADDRESS_NO_PORT, bind() to port 0 takes only the address: nothing can conflict, and connect() picks the port later.",
        "__inet_bind(), " + AfInet);
    public static readonly Rule UdpPortsExhausted = New("BW044",
        "A UDP socket without a port gets one at connect() or send(); if none is free, that call fails with EAGAIN.",
        "inet_autobind(), " + AfInet);
    public static readonly Rule UnixPathFree =
        New("BW050", "bind() to a UNIX path creates the file, so nothing may exist there yet.", "unix_bind_bsd(), " + AfUnix);
    public static readonly Rule UnixPathExists = New("BW051",
        "bind() to a UNIX path fails if anything exists there, even a socket file left by a dead server.", "unix_bind_bsd(), " + AfUnix);
    public static readonly Rule UnixAbstractName = New("BW052",
        "An abstract UNIX name belongs to one socket in the network namespace until that socket is closed.",
        "unix_bind_abstract(), " + AfUnix);
    public static readonly Rule UnixPathUnreachable =
        New("BW053", "bind() to a UNIX path needs an existing folder that the user may write to.", "start_creating_path(), fs/namei.c");
    public static readonly Rule DeniedByPolicy = New("BW060",
        "A policy outside the socket table (cgroup BPF, SELinux, AppArmor, seccomp) may refuse a bind() that the rules allow.",
        "security_socket_bind(), net/socket.c; BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(), include/linux/bpf-cgroup.h");

    /// <summary>Every rule, those of connections included, by id.</summary>
    public static ImmutableArray<Rule> All { get; } =
    [
        NothingInTheWay, AddressesDisjoint, DevicesDisjoint, HeldByListener, HeldExclusively, BothReuseAddress, ReusePortSameUser,
        ReusePortTimeWait, ReusePortOtherUser, ListenChecksAgain, ReusePortHistory, BoundAlready, ListenNeedsUnconnected, ListensAlready,
        ListenNeedsStream, ReuseAddressHistory, UdpBothReuseAddress, UdpReusePortSameUser, UdpHeld, UdpCrowdedSlot, PrivilegedPort,
        AddressNotLocal,
        AddressNotLocalIPv6, LinkLocalNeedsScope, MappedOnV6Only, MulticastOnTcpIPv6, NoSuchDevice, FamilyNotSupported, WrongFamily,
        ForeignAddressTaken, EphemeralPortFree, EphemeralPortsExhausted, AutobindReuse, AddressWithoutPort, UdpPortsExhausted,
        UnixPathFree, UnixPathExists, UnixAbstractName, UnixPathUnreachable, DeniedByPolicy,
        .. ConnectionRuleBook.All,
    ];

    /// <summary>
    /// The rules that random scenarios reach: a large run that never hits one of them has a gap. A SYN that nobody answers takes too long
    /// for them.
    /// </summary>
    public static ImmutableArray<Rule> InScenarios { get; } =
        [.. All.Except([ReuseAddressHistory, FamilyNotSupported, UnixPathFree, UnixPathExists, UnixAbstractName, UnixPathUnreachable,
            DeniedByPolicy, ConnectionRuleBook.NoAnswer])];

    internal static Rule New(string id, string sentence, string source) => new()
    {
        Id = new RuleId(id),
        Sentence = sentence,
        Source = source,
    };
}

/// <summary>A rule's stable name, as <c>BW004</c>: shown, documented (docs/rules/) and never used twice.</summary>
public readonly record struct RuleId
{
    /// <summary>An id.</summary>
    /// <param name="value">The letters and digits.</param>
    public RuleId(string value) => Value = value;

    /// <summary>The letters and digits.</summary>
    public string Value { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
