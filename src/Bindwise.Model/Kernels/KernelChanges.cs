namespace Bindwise.Diagnostics;

/// <summary>Something of bind(), listen(), connect(), TIME_WAIT or sock_diag that a release of Linux changed.</summary>
internal sealed record KernelChange
{
    private readonly EquatableArray<KernelRelease> _backports;

    /// <summary>The release that brought it; null for what no release has and some kernels are built with.</summary>
    public required KernelRelease? Since { get; init; }
    public required string Sentence { get; init; }
    public required string Before { get; init; }

    /// <summary>The functions, and the subject of the commit.</summary>
    public required string Source { get; init; }

    /// <summary>Older releases whose stable releases took it over.</summary>
    public ImmutableArray<KernelRelease> Backports { get => _backports; init => _backports = value; }
}

/// <summary>Every change that the rule model knows, oldest first; the one table of it.</summary>
internal static class KernelChanges
{
    /// <summary>The sysctls of IPv6 are bytes.</summary>
    public static KernelChange ByteSysctls { get; } = new()
    {
        Since = new(5, 13),
        Sentence = "net.ipv6.bindv6only and net.ipv6.ip_nonlocal_bind take 0 to 255.",
        Before = "They took any number of 32 bits.",
        Source = "ipv6_table_template, net/ipv6/sysctl_net_ipv6.c; \"ipv6: convert elligible sysctls to u8\"",
    };

    /// <summary>bhash2: a specific address meets its own address and the wildcards, by exact comparison.</summary>
    public static KernelChange AddressTable { get; } = new()
    {
        Since = new(6, 1),
        Sentence = "A TCP socket with a specific address is compared with the sockets of exactly that address and of the wildcards.",
        Before = "It was compared with every socket of the port; an IPv6 connection of a dual-stack listener counted as 127.0.0.6 on IPv4.",
        Source = "inet_use_hash2_on_bind(), inet_csk_bind_conflict(), net/ipv4/inet_connection_sock.c; \"net: Add a bhash2 table hashed by "
            + "port and address\"",
    };

    /// <summary>IP_LOCAL_PORT_RANGE.</summary>
    public static KernelChange OwnPortRange { get; } = new()
    {
        Since = new(6, 3),
        Sentence = "A socket may have a range of its own for port 0 (IP_LOCAL_PORT_RANGE).",
        Before = "The option is unknown: ENOPROTOOPT.",
        Source = "inet_sk_get_local_port_range(), net/ipv4/inet_connection_sock.c; \"inet: Add IP_LOCAL_PORT_RANGE socket option\"",
        Backports = [new(6, 1)],
    };

    public static KernelChange BoundSocketsListed { get; } = new()
    {
        Since = new(6, 8),
        Sentence = "sock_diag lists TCP sockets that are bound and neither listen nor connect.",
        Before = "No list shows them: a taken port without a socket may be one of these.",
        Source = "inet_diag_dump_icsk(), net/ipv4/inet_diag.c; \"tcp: Dump bound-only sockets in inet_diag\"",
    };

    /// <summary>The port's quick answer for SO_REUSEADDR is gone, that for SO_REUSEPORT compares the address always.</summary>
    public static KernelChange OptionsReadAlways { get; } = new()
    {
        Since = new(6, 8),
        Sentence = "SO_REUSEADDR is read from every socket of the port at each bind().",
        Before = "A port whose sockets all had SO_REUSEADDR when they were bound lets the next such socket pass, even where the option was "
            + "cleared since; the first socket with SO_REUSEPORT lets the next one of its user pass at any address.",
        Source = "inet_csk_update_fastreuse(), sk_reuseport_match(), net/ipv4/inet_connection_sock.c; \"tcp: Check "
            + "hlist_empty(&tb->bhash2) instead of hlist_empty(&tb->owners)\"",
    };

    /// <summary>::ffff:0.0.0.0 meets ::ffff:127.0.0.1.</summary>
    public static KernelChange MappedWildcardMeetsMapped { get; } = new()
    {
        Since = new(6, 8),
        Sentence = "A bind of a v4-mapped address meets a socket on ::ffff:0.0.0.0.",
        Before = "Since 6.1 it did not, unless a socket on 0.0.0.0 had been there first: both could be bound at once.",
        Source = "inet_bind2_bucket_match_addr_any(), net/ipv4/inet_hashtables.c; \"tcp: Save address type in inet_bind2_bucket\"",
    };

    /// <summary>connect() takes the ports of a range of its own one by one.</summary>
    public static KernelChange OwnRangeOneByOne { get; } = new()
    {
        Since = new(6, 8),
        Sentence = "connect() tries each port of a range of the socket's own, the last one too.",
        Before = "It tried even offsets first and left out the last port of an odd number of ports.",
        Source = "__inet_hash_connect(), net/ipv4/inet_hashtables.c; \"tcp/dccp: change source port selection at connect() time\"",
    };

