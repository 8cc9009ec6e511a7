using System.Collections.Immutable;
using Bindwise.Lab.Generating;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Cli.Verbs;

/// <summary>What <c>lab fuzz</c> plays.</summary>
internal static class LabScenarios
{
    /// <summary>The rules that its scenarios must meet.</summary>
    public static ImmutableArray<Rule> Reachable => RuleBook.InScenarios;

    /// <summary>The scenarios of a seed, without end.</summary>
    public static IEnumerable<Scenario> Of(ulong seed)
    {
        for (long index = 0; ; index++)
            yield return ScenarioGenerator.Generate(seed, index);
    }

    /// <summary>Makes a scenario smaller while a test holds.</summary>
    public static Scenario Shrink(Scenario scenario, Func<Scenario, bool> holds) => ScenarioShrinker.Shrink(scenario, holds);

    /// <summary>A scenario as a .bind file.</summary>
    public static string TextOf(Scenario scenario) => BindText.Write(scenario);
}
