namespace Bindwise.Model.Platforms;

/// <summary>FreeBSD, as its main branch has it since 14.0.</summary>
internal sealed class FreeBsdProfile : BsdProfile
{
    private const string Pcb = "in_pcb.c, in6_pcb.c, FreeBSD main (5BSD/5BSD 392999ca)";
    private const string UserRequests = "tcp_usrreq.c, FreeBSD main (5BSD/5BSD 392999ca)";

    public override string Id => "freebsd";
    public override string Name => "FreeBSD";
    public override string Release => "14.0 and later";
    public override bool HasReusePortBalanced => true;

    private protected override BsdRules Book { get; } =
        new("FBSD", Pcb, "; on TCP one with a peer passes", ("tcp_usr_listen(), " + UserRequests, Confidence.SourceRead))
        {
            Families = new(
            "FBSD-DUAL",
            "A new dual-stack :: never meets 0.0.0.0, but a new 0.0.0.0 meets a dual-stack :: that is there, so the order decides; IPv4 "
                + "and an IPv6-only socket never meet, and a v4-mapped address is one of IPv4.",
            Pcb + "; tcp6_usr_bind()",
            Confidence.SourceRead),
            Undocumented = new(
            "FBSD-MAPPED", "The sources do not say what ::ffff:0.0.0.0, or a v4-mapped address on an IPv6-only socket, gives.",
            "other systems were read, not this path", Confidence.Unknown),
            Reserved = new(
            "FBSD-PORT", "Ports of net.inet.ip.portrange.reservedlow to reservedhigh (0 to 1023 from memory) need a privilege, before "
                + "other sockets are looked at.", Pcb, Confidence.SourceRead),
            Stream = new(
            "FBSD-MCAST", "TCP does not bind a multicast address: EAFNOSUPPORT, before all else.", "tcp_usr_bind(), " + UserRequests,
            Confidence.SourceRead),
        };

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        LocalTimeWait = (TimeSpan.Zero, TimeSpan.FromMilliseconds(20)),
        Ephemeral = new PortRange(10000, 65535),
        V6OnlyDefault = true,
        TakenFourTuple = "EADDRINUSE",
        PortsExhausted = "EADDRNOTAVAIL",
        Told =
        [
            ("TIME_WAIT", new("2 x net.inet.tcp.msl (30 s) = 60 s.", "tcp_timewait.c, 15-current (fel1x-developer 2d614aa2)",
                Confidence.SourceRead)),
            ("TIME_WAIT within one host", new(
                "None since 14.0 (net.inet.tcp.nolocaltimewait = 1); for IPv6 the test took in peers on the LAN until 2025 (D50830). A "
                    + "loopback test proves nothing.",
                "14.0 release notes, 92b3e07229ba", Confidence.VendorDocument)),
            ("TIME_WAIT within one host, newest",
                new("About 20 ms (net.inet.tcp.msl_local = 10 ms).", "review of the change", Confidence.Issue)),
            ("Automatic ports",
                new("10000 to 65535. Rule BSD-C holds in the search: with SO_REUSEADDR bind(0) may give a port that others use at another "
                    + "address or with a peer.", Pcb, Confidence.SourceRead)),
            ("IPV6_V6ONLY", new("On by default (net.inet6.ip6.v6only).", "ip6(4)", Confidence.Memory)),
            ("Privileged ports", new("net.inet.ip.portrange.reservedlow to reservedhigh, 0 to 1023: EACCES.", Pcb, Confidence.SourceRead)),
            ("Order of errors", new("EINVAL (bound), EADDRNOTAVAIL, EACCES, rule A, then B or C.", Pcb, Confidence.SourceRead)),
            ("connect() to a taken four-tuple", new("EADDRINUSE, TIME_WAIT included.", "in_pcbconnect(), " + Pcb, Confidence.SourceRead)),
            ("No port left", new("EADDRNOTAVAIL.", "in_pcb_lport_dest(), " + Pcb, Confidence.SourceRead)),
            ("SO_REUSEPORT_LB", new("Shares like SO_REUSEPORT, and balances; the two do not combine.", Pcb, Confidence.SourceRead)),
        ],
    };

    private protected override bool IsExempt(PlatformSocket want, PlatformHeld held) => want.Protocol == Protocol.Tcp && held.HasPeer;

    private protected override BsdLookup Sees(PlatformSocket want, PlatformHeld held) => DualStackSight(want, held);
}
