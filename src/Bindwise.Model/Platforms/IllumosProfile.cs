using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>illumos: every socket of the port's list must let the new one pass, and no user is asked for.</summary>
internal sealed class IllumosProfile : PlatformProfile
{
    private const string Tcp = "tcp_bindi(), tcp_bind.c, illumos 39707ee3";
    private const string Balanced = "tcp_bind.c, illumos branch with SO_REUSEPORT (TensorHoare 11da00d5)";
    private const string Udp = "udp.c, illumos, older";

    private static readonly PlatformRule Free =
        Read("ILL-0", "Nothing on the port, or two different specific addresses, which never conflict.", Tcp);

    private static readonly PlatformRule Families = Read(
        "ILL-1", "At a named port a socket of IPv4 and one of IPv6 never conflict, not even a dual-stack :: with 0.0.0.0, unless one is "
            + "exclusive.", Tcp);

    private static readonly PlatformRule Exclusive = Read(
        "ILL-2", "If either is exclusive (SO_EXCLBIND) and the old one is not past ESTABLISHED, a wildcard against anything, or equal "
            + "addresses, are in use.", Tcp);

    private static readonly PlatformRule Plain = Read(
        "ILL-3", "Without SO_REUSEADDR of its own: in use, unless both addresses are specific and different; TIME_WAIT blocks.", Tcp);

    private static readonly PlatformRule Reuse = Read(
        "ILL-4", "With SO_REUSEADDR of its own (the other's is not read): in use only at an equal address whose socket listens, or is only "
            + "bound.", Tcp);

    private static readonly PlatformRule Group = Read(
        "ILL-5", "With SO_REUSEPORT it joins the group of a bound or listening socket at an equal address that had it when it was bound; "
            + "the sources do not say since which release.", Balanced);

    private static readonly PlatformRule GroupOther = Read(
        "ILL-5-USER", "Another effective user cannot join a SO_REUSEPORT group; the sources do not say with which error.",
        "illumos test suite of that branch");

    private static readonly PlatformRule UdpReuse =
        Read("ILL-UDP", "On UDP SO_REUSEADDR on the new socket alone is enough, at any address.", Udp);

    private static readonly PlatformRule UdpPlain =
        Read("ILL-UDP-PLAIN", "Without SO_REUSEADDR a UDP socket at an equal address is in use.", Udp);

    private static readonly PlatformRule UdpOpen = new(
        "ILL-UDP-OPEN", "UDP: a wildcard beside a specific address, both families, SO_EXCLBIND and SO_REUSEPORT: the sources do not say.",
        Udp, Confidence.Unknown);

    private static readonly PlatformRule Reserved =
        Read("ILL-PORT", "Below smallest_nonpriv_port (1024), or on its list, needs a privilege.", Udp);

    private static readonly PlatformRule Mapped = new("ILL-MAPPED", "The sources do not say what a v4-mapped address conflicts with.",
        "no source that we read says", Confidence.Unknown);

    private static readonly PlatformRule Foreign =
        Read("ILL-ADDR", "The host must have the address: EADDRNOTAVAIL, before EACCES and in use.", Udp);

    private static readonly PlatformRule Bound = new("ILL-BOUND", "A socket is bound once: EINVAL.", "from memory", Confidence.Memory);

    private static readonly PlatformRule Listens = new("ILL-LISTEN", "The sources do not say whether listen() looks for conflicts again.",
        "no source that we read says", Confidence.Unknown);

    private static readonly PlatformRule NoOption = new(
        "ILL-OPT", "This is a Linux option; no source that we read says what this system has instead.", "setsockopt(3SOCKET)",
        Confidence.Unknown);

    public override string Id => "illumos";
    public override string Name => "illumos";
    public override string Release => "39707ee3; Solaris 11 has SO_REUSEPORT, balanced from 11.4";
    public override string? ExclusiveOption => "SO_EXCLBIND";
    public override bool KeepsReusePort => true;

