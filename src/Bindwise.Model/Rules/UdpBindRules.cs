using static Bindwise.Model.Rules.PairRuling;

namespace Bindwise.Model.Rules;

/// <summary>UDP bind(): no states, no TIME_WAIT; the first socket that is not passed over decides.</summary>
internal static class UdpBindRules
{
    /// <summary>One pair, all facts taken as known. Source: udp_lib_lport_inuse(), net/ipv4/udp.c.</summary>
    public static PairRuling Decide(in AskingSocket want, in HeldTraits held, HeldFacts facts)
    {
        if (want.ReuseAddress && facts.ReuseAddress)
            return Free(RuleBook.UdpBothReuseAddress);
        if (want.IsOnOtherDevice(held))
            return Free(RuleBook.DevicesDisjoint);
        if (!AddressOverlap.Exists(want, held.Bound(facts.V6Only)))
            return Free(RuleBook.AddressesDisjoint);
        if (want.ReusePort && facts.ReusePort && facts.SameUser)
            return Free(RuleBook.UdpReusePortSameUser);
        return InTheWay(want.ReusePort && facts.ReusePort ? RuleBook.ReusePortOtherUser : RuleBook.UdpHeld);
    }
}
