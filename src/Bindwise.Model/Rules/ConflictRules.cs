using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>An asking socket against all sockets of its port in a snapshot: loaded into the buckets that the simulated host uses.</summary>
internal static class ConflictRules
{
    /// <summary>Decides by every socket of the port; the order matters for UDP only.</summary>
    public static Decision Decide(in AskingSocket want, IReadOnlyList<HeldSocket> held) =>
        want.Protocol == Protocol.Tcp ? DecideTcp(want, held) : DecideUdp(want, held);

    private static Decision DecideTcp(AskingSocket want, IReadOnlyList<HeldSocket> held)
    {
        var bucket = new PortBucket<HeldSocket> { IsHistoryKnown = false };
        var onPort = new List<(HeldSocket Socket, HeldTraits Traits)>();
        foreach (var socket in held)
        {
            // A handshake's request is no socket yet and no member of the bucket.
            if (socket.Protocol != Protocol.Tcp || socket.Local.Port != want.Port || socket.State == TcpState.NewSynReceived)
                continue;
            var traits = HeldTraits.Of(socket);
            bucket.Add(socket, traits);
            onPort.Add((socket, traits));
        }
        var answer = bucket.Decide(want);
        if (answer.Outcome == Outcome.Allowed)
            return Decision.Allow(answer.Rule);
        var blockers = onPort
            .Select(s => (s.Socket, Answer: PairRules.Settle(want, s.Traits)))
            .Where(static s => s.Answer.Ruling.Conflicts)
            .Select(static s => new BlockingSocket(s.Socket, s.Answer.Ruling.Rule, s.Answer.IsCertain))
            .OrderBy(static b => BlockerOrder.RankOf(b.Socket))
            .ToImmutableArray();
        return new Decision(answer.Outcome, answer.Outcome == Outcome.Blocked ? "EADDRINUSE" : null, blockers[0].Rule, blockers);
    }

    private static Decision DecideUdp(in AskingSocket want, IReadOnlyList<HeldSocket> held)
    {
        var list = new UdpPortList<HeldSocket> { WildcardMissesSpecific = Fact.Unknown };
        foreach (var socket in held)
        {
            if (socket.Protocol == Protocol.Udp && socket.Local.Port == want.Port)
                list.Append(socket, HeldTraits.Of(socket));
        }
        var blockers = new List<(HeldSocket Member, Rule Rule, bool IsCertain)>();
        var verdict = list.Decide(want, blockers);
        return verdict.Outcome == Outcome.Allowed
            ? Decision.Allow(verdict.Rule)
            : new Decision(
                verdict.Outcome,
                verdict.Outcome == Outcome.Blocked ? "EADDRINUSE" : null,
                verdict.Rule,
                [.. blockers.Select(static b => new BlockingSocket(b.Member, b.Rule, b.IsCertain))]);
    }
}