    public override ImmutableArray<PlatformRule> Rules =>
    [
        Free, Families, Exclusive, Plain, Reuse, Group, GroupOther, UdpReuse, UdpPlain, UdpOpen, Reserved, Mapped, Foreign, Bound, Listens,
        NoOption,
    ];

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(32768, 65535),
        V6OnlyDefault = false,
        PortsExhausted = "EADDRNOTAVAIL",
        Listed =
        [
            ("TIME_WAIT", new("tcp_time_wait_interval, 60 s.", "Solaris tunable parameters", Confidence.VendorDocument)),
            ("Automatic ports",
                new("32768 to 65535; the families share one space, and SO_REUSEADDR is ignored.", Tcp, Confidence.SourceRead)),
            ("IPV6_V6ONLY", new("Off by default (RFC 3493 §5.3).", "from memory", Confidence.Memory)),
            ("Privileged ports", new("Below smallest_nonpriv_port, or listed: EACCES.", Udp, Confidence.SourceRead)),
            ("Order of errors", new("EADDRNOTAVAIL, EACCES, in use.", Udp, Confidence.SourceRead)),
            ("connect() to a taken four-tuple", PlatformFact.Open("The sources do not say.")),
            ("No port left", new("TNOADDR, which is EADDRNOTAVAIL.", Tcp + "; the errno from memory", Confidence.Memory)),
        ],
    };

    public override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held) =>
        held.IsEmpty ? PlatformRuling.Allow(Free) : PlatformRuling.Open(Listens);

    public override PlatformRuling? Set(SocketOption option, bool isIPv6) => IsEverywhere(option) ? null : PlatformRuling.Open(NoOption);

    private protected override PlatformRuling Decide(PlatformQuestion question)
    {
        var want = question.Want;
        if (question.IsBound)
            return PlatformRuling.Refuse("EINVAL", Bound);
        if (!question.IsLocal)
            return PlatformRuling.Refuse("EADDRNOTAVAIL", Foreign);
        if (question.Port < 1024 && !want.IsPrivileged)
            return PlatformRuling.Refuse("EACCES", Reserved);
        return PlatformRuling.Worst(question.Held.Select(held =>
            want.Protocol == Protocol.Udp ? PairOfUdp(want, held.Socket) : PairOfTcp(want, held))) ?? PlatformRuling.Allow(Free);
    }

    private PlatformRuling PairOfTcp(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (want.Address.IsMapped || other.Address.IsMapped)
            return PlatformRuling.Open(Mapped);
        // Of both families only the wildcards are alike; equal means equal bits, as for 0.0.0.0 and ::.
        var isOtherFamily = want.Address.Family != other.Address.Family;
        var areEqual = isOtherFamily ? want.IsWildcard && other.IsWildcard : want.Address == other.Address;
        var isExclusive = (want.Exclusive || other.Exclusive) && held.State != PlatformState.TimeWait;
        if (isExclusive && (want.IsWildcard || other.IsWildcard || areEqual))
            return PlatformRuling.Refuse(InUse, Exclusive);
        if (isOtherFamily)
            return PlatformRuling.Allow(Families);
        if (!Meets(want, other))
            return PlatformRuling.Allow(Free);
        if (want.ReusePort && other.ReusePort && areEqual && held.IsListeningOrBound)
            return want.UserId == other.UserId ? PlatformRuling.Allow(Group) : PlatformRuling.Open(GroupOther);
        if (!want.ReuseAddress)
            return PlatformRuling.Refuse(InUse, Plain);
        return areEqual && held.IsListeningOrBound ? PlatformRuling.Refuse(InUse, Reuse) : PlatformRuling.Allow(Reuse);
    }

    private PlatformRuling PairOfUdp(PlatformSocket want, PlatformSocket other)
    {
        if (want.Exclusive || other.Exclusive || want.Address.IsMapped || other.Address.IsMapped)
            return PlatformRuling.Open(UdpOpen);
        if (want.ReuseAddress)
            return PlatformRuling.Allow(UdpReuse);
        if (want.ReusePort || want.Address.Family != other.Address.Family)
            return PlatformRuling.Open(UdpOpen);
        return want.Address == other.Address ? PlatformRuling.Refuse(InUse, UdpPlain)
            : Meets(want, other) ? PlatformRuling.Open(UdpOpen) : PlatformRuling.Allow(Free);
    }
}
