using System.Collections.Immutable;
using Bindwise.Lab.Coverage;
using Bindwise.Model.Rules;

namespace Bindwise.Lab.Fuzzing;

/// <summary>What a fuzz run found and covered.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="OnKernel">Whether the kernel played too.</param>
/// <param name="Coverage">What was met.</param>
/// <param name="Elapsed">How long it played, shrinking not counted.</param>
public sealed record FuzzReport(ulong Seed, bool OnKernel, CoverageCounter Coverage, TimeSpan Elapsed)
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