    /// <summary>A FIN_WAIT2 remnant is not reused by the port search of connect().</summary>
    public static KernelChange FinWait2Stays { get; } = new()
    {
        Since = new(6, 12),
        Sentence = "connect() without a port does not take over what is left of a connection in FIN_WAIT2.",
        Before = "It took it over like TIME_WAIT.",
        Source = "tcp_twsk_unique(), net/ipv4/tcp_ipv4.c; \"tcp: avoid reusing FIN_WAIT2 when trying to find port in connect() process\"",
        Backports = [new(6, 1), new(6, 6)],
    };

    public static KernelChange UdpFourTuples { get; } = new()
    {
        Since = new(6, 13),
        Sentence = "A datagram goes to the socket that is connected to its sender, the one connected last.",
        Before = "The sockets of the address were scored: a bound interface counts as much as being connected.",
        Source = "udp4_lib_lookup4(), net/ipv4/udp.c; \"net/udp: Add 4-tuple hash list basis\"",
    };

    /// <summary>A datagram that no address list knows a receiver for is looked for by its port.</summary>
    public static KernelChange UdpPortLookup { get; } = new()
    {
        Since = new(6, 14),
        Sentence = "A datagram for which no socket of its address is found goes to a socket of its port that receives there: an IPv6 "
            + "socket connected from a dual-stack one receives on 127.0.0.6.",
        Before = "No one got it.",
        Source = "udp4_lib_lookup1(), net/ipv4/udp.c; \"udp: Deal with race between UDP socket address change and rehash\"",
        Backports = [new(6, 12)],
    };

    /// <summary>net.ipv4.tcp_tw_reuse_delay.</summary>
    public static KernelChange TimeWaitReuseDelay { get; } = new()
    {
        Since = new(6, 14),
        Sentence = "net.ipv4.tcp_tw_reuse_delay says how old a TIME_WAIT is before connect() takes it over, 1,000 ms by default.",
        Before = "It is the next full second of the clock; there is no sysctl.",
        Source = "tcp_twsk_unique(), net/ipv4/tcp_ipv4.c; \"tcp: add sysctl_tcp_tw_reuse_delay\"",
    };

    /// <summary>A connection that no program has keeps its user.</summary>
    public static KernelChange UserStays { get; } = new()
    {
        Since = new(6, 17),
        Sentence = "A connection that nobody accepted yet, or whose program closed it, has the user of its listener or program: with "
            + "SO_REUSEPORT that user binds beside it.",
        Before = "It counted as root's.",
        Source = "sk_uid(), sock_i_uid(), inet_bind_conflict(), net/ipv4/inet_connection_sock.c; \"net: remove sock_i_uid()\"",
    };

    /// <summary>A port goes back to connect() once nothing that was bound is left.</summary>
    public static KernelChange PortsComeBack { get; } = new()
    {
        Since = new(6, 18),
        Sentence = "Once only connections are left whose ports connect() chose, connect() chooses the port again.",
        Before = "A port that bind() ever named stays out of connect()'s choice until its last socket and TIME_WAIT are gone.",
        Source = "inet_bind_bucket_destroy(), sk_is_connect_bind(), net/ipv4/inet_hashtables.c; \"tcp: Update bind bucket state on port "
            + "release\"",
    };

    /// <summary>A UDP wildcard looks at every socket of a crowded port.</summary>
    public static KernelChange UdpWildcardSeesAll { get; } = new()
    {
        Since = new(7, 0),
        Sentence = "A UDP socket that binds a wildcard is compared with every socket of the port.",
        Before = "With more than ten sockets in the port's hash slot it was compared with the wildcards alone.",
        Source = "udp_lib_get_port(), inet_use_hash2_on_bind(), net/ipv4/udp.c; \"udp: Fix wildcard bind conflict check when using hash2\"",
        Backports = [new(6, 1), new(6, 6), new(6, 12), new(6, 18)],
    };

    /// <summary>A socket that was in one of the kernel's two tables stays out of the other. A play tells (KernelHosts.Rules).</summary>
    public static KernelChange OneTablePerSocket { get; } = new()
    {
        Since = null,
        Sentence = "A TCP socket that ever sent a SYN or was accepted cannot listen, and one that ever listened cannot connect: EINVAL.",
        Before = "Once it is disconnected or its attempt has ended, a socket may do either.",
        Source = "inet_csk_listen_start(), net/ipv4/inet_connection_sock.c, after its port; __inet_hash_connect(), "
            + "net/ipv4/inet_hashtables.c, before its port; as played, the change itself was not seen",
    };

    public static ImmutableArray<KernelChange> All { get; } =
    [
        ByteSysctls, AddressTable, OwnPortRange, BoundSocketsListed, OptionsReadAlways, MappedWildcardMeetsMapped, OwnRangeOneByOne,
        FinWait2Stays,
        UdpFourTuples, UdpPortLookup, TimeWaitReuseDelay, UserStays, PortsComeBack, UdpWildcardSeesAll, OneTablePerSocket,
    ];
}
