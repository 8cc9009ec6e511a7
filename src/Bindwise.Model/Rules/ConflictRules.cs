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
        var port = want.Port;
        var onPort = held.Where(s => s.Protocol == Protocol.Udp && s.Local.Port == port).ToList();
        var walk = WalkUdp(want, onPort);
        if (walk.Blockers.IsEmpty)
            return Decision.Allow(walk.Passed ?? RuleBook.NothingInTheWay);
        var outcome = onPort.Count > UdpSlotLimit ? OfCrowdedSlot(want, onPort, walk.Outcome, walk.Blockers) : walk.Outcome;
        return outcome == Outcome.Allowed
            ? Decision.Allow(walk.Passed ?? RuleBook.NothingInTheWay)
            : new Decision(outcome, outcome == Outcome.Blocked ? "EADDRINUSE" : null, walk.Blockers[0].Rule, walk.Blockers);
    }

    /// <summary>
    /// Behind a specific address the list of that address and the list of the wildcards are walked, and both must pass
    /// (udp_lib_lport_inuse2). Behind a wildcard kernels differ: some walk its own list alone and miss specific addresses.
    /// </summary>
    private static Outcome OfCrowdedSlot(in AskingSocket want, List<HeldSocket> onPort, Outcome ofPort, ImmutableArray<BlockingSocket> blockers)
    {
        if (IsWildcard(want.Address))
            return ofPort == Outcome.Blocked && blockers.Any(static b => b.IsCertain && IsWildcard(b.Socket.Local.Address)) ? ofPort : Outcome.Undetermined;
        var address = want.Address.AsIPv6;
        var own = WalkUdp(want, onPort.FindAll(s => s.Local.Address.AsIPv6 == address)).Outcome;
        var wildcards = WalkUdp(want, onPort.FindAll(static s => IsWildcard(s.Local.Address))).Outcome;
        return own == Outcome.Blocked || wildcards == Outcome.Blocked ? Outcome.Blocked
            : own == Outcome.Undetermined || wildcards == Outcome.Undetermined ? Outcome.Undetermined
            : Outcome.Allowed;
    }

    private static bool IsWildcard(IpAddress address) => address.AsIPv4?.IsAny ?? address.IsAny;

    /// <summary>One list, in the kernel's order: the first socket that is not passed over decides.</summary>
    private static (Outcome Outcome, Rule? Passed, ImmutableArray<BlockingSocket> Blockers) WalkUdp(in AskingSocket want, List<HeldSocket> list)
    {
        var blockers = ImmutableArray.CreateBuilder<BlockingSocket>();
        Rule? passed = null;
        Outcome? outcome = null;
        var isDoubtful = false;
        foreach (var socket in list)
        {
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
        return (outcome ?? (isDoubtful ? Outcome.Undetermined : Outcome.Allowed), passed, blockers.ToImmutable());
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
