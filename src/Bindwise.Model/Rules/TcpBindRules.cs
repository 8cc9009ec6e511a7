using Bindwise.Model.Sockets;
using static Bindwise.Model.Rules.PairRuling;

namespace Bindwise.Model.Rules;

/// <summary>Explicit-port TCP bind() and listen(): one line a rule.</summary>
internal static class TcpBindRules
{
    /// <summary>
    /// One asking socket against one held socket, all facts taken as known.
    /// Source: inet_bind_conflict(relax, reuseport_ok: true), net/ipv4/inet_connection_sock.c; listen() runs the same check.
    /// </summary>
    public static PairRuling Decide(in AskingSocket want, HeldSocket held, HeldFacts facts)
    {
        var isListening = held.State == TcpState.Listen;
        if (!AddressOverlap.Exists(want, held, facts.V6Only))
            return Free(RuleBook.AddressesDisjoint);
        if (want.DeviceIndex != 0 && held.DeviceIndex != 0 && want.DeviceIndex != held.DeviceIndex)
            return Free(RuleBook.DevicesDisjoint);
        if (want.ReuseAddress && facts.ReuseAddress && !isListening)
            return Free(RuleBook.BothReuseAddress);
        if (want.ReusePort && facts.ReusePort)
        {
            if (held.State == TcpState.TimeWait)
                return Free(RuleBook.ReusePortTimeWait);
            return facts.SameUser ? Free(RuleBook.ReusePortSameUser) : InTheWay(RuleBook.ReusePortOtherUser);
        }
        return InTheWay(isListening ? RuleBook.HeldByListener : RuleBook.HeldExclusively);
    }
}
