using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>
/// gVisor's netstack: what a sandboxed program meets in the place of Linux. Options are fixed at bind(), and no user is asked for.
/// </summary>
internal sealed class GvisorProfile : PlatformProfile
{
    private const string Ports = "ports.go, gVisor 3c5eee17";

    private static readonly PlatformRule Free = Read(
        "GV-0", "Nothing on the port, or different specific addresses, or IPv4 and an IPv6-only socket, which never conflict.", Ports);

    private static readonly PlatformRule Flags = Read(
        "GV-1", "All sockets at an address must share one flag, SO_REUSEADDR or SO_REUSEPORT, whichever user they belong to.", Ports);

    private static readonly PlatformRule Listener = Read(
        "GV-2", "The exact address of a TCP listener needs SO_REUSEPORT on both.",
        "tcp/endpoint.go, transport_demuxer.go, gVisor 3c5eee17");

    private static readonly PlatformRule Pair = Read(
        "GV-3", "With SO_REUSEADDR on both, TCP sockets share in any state, even a wildcard and a specific address that both listen.",
        Ports);

    private static readonly PlatformRule TimeWait =
        Read("GV-TW", "TIME_WAIT keeps the port: SO_REUSEADDR on both, as on Linux.", "tcp/endpoint.go, gVisor 3c5eee17");

    private static readonly PlatformRule TimeWaitOpen =
        new("GV-TW-RP", "The sources do not say what SO_REUSEPORT alone does over TIME_WAIT.", Ports, Confidence.Unknown);

    private static readonly PlatformRule Dual = Read("GV-DUAL", "A dual-stack :: reserves the port in both families.", Ports);

    private static readonly PlatformRule Mapped =
        new("GV-MAPPED", "The sources do not say what a v4-mapped address conflicts with.", Ports, Confidence.Unknown);

    private static readonly PlatformRule SecondListener = new(
        "GV-LISTEN", "A second listen() at the same address fails, and closes the socket; the sources do not say with which error.",
        "transport_demuxer.go, gVisor 3c5eee17", Confidence.SourceRead);

    private static readonly PlatformRule Listens =
        Read("GV-LISTEN-OK", "Only a listener at the same address blocks listen().", "transport_demuxer.go, gVisor 3c5eee17");

    private static readonly PlatformRule Errors = new("GV-ERR",
        "The sources do not say what a bound socket, or an address of another host, gets.", "no source that we read says",
        Confidence.Unknown);

    private static readonly PlatformRule NoOption =
        new("GV-OPT", "The sources do not say whether the option works as on Linux.", "no source that we read says", Confidence.Unknown);

    public override string Id => "gvisor";
    public override string Name => "gVisor";
    public override string Release => "3c5eee17";
    public override bool KeepsReuseAddress => true;
    public override bool KeepsReusePort => true;

    public override ImmutableArray<PlatformRule> Rules =>
        [Free, Flags, Listener, Pair, TimeWait, TimeWaitOpen, Dual, Mapped, SecondListener, Listens, Errors, NoOption];

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(16000, 65535),
        V6OnlyDefault = false,
        PortsExhausted = "EADDRINUSE",
        Listed =
        [
            ("TIME_WAIT", new("60 s, an option of the stack.", "tcp/endpoint.go, gVisor 3c5eee17", Confidence.SourceRead)),
            ("Automatic ports", new("16000 to 65535.", Ports, Confidence.SourceRead)),
            ("IPV6_V6ONLY", new("Off by default.", "from memory", Confidence.Memory)),
            ("Privileged ports", new("None: no EACCES.", Ports, Confidence.SourceRead)),
            ("Order of errors", PlatformFact.Open("The sources do not say.")),
            ("connect() to a taken four-tuple", PlatformFact.Open("The sources do not say.")),
            ("No port left", new("bind() EADDRINUSE, TCP connect() EADDRNOTAVAIL, UDP connect() EAGAIN.", Ports, Confidence.SourceRead)),
        ],
    };

    public override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held)
    {
        foreach (var other in held)
        {
            if (other.State == PlatformState.Listening && other.Socket.Address == want.Address
                && !(want.ReusePort && other.Socket.ReusePort))
                return PlatformRuling.Open(SecondListener);
        }
        return PlatformRuling.Allow(Listens);
    }

    public override PlatformRuling? Set(SocketOption option, bool isIPv6) => IsEverywhere(option) ? null : PlatformRuling.Open(NoOption);

    private protected override PlatformRuling Decide(PlatformQuestion question)
    {
        if (question.IsBound || !question.IsLocal)
            return PlatformRuling.Open(Errors);
        return PlatformRuling.Worst(question.Held.Select(held => PairOf(question.Want, held))) ?? PlatformRuling.Allow(Free);
    }

    private PlatformRuling PairOf(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (want.Address.IsMapped || other.Address.IsMapped)
            return PlatformRuling.Open(Mapped);
        var isOtherFamily = want.Address.Family != other.Address.Family;
        if ((isOtherFamily && !want.IsDual && !other.IsDual) || !Meets(want, other))
            return PlatformRuling.Allow(Free);
        var (areAddress, arePort) = (want.ReuseAddress && other.ReuseAddress, want.ReusePort && other.ReusePort);
        if (held.State == PlatformState.TimeWait)
        {
            return areAddress ? PlatformRuling.Allow(TimeWait)
                : arePort ? PlatformRuling.Open(TimeWaitOpen) : PlatformRuling.Refuse(InUse, TimeWait);
        }
        if (!areAddress && !arePort)
            return PlatformRuling.Refuse(InUse, isOtherFamily ? Dual : Flags);
        if (arePort)
            return PlatformRuling.Allow(Flags);
        if (want.Protocol == Protocol.Udp)
            return PlatformRuling.Allow(Flags);
        return held.State == PlatformState.Listening && other.Address == want.Address
            ? PlatformRuling.Refuse(InUse, Listener)
            : PlatformRuling.Allow(Pair);
    }
}
