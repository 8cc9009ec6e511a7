using System.Collections.Immutable;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>What a fuzz run plays, and for how long.</summary>
/// <param name="Seed">The seed that the scenarios come from.</param>
/// <param name="Scenarios">The scenarios of the seed, without end, always the same.</param>
/// <param name="Shrink">Makes a scenario smaller as long as the given test still holds, within reason; gives the smallest that it found.</param>
public sealed record FuzzPlan(ulong Seed, IEnumerable<Scenario> Scenarios, Func<Scenario, Func<Scenario, bool>, Scenario> Shrink)
{
    /// <summary>From here on a run has played enough for a rule that was never met to be a fault.</summary>
    public const long EnoughToJudge = 20_000;

    /// <summary>How long to play; what has begun then is played to its end.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many scenarios at most; null for as many as the time allows.</summary>
    public long? Count { get; init; }

    /// <summary>The rules that the scenarios can reach.</summary>
    public ImmutableArray<Rule> Reachable { get; init; } = [];

    /// <summary>After so many different mismatches the run ends.</summary>
    public int MostMismatches { get; init; } = 10;

    /// <summary>How long to shrink one mismatch.</summary>
    public TimeSpan ShrinkTime { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>How far a run is.</summary>
/// <param name="Elapsed">How long it has played.</param>
/// <param name="Scenarios">How many scenarios it has played.</param>
/// <param name="Mismatches">How many of them were mismatches.</param>
public readonly record struct FuzzProgress(TimeSpan Elapsed, long Scenarios, long Mismatches);
