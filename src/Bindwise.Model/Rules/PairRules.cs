using Bindwise.Model.Addresses;

namespace Bindwise.Model.Rules;

/// <summary>How bind() or listen() came to the port whose sockets it looks at.</summary>
internal enum PortWay : byte
{
    /// <summary>The caller named it.</summary>
    Named,

    /// <summary>The search for port 0 tries it.</summary>
    Searched,

    /// <summary>The second search, which net.ipv4.ip_autobind_reuse allows, tries it.</summary>
    SearchedAgain,
}

/// <summary>One asking and one held socket, known facts or not.</summary>
internal static class PairRules
{
    /// <summary>Tries the unknown facts both ways: certain when every completion agrees; else the ruling that blocks.</summary>
    public static (PairRuling Ruling, bool IsCertain) Settle(in AskingSocket want, in HeldTraits held, PortWay way = PortWay.Named)
    {
        var known = new KnownFacts(held, want.UserId);
        if (known.AreComplete)
            return (Decide(want, held, known.Facts, way), true);
        PairRuling? blocking = null, passing = null;
        for (var completion = 0; completion < KnownFacts.Completions; completion++)
        {
            if (!known.Allows(completion, out var facts))
                continue;
            var ruling = Decide(want, held, facts, way);
            if (ruling.Conflicts)
                blocking ??= ruling;
            else
                passing ??= ruling;
        }
        return blocking is { } b ? (b, passing is null) : (passing!.Value, true);
    }

    /// <summary>Of the rules that let a socket pass, the one that says most: sharing before disjoint addresses.</summary>
    public static Rule MoreTelling(Rule? one, Rule other) =>
        one is null || one == RuleBook.AddressesDisjoint || (one == RuleBook.DevicesDisjoint && other != RuleBook.AddressesDisjoint) ? other : one;

    private static PairRuling Decide(in AskingSocket want, in HeldTraits held, HeldFacts facts, PortWay way) =>
        want.Protocol == Protocol.Udp ? UdpBindRules.Decide(want, held, facts) : TcpBindRules.Decide(want, held, facts, way);
}
