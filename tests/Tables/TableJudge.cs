using Bindwise.Model.Scenarios;

namespace Bindwise.Tests.Tables;

/// <summary>Judges a row: every expectation is met, and every step that none speaks of gives ok.</summary>
internal static class TableJudge
{
    /// <summary>What is wrong with the results of a row; null when all is as it says.</summary>
    /// <param name="row">The row.</param>
    /// <param name="results">What a host gave for each step that is no expectation, in order.</param>
    /// <param name="knowsRules">The host tells rules and blockers: the model does, the kernel does not.</param>
    public static string? Fault(TableRow row, IReadOnlyList<StepResult> results, bool knowsRules)
    {
        var judged = new HashSet<int>();
        StepResult? last = null;
        var played = 0;
        foreach (var step in row.Scenario.Steps)
        {
            if (step is not ExpectStep expect)
            {
                played++;
                continue;
            }
            var at = Enumerable.Range(played - expect.Steps, expect.Steps).FirstOrDefault(index => results[index].Result != StepResult.Ok, played - 1);
            judged.Add(at);
            last = results[at];
            if (Difference(expect, last, knowsRules) is { } difference)
                return $"{row.At}: step {at} {difference}\n  {row.Text}";
        }
        for (var index = 0; index < results.Count; index++)
        {
            if (results[index].Result != StepResult.Ok && !judged.Contains(index))
                return $"{row.At}: step {index} gave {results[index].Result} {results[index].Rule}, and no arrow says so\n  {row.Text}";
        }
        return knowsRules && last is not null && last.Rule == row.Rule != row.Decides
            ? $"{row.At}: the last result came by {last.Rule ?? "no rule"}\n  {row.Text}"
            : null;
    }

    private static string? Difference(ExpectStep expect, StepResult given, bool knowsRules)
    {
        if (given.Result != expect.Result)
            return $"gave {given.Result} {given.Rule}, not {expect.Result}";
        if (!knowsRules)
            return null;
        if (expect.Rule is { } rule && given.Rule != rule)
            return $"came by {given.Rule ?? "no rule"}, not {rule}";
        return expect.By is not { } by || given.Blockers.Any(blocker => blocker == by || blocker.EndsWith(" by " + by, StringComparison.Ordinal) || blocker.StartsWith(by + " by ", StringComparison.Ordinal))
            ? null
            : $"was blocked by {string.Join(", ", given.Blockers)}, not {by}";
    }
}
