namespace Bindwise.Model.Rules;

/// <summary>The rules' answer to one bind(), with what it rests on.</summary>
/// <param name="Errno">The errno's name when blocked; else null.</param>
/// <param name="Rule">The rule that decided, or that would decide.</param>
/// <param name="Blockers">The sockets in the way, each with its rule; when undetermined, those that may be.</param>
internal sealed record Decision(Outcome Outcome, string? Errno, Rule Rule, ImmutableArray<BlockingSocket> Blockers)
{
    internal static Decision Allow(Rule rule) => new(Outcome.Allowed, null, rule, []);

    internal static Decision Block(string errno, Rule rule) => new(Outcome.Blocked, errno, rule, []);

    internal static Decision Unsettled(Rule rule) => new(Outcome.Undetermined, null, rule, []);

    internal static Decision InTheWay(Outcome outcome, Rule rule, ImmutableArray<BlockingSocket> blockers) =>
        new(outcome, outcome == Outcome.Blocked ? "EADDRINUSE" : null, rule, blockers);
}
