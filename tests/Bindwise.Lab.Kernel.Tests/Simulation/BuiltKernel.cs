using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>What the running kernel answers otherwise than its release, because it was built with a change of its own.</summary>
internal static class BuiltKernel
{
    private static readonly ScenarioHosts AsBuilt = ScenarioHosts.ModelOf(KernelHosts.Rules);
    private static readonly ScenarioHosts AsReleased = ScenarioHosts.ModelOf(KernelHosts.Rules.AsReleased);

    /// <summary>
    /// Whether the model of the running kernel gives a step another result than that of its release: what the scenario expects is not told of this kernel.
    /// </summary>
    internal static bool AnswersOtherwise(Scenario scenario) =>
        KernelHosts.Rules != KernelHosts.Rules.AsReleased && !Results(AsBuilt, scenario).SequenceEqual(Results(AsReleased, scenario));

    private static IEnumerable<string> Results(ScenarioHosts model, Scenario scenario) => model.Play(scenario).Steps.Select(static step => step.Model!.Result);
}
