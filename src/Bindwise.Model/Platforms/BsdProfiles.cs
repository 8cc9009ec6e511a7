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
        Listed =
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

/// <summary>NetBSD: a new socket of IPv6 looks at IPv6 alone, one of IPv4 also at sockets of IPv6 under its mapped address.</summary>
internal sealed class NetBsdProfile : BsdProfile
{
    private const string Pcb = "in_pcb.c, NetBSD (riastradh b9c00efb), in6_pcb.c (ozaki-r, older)";

    public override string Id => "netbsd";
    public override string Name => "NetBSD";
    public override string Release => "b9c00efb";

    private protected override BsdRules Book { get; } =
        new("NBSD", Pcb, "; two wildcards of which the other has SO_REUSEPORT pass", ("from memory", Confidence.Memory))
        {
            Families = new(
            "NBSD-FAMILY", "A new socket of IPv6 looks at IPv6 alone; one of IPv4 looks also at sockets of IPv6 under its mapped address, "
                + "before the others.", Pcb, Confidence.SourceRead),
            Undocumented = new(
            "NBSD-DUAL", "The sources do not say what :: does to a new IPv4 socket, or what a new v4-mapped address conflicts with.",
            "no source that we read says", Confidence.Unknown),
            Reserved = new("NBSD-PORT", "Below 1024 needs root, before other sockets are looked at.", Pcb, Confidence.SourceRead),
        };

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(49152, 65535),
        V6OnlyDefault = true,
        TakenFourTuple = "EADDRINUSE",
        PortsExhausted = "EAGAIN",
        Listed =
        [
            ("TIME_WAIT", new("60 s; with vtw, which is off, TIME_WAIT is a record that needs SO_REUSEPORT on both.", "from memory",
                Confidence.Memory)),
            ("Automatic ports", new("49152 to 65535.", "from memory", Confidence.Memory)),
            ("IPV6_V6ONLY", new("On by default.", "inet6(4)", Confidence.VendorDocument)),
            ("Privileged ports", new("Below 1024: EACCES.", Pcb, Confidence.SourceRead)),
            ("Order of errors",
                new("EADDRNOTAVAIL, EACCES, in use (on IPv4: the mapped address, rule A, then B or C).", Pcb, Confidence.SourceRead)),
            ("connect() to a taken four-tuple", new("EADDRINUSE, TIME_WAIT included.", Pcb, Confidence.SourceRead)),
            ("No port left", new("EAGAIN.", "in_pcb.c, older", Confidence.SourceRead)),
        ],
    };

    private protected override bool IsExempt(PlatformSocket want, PlatformHeld held) =>
        want.IsWildcard && held.Socket.IsWildcard && held.Socket.ReusePort;

    private protected override BsdLookup Sees(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (want.Address.IsMapped)
            return BsdLookup.Undocumented;
        if (want.Address.Family == IpFamily.IPv6)
            return other.Address.IsMapped ? BsdLookup.Undocumented
                : other.Address.Family == IpFamily.IPv6 ? BsdLookup.Same : BsdLookup.Never;
        if (other.Address.Family == IpFamily.IPv4)
            return BsdLookup.Same;
        return other.Address.IsMapped ? other.IsWildcard ? BsdLookup.Undocumented : BsdLookup.Same
            : other.IsDual ? BsdLookup.Undocumented : BsdLookup.Never;
    }
}

/// <summary>OpenBSD: nobody passes rule A, the families never meet, and a taken port is told before a privileged one.</summary>
internal sealed class OpenBsdProfile : BsdProfile
{
    private const string Pcb = "in_pcb.c, OpenBSD 2025 (1.154 of 2014)";

    public override string Id => "openbsd";
    public override string Name => "OpenBSD";
    public override string Release => "2025";

    private protected override BsdRules Book { get; } =
        new("OBSD", Pcb, " (the effective user is compared, and no other user passes)", ("from memory", Confidence.Memory))
        {
            Families = new(
            "OBSD-FAMILY", "IPv4 and IPv6 sockets never conflict: there is no dual stack.",
            "in_pcblookup(), in_pcb.c 1.154; from memory for today", Confidence.Memory),
            Undocumented = new(
            "OBSD-MAPPED", "The sources do not say what a v4-mapped address gives where IPV6_V6ONLY is always on.",
            "no source that we read says", Confidence.Unknown),
            Reserved = new(
            "OBSD-PORT", "Below 1024, and some ports above, need root; the other sockets are looked at first.", Pcb, Confidence.SourceRead),
        };

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(1024, 49151),
        V6OnlyDefault = true,
        TakenFourTuple = "EADDRINUSE",
        PortsExhausted = "EADDRNOTAVAIL",
        Listed =
        [
            ("TIME_WAIT", new("60 s.", "from memory", Confidence.Memory)),
            ("Automatic ports", new("1024 to 49151. Rule BSD-C holds in the search.", Pcb + "; the range from memory", Confidence.Memory)),
            ("IPV6_V6ONLY", new("Always on.", "from memory", Confidence.Memory)),
            ("Privileged ports", new("Below 1024, and a list of some above: EACCES.", Pcb, Confidence.SourceRead)),
            ("Order of errors",
                new("EINVAL (bound), EADDRNOTAVAIL, in use, then EACCES; in 2014 EACCES came before in use.", Pcb, Confidence.SourceRead)),
            ("connect() to a taken four-tuple", new("EADDRINUSE, TIME_WAIT included.", Pcb, Confidence.SourceRead)),
            ("No port left", new("EADDRNOTAVAIL.", Pcb, Confidence.SourceRead)),
        ],
    };

    public override PlatformRule? FindUnsupported(PlatformSocket socket) =>
        base.FindUnsupported(socket) ?? (socket.IsDual ? Book.Families : null);

    private protected override IEnumerable<PlatformRuling?> Order(PlatformQuestion question)
    {
        yield return Bound(question);
        yield return Foreign(question);
        yield return InTheWay(question.Want, question.Held);
        yield return Privilege(question.Want, question.Port);
    }

    private protected override bool IsExempt(PlatformSocket want, PlatformHeld held) => false;

    private protected override BsdLookup Sees(PlatformSocket want, PlatformHeld held) =>
        want.Address.IsMapped || held.Socket.Address.IsMapped ? BsdLookup.Undocumented
        : want.Address.Family == held.Socket.Address.Family ? BsdLookup.Same : BsdLookup.Never;
}

