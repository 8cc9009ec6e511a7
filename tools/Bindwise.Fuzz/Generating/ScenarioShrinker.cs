using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating;

/// <summary>
/// Makes a failing scenario small: fewer steps first, then plainer ones, then plain names and ports. What is decided stays so, else
/// a shrunk mismatch might be none. Deterministic.
/// </summary>
internal static class ScenarioShrinker
{
    /// <summary>The most scenarios that <see cref="Shrink"/> tries if nothing else is said: some seconds on the kernel.</summary>
    public const int DefaultTrials = 2_000;

    /// <summary>
    /// The smallest scenario that is found to fail still, step by step; the scenario itself when every smaller one is well.
    /// </summary>
    /// <param name="scenario">A scenario that fails.</param>
    /// <param name="stillFails">Plays a scenario; true when it fails as the first one did.</param>
    /// <param name="maximumTrials">How often <paramref name="stillFails"/> is asked at most.</param>
    internal static Scenario Shrink(Scenario scenario, Func<Scenario, bool> stillFails, int maximumTrials = DefaultTrials)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(stillFails);
        var trials = 0;
        var smallest = scenario;
        while (Candidates(smallest).TakeWhile(_ => trials++ < maximumTrials).FirstOrDefault(stillFails) is { } smaller)
            smallest = smaller;
        return smallest;
    }

    /// <summary>
    /// What a scenario can be shrunk to at once, boldest first; each is strictly simpler, so that taking any of them again and again
    /// comes to an end. They hang on the scenario alone: those that wait can be played side by side.
    /// </summary>
    internal static IEnumerable<Scenario> Candidates(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var isDecided = UndecidableStepFilter.ReasonOf(scenario) is null;
        return Removal.Of(scenario.Steps)
            .Concat(Simplification.Of(scenario.Steps))
            .Concat(Renaming.Of(scenario.Steps))
            .Select(steps => scenario with { Steps = steps })
            .Where(smaller => !isDecided || UndecidableStepFilter.ReasonOf(smaller) is null);
    }
}
