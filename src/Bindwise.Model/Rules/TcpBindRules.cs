using static Bindwise.Model.Rules.PairRuling;

namespace Bindwise.Model.Rules;

/// <summary>TCP bind() and listen(), one asking and one held socket, all facts taken as known: one line a rule.</summary>
internal static class TcpBindRules
{
    /// <summary>
    /// One pair: addresses that do not meet and interfaces that differ never conflict, however the port was come by; the options decide the
    /// rest. Source: inet_bind_conflict(), net/ipv4/inet_connection_sock.c.
    /// </summary>
    public static PairRuling Decide(in AskingSocket want, in HeldTraits held, HeldFacts facts, PortWay way)
    {
        if (!AddressOverlap.Exists(want, held.Bound(facts.V6Only)))
            return Free(RuleBook.AddressesDisjoint);
        if (want.IsOnOtherDevice(held))
            return Free(RuleBook.DevicesDisjoint);
        return way == PortWay.Named ? Named(want, held, facts) : Searched(want, held, facts, relax: way == PortWay.SearchedAgain);
    }

    /// <summary>An explicit port (reuseport_ok: true); listen() runs the same check.</summary>
    private static PairRuling Named(in AskingSocket want, in HeldTraits held, HeldFacts facts)
    {
        if (want.ReuseAddress && facts.ReuseAddress && held.Kind != HeldKind.Listening)
            return Free(RuleBook.BothReuseAddress);
        if (want.ReusePort && facts.ReusePort)
        {
            if (held.Kind == HeldKind.TimeWait)
                return Free(RuleBook.ReusePortTimeWait);
            return facts.SameUser ? Free(RuleBook.ReusePortSameUser) : InTheWay(RuleBook.ReusePortOtherUser);
        }
        return InTheWay(held.Kind == HeldKind.Listening ? RuleBook.HeldByListener : RuleBook.HeldExclusively);
    }

    /// <summary>
    /// A port that the search for port 0 tries (reuseport_ok: false): no option shares, until ip_autobind_reuse relaxes the second pass.
    /// </summary>
    private static PairRuling Searched(in AskingSocket want, in HeldTraits held, HeldFacts facts, bool relax)
    {
        var shareReusePort = want.ReusePort && facts.ReusePort && (held.Kind == HeldKind.TimeWait || facts.SameUser);
        return relax && want.ReuseAddress && facts.ReuseAddress && held.Kind != HeldKind.Listening && !shareReusePort
            ? Free(RuleBook.AutobindReuse)
            : InTheWay(RuleBook.EphemeralPortsExhausted);
    }
}