/// <summary>macOS (XNU). Other Apple systems differ in privileged ports alone: they check none.</summary>
internal sealed class MacOsProfile : BsdProfile
{
    private const string Pcb = "in_pcb.c, in6_pcb.c, XNU 11417.101.15";
    private const string UserRequests = "tcp_usrreq.c, XNU 11417.101.15";

    public override string Id => "macos";
    public override string Name => "macOS";
    public override string Release => "XNU 11417.101.15";

    private protected override BsdRules Book { get; } = new("XNU", Pcb,
        "; on IPv4 two wildcards pass, on IPv6 two :: of which the other has SO_REUSEPORT, and a new dual-stack :: passes by 0.0.0.0 and "
            + "by IPv4 sockets with SO_REUSEPORT", (UserRequests, Confidence.SourceRead))
    {
        Families = new(
            "XNU-DUAL",
            "A new dual-stack :: never meets 0.0.0.0, but a new 0.0.0.0 meets a dual-stack :: that is there, so the order decides; IPv4 "
                + "and an IPv6-only socket never meet, and a v4-mapped address is one of IPv4.",
            Pcb + "; tcp6_usr_bind()",
            Confidence.SourceRead),
        Undocumented = new(
            "XNU-MAPPED", "The sources do not say what ::ffff:0.0.0.0, or a v4-mapped address on an IPv6-only socket, gives.",
            "other systems were read, not this path", Confidence.Unknown),
        Reserved = new(
            "XNU-PORT", "Below 1024 only a specific address needs root: 0.0.0.0:80 and [::]:80 are open to all.", Pcb,
            Confidence.SourceRead),
        Stream = new(
            "XNU-MCAST", "TCP does not bind a multicast or broadcast address: EAFNOSUPPORT, before all else.", UserRequests,
            Confidence.SourceRead),
    };

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(30),
        Ephemeral = new PortRange(49152, 65535),
        V6OnlyDefault = false,
        TakenFourTuple = "EADDRINUSE",
        PortsExhausted = "EADDRNOTAVAIL",
        Listed =
        [
            ("TIME_WAIT", new("2 x net.inet.tcp.msl (15 s) = 30 s; the private TCP_NOTIMEWAIT skips it.", "tcp_timer.h, XNU 11417.101.15",
                Confidence.SourceRead)),
            ("Automatic ports",
                new("49152 to 65535. The search is strict: no option shares. UDP binds get EADDRNOTAVAIL when fewer than 4,096 UDP ports "
                    + "are left.", Pcb, Confidence.SourceRead)),
            ("IPV6_V6ONLY", new("Off by default.", Pcb, Confidence.SourceRead)),
            ("Privileged ports",
                new("Below 1024, and only at a specific address: EACCES. Other Apple systems check none.", Pcb, Confidence.SourceRead)),
            ("Order of errors", new(
                "TCP multicast or broadcast EAFNOSUPPORT, EINVAL (bound), EADDRNOTAVAIL, EACCES, a port that Apple restricts EADDRINUSE, "
                    + "rule A, B or C, and last a port held by a user-space flow EADDRINUSE.",
                Pcb + ", netns.c", Confidence.SourceRead)),
            ("connect() to a taken four-tuple", new("EADDRINUSE, TIME_WAIT included.", Pcb, Confidence.SourceRead)),
            ("No port left", new("EADDRNOTAVAIL.", Pcb, Confidence.SourceRead)),
        ],
    };

    private protected override bool IsForMany(IpAddress address) =>
        base.IsForMany(address) || address.IsBroadcast;

    private protected override bool IsReserved(PlatformSocket want, ushort port) => base.IsReserved(want, port) && !want.IsWildcard;

    private protected override bool IsExempt(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (want.IsIPv4)
            return want.IsWildcard && other.IsWildcard;
        return other.IsIPv4 ? other.IsWildcard || other.ReusePort : want.IsWildcard && other.IsWildcard && other.ReusePort;
    }

    private protected override BsdLookup Sees(PlatformSocket want, PlatformHeld held) => DualStackSight(want, held);
}
