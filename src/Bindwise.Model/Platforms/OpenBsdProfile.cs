namespace Bindwise.Model.Platforms;

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
        Told =
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

    public override PlatformRule? Lacks(PlatformSocket socket) => base.Lacks(socket) ?? (socket.IsDual ? Book.Families : null);

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
