namespace Bindwise.Model.Platforms;

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
        Told =
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
