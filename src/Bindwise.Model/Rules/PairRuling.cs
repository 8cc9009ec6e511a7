namespace Bindwise.Model.Rules;

/// <summary>What a rule says about one asking and one held socket.</summary>
/// <param name="Rule">The rule that decides.</param>
/// <param name="Conflicts">The held socket is in the way.</param>
internal readonly record struct PairRuling(Rule Rule, bool Conflicts)
{
    public static PairRuling Free(Rule rule) => new(rule, false);

    public static PairRuling InTheWay(Rule rule) => new(rule, true);
}
