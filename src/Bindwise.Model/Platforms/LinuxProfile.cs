using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>Linux: the rules of docs/rules, which tests hold to the running kernel.</summary>
internal sealed class LinuxProfile(KernelRelease kernel) : PlatformProfile
{
    private static readonly ImmutableArray<PlatformRule> Book = [.. RuleBook.All.Select(static rule => RuleOf(rule))];

    public override string Id => "linux";
    public override string Name => kernel.AsReleased == KernelRelease.Documented ? "Linux" : $"Linux {kernel}";
    public KernelRelease Kernel => kernel;

    public override string Release =>
        $"{kernel}{(kernel.Certainty == KernelCertainty.Played ? "" : ", " + KernelCertaintyNames.Of(kernel.Certainty))}; each cell can be "
            + "played with --verify";

    public override ImmutableArray<PlatformRule> Rules => Book;

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(60),
        Ephemeral = new PortRange(HostSettings.DefaultLocalPortFirst, HostSettings.DefaultLocalPortLast),
        V6OnlyDefault = false,
        TakenFourTuple = "EADDRNOTAVAIL",
        PortsExhausted = "EADDRINUSE",
        Listed =
        [
            ("TIME_WAIT", Listed("60 s, fixed (TCP_TIMEWAIT_LEN); the timer wheel makes it up to 62 s (HZ=250), 64 s (1000) or 65 s (100).",
                "include/net/tcp.h")),
            ("Automatic ports", Listed("32768 to 60999 (net.ipv4.ip_local_port_range).", "Documentation/networking/ip-sysctl.rst")),
            ("IPV6_V6ONLY", Listed("Off by default (net.ipv6.bindv6only).", "Documentation/networking/ip-sysctl.rst")),
            ("Privileged ports", Listed("Below net.ipv4.ip_unprivileged_port_start, 1024: EACCES without CAP_NET_BIND_SERVICE.",
                "__inet_bind(), net/ipv4/af_inet.c")),
            ("Order of errors", Listed("IPv4: address, privilege, bound already, in use. IPv6: privilege, bound already, address, in use.",
                "__inet_bind(), __inet6_bind()")),
            ("connect() to a taken four-tuple",
                Listed("EADDRNOTAVAIL; a TIME_WAIT with timestamps gives way.", "__inet_check_established(), net/ipv4/inet_hashtables.c")),
            ("No port left", Listed("bind() says EADDRINUSE, connect() EADDRNOTAVAIL, UDP without a port EAGAIN.",
                "inet_csk_get_port(), inet_autobind()")),
        ],
    };

    private protected override PlatformRuling Decide(PlatformQuestion question)
    {
        var want = question.Want;
        var isIPv6 = want.Address.Family == IpFamily.IPv6;
        PlatformRuling? foreign = question.IsLocal ? null
            : PlatformRuling.Refuse("EADDRNOTAVAIL", RuleOf(isIPv6 ? RuleBook.AddressNotLocalIPv6 : RuleBook.AddressNotLocal));
        PlatformRuling? privilege =
            question.Port is 0 or >= 1024 || want.IsPrivileged ? null : PlatformRuling.Refuse("EACCES", RuleOf(RuleBook.PrivilegedPort));
        PlatformRuling? taken = question.IsBound ? PlatformRuling.Refuse("EINVAL", RuleOf(RuleBook.BoundAlready)) : null;
        var mapped = want is { Address.IsMapped: true, V6Only: true } ? PlatformRuling.Refuse("EINVAL", RuleOf(RuleBook.MappedOnV6Only))
            : null;
        return (isIPv6 ? privilege ?? taken ?? mapped ?? foreign : foreign ?? privilege ?? taken) ?? Conflicts(question);
    }

    public override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held)
    {
        var again = Conflicts(new PlatformQuestion(want, 1, held));
        return again.IsAllowed ? again : PlatformRuling.Refuse("EADDRINUSE", RuleOf(RuleBook.ListenChecksAgain));
    }

    public override PlatformRuling? Set(SocketOption option, bool isIPv6) => null;

    private PlatformRuling Conflicts(PlatformQuestion question)
    {
        var asking = AskingOf(question.Want, question.Port);
        var verdict = question.Want.Protocol == Protocol.Udp ? DecideUdp(asking, question.Held) : DecideTcp(asking, question.Held);
        return verdict.Outcome == Outcome.Allowed
            ? PlatformRuling.Allow(RuleOf(verdict.Rule))
            : PlatformRuling.Refuse("EADDRINUSE", RuleOf(verdict.Rule));
    }

    private static PortVerdict DecideTcp(in AskingSocket asking, ImmutableArray<PlatformHeld> held)
    {
        var bucket = new PortBucket<PlatformHeld>();
        foreach (var socket in held)
            bucket.Add(socket, TraitsOf(socket));
        var answer = bucket.Decide(asking);
        return new PortVerdict(answer.Outcome, answer.Rule);
    }

    private static PortVerdict DecideUdp(in AskingSocket asking, ImmutableArray<PlatformHeld> held)
    {
        var list = new UdpPortList<PlatformHeld>();
        foreach (var socket in held)
            list.Add(socket, TraitsOf(socket));
        return list.Decide(asking);
    }

    private AskingSocket AskingOf(PlatformSocket socket, ushort port) =>
        new(socket.Protocol, socket.Address, port, IsV6Only(socket), 0, socket.ReuseAddress, socket.ReusePort, socket.UserId, kernel);

    private static HeldTraits TraitsOf(PlatformHeld held) => new(
        held.Socket.Address.Family,
        held.Socket.Address,
        held.State switch
        {
            PlatformState.Listening => HeldKind.Listening,
            PlatformState.TimeWait => HeldKind.TimeWait,
            _ => HeldKind.Plain,
        },
        0,
        // A connection has what its listener had: a dual-stack one's stays that, though its address is native.
        Fact.Of(held.HasPeer ? held.Socket.V6Only : IsV6Only(held.Socket)),
        Fact.Of(held.Socket.ReuseAddress),
        Fact.Of(held.Socket.ReusePort),
        held.Socket.UserId);

    // bind() switches it on for a native address (__inet6_bind()).
    private static bool IsV6Only(PlatformSocket socket) =>
        socket.Address.IsNativeIPv6 || (socket.Address.Family == IpFamily.IPv6 && socket.V6Only);

    private static PlatformRule RuleOf(Rule rule) => new(rule.Id.Value, rule.Sentence, rule.Source, Confidence.Verified);

    private static PlatformFact Listed(string text, string citation) => new(text, citation, Confidence.Verified);
}
