using static Bindwise.Model.Rules.PairRuling;

namespace Bindwise.Model.Rules;

/// <summary>TCP bind() and listen(), one asking and one held socket, all facts taken as known: one line a rule.</summary>
internal static class TcpBindRules
{
    /// <summary>
    /// An explicit port; listen() runs the same check.
    /// Source: inet_bind_conflict(relax, reuseport_ok: true), net/ipv4/inet_connection_sock.c.
    /// </summary>
    public static PairRuling Decide(in AskingSocket want, in HeldTraits held, HeldFacts facts)
    {
        if (!AddressOverlap.Exists(want, held.Bound(facts.V6Only)))
            return Free(RuleBook.AddressesDisjoint);
        if (want.DeviceIndex != 0 && held.DeviceIndex != 0 && want.DeviceIndex != held.DeviceIndex)
            return Free(RuleBook.DevicesDisjoint);
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
    /// A port that the search for port 0 tries: no option shares, until ip_autobind_reuse relaxes the second pass.
    /// Source: inet_bind_conflict(relax, reuseport_ok: false), net/ipv4/inet_connection_sock.c.
    /// </summary>
    public static PairRuling DecideSearched(in AskingSocket want, in HeldTraits held, HeldFacts facts, bool relax)
    {
        if (!AddressOverlap.Exists(want, held.Bound(facts.V6Only)))
            return Free(RuleBook.AddressesDisjoint);
        if (want.DeviceIndex != 0 && held.DeviceIndex != 0 && want.DeviceIndex != held.DeviceIndex)
            return Free(RuleBook.DevicesDisjoint);
        var shareReusePort = want.ReusePort && facts.ReusePort && (held.Kind == HeldKind.TimeWait || facts.SameUser);
        return relax && want.ReuseAddress && facts.ReuseAddress && held.Kind != HeldKind.Listening && !shareReusePort
            ? Free(RuleBook.AutobindReuse)
            : InTheWay(RuleBook.EphemeralPortsExhausted);
    }
}
