using System.Collections.Immutable;
using Bindwise.Lab.Generating;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Fuzzing;

/// <summary>What a fuzz run plays, and for how long.</summary>
/// <param name="Seed">The seed that the scenarios come from.</param>
public sealed record FuzzPlan(ulong Seed)
{
    /// <summary>From here on a run has played enough for a rule that was never met to be a fault.</summary>
    public const long EnoughToJudge = 20_000;

    /// <summary>How long to play; what has begun then is played to its end.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many scenarios at most; null for as many as the time allows.</summary>
    public long? Count { get; init; }

    /// <summary>What the scenarios are about; null for a mixture.</summary>
    public ScenarioProfile? Profile { get; init; }

    /// <summary>Makes a scenario; always the same of the same number.</summary>
    public Func<ScenarioNumber, Scenario> ScenarioOf { get; init; } = number => ScenarioGenerator.Generate(Seed, number.Index, number.Profile);

    /// <summary>The rules that the scenarios can reach.</summary>
    public ImmutableArray<Rule> Reachable { get; init; } = RuleBook.InScenarios;

    /// <summary>Those that only a scenario that waits can reach: a run too short for one cannot be blamed.</summary>
    public ImmutableArray<Rule> ReachedByWaiting { get; init; } = [ConnectionRuleBook.TimePassed];

    /// <summary>After so many different mismatches the run ends.</summary>
    public int MostMismatches { get; init; } = 10;

    /// <summary>How long to shrink one mismatch; one that waits takes as much for each round of its waits.</summary>
    public TimeSpan ShrinkTime { get; init; } = TimeSpan.FromMinutes(2);
}
