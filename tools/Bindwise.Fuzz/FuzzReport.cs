using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary>What a fuzz run found and covered.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="OnKernel">Whether the kernel played too.</param>
/// <param name="Coverage">What was met.</param>
/// <param name="Elapsed">How long it played, shrinking not counted.</param>
internal sealed record FuzzReport(ulong Seed, bool OnKernel, CoverageCounter Coverage, TimeSpan Elapsed)
{
    /// <summary>The different mismatches, in the order of their numbers.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>How many scenarios were mismatches in all.</summary>
    public long Mismatches { get; init; }

    /// <summary>How many scenarios were left out because they wait longer than the run had left.</summary>
    public long LeftOut { get; init; }

    /// <summary>How many scenarios this system could not play, as those of users that its user namespace does not have.</summary>
    public long Unplayed { get; init; }

    /// <summary>Why the first of them could not be played; null when all could.</summary>
    public string? WhyUnplayed { get; init; }

    /// <summary>The rules that no scenario met: on the model, or where the kernel played too, alike on both.</summary>
    public ImmutableArray<Rule> Unmet { get; init; } = [];

    /// <summary>The rules that the run was too short for: they need a wait.</summary>
    public ImmutableArray<Rule> TooShortFor { get; init; } = [];

    /// <summary>Why nothing was played, one line; null when something was, or was not asked for.</summary>
    public string? Error => Coverage.Scenarios == 0 ? WhyUnplayed : null;

    /// <summary>Whether it played enough for a rule that was never met to be a fault.</summary>
    public bool IsEnoughToJudge => Coverage.Scenarios >= FuzzPlan.EnoughToJudge;

    /// <summary>No mismatch, and every rule met or too few scenarios to tell.</summary>
    public bool IsGood => Mismatches == 0 && (Unmet.IsEmpty || !IsEnoughToJudge);
}

/// <summary>A scenario on which model and kernel differ, or on which this program fails.</summary>
/// <param name="Number">Which one of the seed's.</param>
/// <param name="First">What it gave when it was found.</param>
internal sealed record Finding(ScenarioNumber Number, ScenarioResult First)
{
    /// <summary>The fewest steps that show the same, with what they give; null when it did not happen again when played alone.</summary>
    internal ScenarioResult? Smallest { get; init; }

    /// <summary>How many scenarios of the run showed the like.</summary>
    public long Count { get; init; } = 1;

    /// <summary>One line: at which step what differs.</summary>
    public string Summary => Describe(Smallest ?? First);

    /// <summary>Whether a result is one to report.</summary>
    internal static bool IsIn(ScenarioResult result) => result is { Error: not null, IsFault: true } || result.IsMismatch;

    /// <summary>What findings of one cause have in common, as far as can be told: the call and what each host said.</summary>
    internal static string Kind(ScenarioResult result)
    {
        if (result.Error is { } error)
            return result.Steps.Length < result.Scenario.Steps.Length
                ? $"{result.Scenario.Steps[result.Steps.Length].GetType().Name} {error.Split(':', 3)[^1]}" : error;
        var outcome = result.Steps.First(static outcome => outcome.IsMismatch);
        return $"{outcome.Step.GetType().Name} {outcome.Model!.Result} {outcome.Kernel!.Result} {outcome.Rule}";
    }

    /// <summary>One more of the same kind was found: the one with the smaller number stands for both, whichever was found first.</summary>
    internal Finding With(Finding other) => (IsBefore(other.Number, Number) ? other : this) with { Count = Count + other.Count };

    private static bool IsBefore(ScenarioNumber one, ScenarioNumber other) =>
        one.Profile < other.Profile || (one.Profile == other.Profile && one.Index < other.Index);

    private static string Describe(ScenarioResult result)
    {
        if (result.Error is { } error)
            return error;
        for (var index = 0; index < result.Steps.Length; index++)
        {
            if (result.Steps[index] is { IsMismatch: true, Model: { } model, Kernel: { } kernel })
                return $"step {index}: the model says {model.Result}{(model.Rule is { } rule ? $" ({rule})" : "")}, the kernel "
                    + $"{kernel.Result}";
        }
        return "no difference";
    }
}

/// <summary>How far a run is.</summary>
/// <param name="Elapsed">How long it has played.</param>
/// <param name="Scenarios">How many scenarios it has played to their end.</param>
/// <param name="Waiting">How many have begun and not ended: mostly those that wait.</param>
/// <param name="Mismatches">How many were mismatches.</param>
/// <param name="IsShrinking">It plays nothing new and makes its findings small.</param>
internal readonly record struct FuzzProgress(TimeSpan Elapsed, long Scenarios, long Waiting, long Mismatches, bool IsShrinking);
