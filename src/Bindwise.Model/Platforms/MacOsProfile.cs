namespace Bindwise.Model.Platforms;

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
        Told =
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
        base.IsForMany(address) || address == new IpAddress(IpFamily.IPv4, 0xffffffff);

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
