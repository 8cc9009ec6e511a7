using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Platforms;

/// <summary>NetBSD: a new socket of IPv6 looks at IPv6 alone, one of IPv4 also at sockets of IPv6 under its mapped address.</summary>
public sealed class NetBsdProfile : BsdProfile
{
    private const string Pcb = "in_pcb.c, NetBSD (riastradh b9c00efb), in6_pcb.c (ozaki-r, older)";

    private static readonly PlatformRule Families = new(
        "NBSD-FAMILY", "A new socket of IPv6 looks at IPv6 alone; one of IPv4 looks also at sockets of IPv6 under its mapped address, before the others.", Pcb, Confidence.SourceRead);

    private static readonly PlatformRule FamiliesOpen = new(
        "NBSD-DUAL", "The sources do not say what :: does to a new IPv4 socket, or what a new v4-mapped address conflicts with.", "no source that we read says", Confidence.Unknown);

    private static readonly PlatformRule Reserved = new("NBSD-PORT", "Below 1024 needs root, before other sockets are looked at.", Pcb, Confidence.SourceRead);

    private static readonly PlatformRule Listens = new("NBSD-LISTEN", "listen() looks for no conflicts again.", "from memory", Confidence.Memory);

    private static readonly PlatformRule NoOption = new(
        "NBSD-OPT", "This is a Linux option; no source that we read says what this system has instead.", "setsockopt(2)", Confidence.Unknown);

    /// <inheritdoc/>
    public override string Id => "netbsd";

    /// <inheritdoc/>
    public override string Name => "NetBSD";

    /// <inheritdoc/>
    public override string Release => "b9c00efb";

    /// <inheritdoc/>
    private protected override BsdRules Book { get; } = new(Pcb, "; two wildcards of which the other has SO_REUSEPORT pass");

    /// <inheritdoc/>
    public override ImmutableArray<PlatformRule> Rules =>
    [
        Book.Free, Book.Owner, Book.Plain, Book.Exact, Book.Multicast, Book.Tie, Book.Bound, Book.Foreign,
        Families, FamiliesOpen, Reserved, Listens, NoOption,
    ];

    /// <inheritdoc/>
    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(49152, 65535),
        V6OnlyDefault = true,
        TakenFourTuple = "EADDRINUSE",
        PortsExhausted = "EAGAIN",
        Told =
        [
            ("TIME_WAIT", new("60 s; with vtw, which is off, TIME_WAIT is a record that needs SO_REUSEPORT on both.", "from memory", Confidence.Memory)),
            ("Automatic ports", new("49152 to 65535.", "from memory", Confidence.Memory)),
            ("IPV6_V6ONLY", new("On by default.", "inet6(4)", Confidence.VendorDocument)),
            ("Privileged ports", new("Below 1024: EACCES.", Pcb, Confidence.SourceRead)),
            ("Order of errors", new("EADDRNOTAVAIL, EACCES, in use (on IPv4: the mapped address, rule A, then B or C).", Pcb, Confidence.SourceRead)),
            ("connect() to a taken four-tuple", new("EADDRINUSE, TIME_WAIT included.", Pcb, Confidence.SourceRead)),
            ("No port left", new("EAGAIN.", "in_pcb.c, older", Confidence.SourceRead)),
        ],
    };

    /// <inheritdoc/>
    private protected override PlatformRule FamilyRule => Families;

    /// <inheritdoc/>
    private protected override PlatformRule UntoldRule => FamiliesOpen;

    /// <inheritdoc/>
    public override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held) => PlatformRuling.Allow(Listens);

    /// <inheritdoc/>
    public override PlatformRuling? Set(SocketOption option, bool isIPv6) => IsOfLinux(option) ? PlatformRuling.Open(NoOption) : null;

    /// <inheritdoc/>
    private protected override PlatformRuling? Privilege(PlatformSocket want, ushort port) =>
        port < 1024 && !want.IsPrivileged ? PlatformRuling.Refuse("EACCES", Reserved) : null;

    /// <inheritdoc/>
    private protected override bool IsExempt(PlatformSocket want, PlatformHeld held) =>
        want.IsWildcard && held.Socket.IsWildcard && held.Socket.ReusePort;

    /// <inheritdoc/>
    private protected override BsdLookup Sees(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (want.Address.IsMapped)
            return BsdLookup.Untold;
        if (want.Address.Family == IpFamily.IPv6)
            return other.Address.IsMapped ? BsdLookup.Untold : other.Address.Family == IpFamily.IPv6 ? BsdLookup.Same : BsdLookup.Never;
        if (other.Address.Family == IpFamily.IPv4)
            return BsdLookup.Same;
        return other.Address.IsMapped ? other.IsWildcard ? BsdLookup.Untold : BsdLookup.Same : other.IsDual ? BsdLookup.Untold : BsdLookup.Never;
    }
}
