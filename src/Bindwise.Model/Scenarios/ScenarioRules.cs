using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios;

/// <summary>What makes a scenario valid: what both forms can say, within <see cref="ScenarioLimits"/>. A scenario that was read is valid.</summary>
public static class ScenarioRules
{
    /// <summary>The system that scenarios are about.</summary>
    internal const string Linux = "linux";

    /// <summary>The first thing that is wrong with a scenario; null when it is valid.</summary>
    public static ScenarioFault? FaultOf(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if ((NameRules.OfScenario(scenario.Name) ?? OfPlatform(scenario.Platform)) is { } whole)
            return new ScenarioFault(whole);
        if (scenario.Steps.IsDefault)
            return new ScenarioFault("the scenario has no list of steps; give an empty one");
        var meter = new ScenarioMeter();
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            var step = scenario.Steps[index];
            if ((StepRules.OfStep(step) ?? meter.Add(step)) is { } fault)
                return new ScenarioFault(fault) { Step = index };
        }
        return null;
    }

    /// <summary>Refuses what no form can say.</summary>
    /// <exception cref="ArgumentException">The scenario is not valid.</exception>
    internal static void ThrowIfNotValid(Scenario scenario)
    {
        if (FaultOf(scenario) is { } fault)
            throw new ArgumentException(fault.ToString(), nameof(scenario));
    }

    /// <summary>Null, or what is wrong with the platform.</summary>
    internal static string? OfPlatform(string platform) =>
        platform == Linux ? null : $"the platform {Fault.Quote(platform)} cannot be played; linux can";
}
