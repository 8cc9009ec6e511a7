using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>An asking socket against all sockets of its port.</summary>
internal static class ConflictRules
{
    /// <summary>From this many sockets in a hash slot on, UDP walks the list of one address instead of the port's (udp_lib_get_port).</summary>
    private const int UdpSlotLimit = 10;

    /// <summary>Decides by every socket of the port; the order matters for UDP only.</summary>
    public static Decision Decide(in AskingSocket want, IReadOnlyList<HeldSocket> held) =>
        want.Protocol == Protocol.Tcp ? DecideTcp(want, held) : DecideUdp(want, held);

    private static Decision DecideTcp(in AskingSocket want, IReadOnlyList<HeldSocket> held)
    {
        var blockers = ImmutableArray.CreateBuilder<BlockingSocket>();
        Rule? passed = null;
        var isCertain = false;
        var mayShareByHistory = false;
        foreach (var socket in held)
        {
            // A handshake's request is no socket yet and no member of the bucket.
            if (socket.Protocol != Protocol.Tcp || socket.Local.Port != want.Port || socket.State == TcpState.NewSynReceived)
                continue;
            var (ruling, certain) = Settle(want, socket);
            if (ruling.Conflicts)
            {
                blockers.Add(new BlockingSocket(socket, ruling.Rule, certain));
                isCertain |= certain;
            }
            else
            {
                passed = MoreTelling(passed, ruling.Rule);
            }
            // The bucket's history may let SO_REUSEPORT pass the whole check (sk_reuseport_match): a snapshot cannot know it.
            mayShareByHistory |= want.ReusePort && socket.ReusePort != Fact.No && (socket.UserId ?? want.UserId) == want.UserId;
        }
        if (blockers.Count == 0)
            return Decision.Allow(passed ?? RuleBook.NothingInTheWay);
        var ordered = blockers.OrderBy(static b => BlockerOrder.RankOf(b.Socket)).ToImmutableArray();
        return isCertain && !mayShareByHistory
            ? new Decision(Outcome.Blocked, "EADDRINUSE", ordered[0].Rule, ordered)
            : new Decision(Outcome.Undetermined, null, ordered[0].Rule, ordered);
    }

    private static Decision DecideUdp(in AskingSocket want, IReadOnlyList<HeldSocket> held)
    {
        var blockers = ImmutableArray.CreateBuilder<BlockingSocket>();
        Rule? passed = null;
        Outcome? outcome = null;
        var isDoubtful = false;
        var onPort = 0;
        foreach (var socket in held)
        {
            if (socket.Protocol != Protocol.Udp || socket.Local.Port != want.Port)
                continue;
            onPort++;
            var (ruling, certain) = Settle(want, socket);
            if (ruling.Conflicts)
            {
                blockers.Add(new BlockingSocket(socket, ruling.Rule, certain));
                if (certain)
                    outcome ??= isDoubtful && want.ReusePort ? Outcome.Undetermined : Outcome.Blocked;
                else
                    isDoubtful = true;
                continue;
            }
            passed = MoreTelling(passed, ruling.Rule);
            if (ruling.Rule == RuleBook.UdpReusePortSameUser)
                outcome ??= isDoubtful ? Outcome.Undetermined : Outcome.Allowed;
        }
        outcome ??= isDoubtful ? Outcome.Undetermined : Outcome.Allowed;
        if (blockers.Count == 0 || (outcome == Outcome.Allowed && onPort <= UdpSlotLimit))
            return Decision.Allow(passed ?? RuleBook.NothingInTheWay);
        // A crowded slot is walked by address: a wildcard bind may miss specific addresses, and a joined group does not end the walk.
        if (onPort > UdpSlotLimit && (outcome == Outcome.Allowed || (want.Address.IsAny && blockers.All(static b => !b.Socket.Local.Address.IsAny))))
            outcome = Outcome.Undetermined;
        return new Decision(outcome.Value, outcome == Outcome.Blocked ? "EADDRINUSE" : null, blockers[0].Rule, blockers.ToImmutable());
    }

    /// <summary>Tries the unknown facts both ways: certain when every completion agrees; else the ruling that blocks.</summary>
    private static (PairRuling Ruling, bool IsCertain) Settle(in AskingSocket want, HeldSocket held)
    {
        PairRuling? blocking = null, passing = null;
        var known = new KnownFacts(held, want.UserId);
        for (var completion = 0; completion < KnownFacts.Completions; completion++)
        {
            if (!known.Allows(completion, out var facts))
                continue;
            var ruling = want.Protocol == Protocol.Tcp
                ? TcpBindRules.Decide(want, held, facts)
                : UdpBindRules.Decide(want, held, facts);
            if (ruling.Conflicts)
                blocking ??= ruling;
            else
                passing ??= ruling;
        }
        return blocking is { } b ? (b, passing is null) : (passing!.Value, true);
    }

    /// <summary>Of the rules that let a socket pass, the one that says most: sharing before disjoint addresses.</summary>
    private static Rule MoreTelling(Rule? one, Rule other) =>
        one is null || one == RuleBook.AddressesDisjoint || (one == RuleBook.DevicesDisjoint && other != RuleBook.AddressesDisjoint) ? other : one;
}
