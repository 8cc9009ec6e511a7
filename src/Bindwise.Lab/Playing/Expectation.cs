namespace Bindwise.Lab.Playing;

/// <summary>Judges what a scenario expects against what one host gave.</summary>
internal static class Expectation
{
    private static readonly StepResult Met = new(StepResult.Ok);

    /// <param name="before">The outcomes of every step before it, in order.</param>
    /// <param name="of">What the host gave in one of them.</param>
    /// <param name="knowsRules">Whether the host tells rules and blockers: the model does, the kernel does not.</param>
    /// <returns>Its own result: ok, or <see cref="StepOutcome.NotMet"/> with why.</returns>
    internal static StepResult Judge(ExpectStep expect, IReadOnlyList<StepOutcome> before, Func<StepOutcome, StepResult> of,
        bool knowsRules)
    {
        if (before.Count == 0)
            return NotMet("there is no step before it");
        var given = Given(before, expect.Steps, of);
        if (given.Result != expect.Result)
            return NotMet($"expected {expect.Result}, was {given.Result}");
        if (!knowsRules)
            return Met;
        if (expect.Rule is { } rule && given.Rule != rule)
            return NotMet($"expected rule {rule}, was {given.Rule ?? "none"}");
        if (expect.By is { } by && !given.Blockers.Any(blocker => Names(blocker, by)))
            return NotMet($"expected by {by}, was {(given.Blockers.IsEmpty ? "none" : string.Join(", ", given.Blockers))}");
        return Met;
    }

    /// <summary>What an expectation speaks of (<see cref="DecidingStep"/>).</summary>
    internal static StepResult Given(IReadOnlyList<StepOutcome> before, int steps, Func<StepOutcome, StepResult> of) =>
        of(before[DecidingStep.IndexOf(before, before.Count, steps, of)]);

    // "a by TIME_WAIT" is named by "a", by "TIME_WAIT" and by the whole.
    private static bool Names(string blocker, string by)
    {
        const string Separator = " by ";
        var at = blocker.IndexOf(Separator, StringComparison.Ordinal);
        return blocker == by || (at >= 0 && (blocker[..at] == by || blocker[(at + Separator.Length)..] == by));
    }

    private static StepResult NotMet(string because) => new(StepOutcome.NotMet) { Because = because };
}
