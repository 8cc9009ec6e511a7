namespace Bindwise.Model.Rules;

/// <summary>How bind() or listen() came to the port whose sockets it looks at.</summary>
internal enum PortWay : byte
{
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
            // Where the users differ and SO_REUSEPORT of the held socket is unknown, this holds whether it set the option or not.
            if (ruling.Conflicts)
                blocking = blocking is null || ruling.Rule == RuleBook.ReusePortOtherUser ? ruling : blocking;
            else
                passing ??= ruling;
        }
        return blocking is { } b ? (b, passing is null) : (passing!.Value, true);
    }

    /// <summary>Of the rules that let a socket pass, the one that says most: sharing before disjoint addresses.</summary>
    public static Rule MoreSpecific(Rule? one, Rule other) =>
        one is null || one == RuleBook.AddressesDisjoint || (one == RuleBook.DevicesDisjoint && other != RuleBook.AddressesDisjoint) ? other
            : one;

    private static PairRuling Decide(in AskingSocket want, in HeldTraits held, HeldFacts facts, PortWay way) =>
        want.Protocol == Protocol.Udp ? UdpBindRules.Decide(want, held, facts) : TcpBindRules.Decide(want, held, facts, way);
}

/// <summary>What a rule says about one asking and one held socket.</summary>
/// <param name="Conflicts">The held socket is in the way.</param>
internal readonly record struct PairRuling(Rule Rule, bool Conflicts)
{
    public static PairRuling Free(Rule rule) => new(rule, false);

    public static PairRuling InTheWay(Rule rule) => new(rule, true);
}

/// <summary>An asking socket against all sockets of its port in a snapshot: loaded into the buckets that the simulated host uses.</summary>
internal static class ConflictRules
{
    /// <summary>Decides by every socket of the port; the order matters for UDP only.</summary>
    public static Decision Decide(in AskingSocket want, IReadOnlyList<HeldSocket> held, VrfTable vrfs = default) =>
        want.Protocol == Protocol.Tcp ? DecideTcp(want, held, vrfs) : DecideUdp(want, held);

    private static Decision DecideTcp(AskingSocket want, IReadOnlyList<HeldSocket> held, VrfTable vrfs)
    {
        var (vrf, isInOthers) = (vrfs.PortsOf(want.DeviceIndex), false);
        var bucket = new PortBucket<HeldSocket> { IsHistoryKnown = false };
        var onPort = new List<(HeldSocket Socket, HeldTraits Traits)>();
        foreach (var socket in held)
        {
            // A handshake's request is no socket yet and no member of the bucket.
            if (socket.Protocol != Protocol.Tcp || socket.Local.Port != want.Port || socket.State == TcpSocketState.NewSynReceived)
                continue;
            if (vrfs.PortsOf(socket.DeviceIndex) != vrf)
            {
                isInOthers = true;
                continue;
            }
            var traits = HeldTraits.Of(socket);
            bucket.Add(socket, traits);
            onPort.Add((socket, traits));
        }
        var answer = bucket.Decide(want);
        if (answer.Outcome == Outcome.Allowed)
            return Decision.Allow(isInOthers && answer.Rule == RuleBook.NothingInTheWay ? RuleBook.DevicesDisjoint : answer.Rule);
        var conflicting = new List<BlockingSocket>();
        foreach (var (socket, traits) in onPort)
        {
            var settled = PairRules.Settle(want, traits);
            if (settled.Ruling.Conflicts)
                conflicting.Add(new BlockingSocket(socket, settled.Ruling.Rule, settled.IsCertain));
        }
        ImmutableArray<BlockingSocket> blockers = [.. conflicting.OrderBy(static b => BlockerOrder.RankOf(b.Socket))];
        return Decision.InTheWay(answer.Outcome, blockers[0].Rule, blockers);
    }

    private static Decision DecideUdp(in AskingSocket want, IReadOnlyList<HeldSocket> held)
    {
        var list = new UdpPortList<HeldSocket> { WildcardMissesSpecific = Fact.Unknown, AreFamiliesApart = true };
        foreach (var socket in held)
        {
            if (socket.Protocol == Protocol.Udp && socket.Local.Port == want.Port)
                list.Append(socket, HeldTraits.Of(socket));
        }
        var blockers = new List<(HeldSocket Member, Rule Rule, bool IsCertain)>();
        var verdict = list.Decide(want, blockers);
        return verdict.Outcome == Outcome.Allowed
            ? Decision.Allow(verdict.Rule)
            : Decision.InTheWay(verdict.Outcome, verdict.Rule,
                [.. blockers.Select(static b => new BlockingSocket(b.Member, b.Rule, b.IsCertain))]);
    }
}
