using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Recording;

/// <summary>What recording a scenario gave.</summary>
/// <param name="Result">Its results and expectations, as of any play.</param>
/// <param name="Model">What happened on the model; null where it did not play.</param>
/// <param name="Kernel">What happened on the running kernel; null where it did not play.</param>
public sealed record RecordedPlay(ScenarioResult Result, Record? Model, Record? Kernel)
{
    /// <summary>What was claimed and what was given, for each expectation that says what a claim claims; in order.</summary>
    public ImmutableArray<JudgedClaim> Claims { get; init; } = [];
}

/// <summary>What a claim says that a step gives, and what it gave.</summary>
/// <param name="Index">The expectation's index in the scenario.</param>
/// <param name="Expectation">The expectation.</param>
/// <param name="Model">What the model gave; null where it did not play.</param>
/// <param name="Kernel">What the kernel gave; null where it did not play, or left the rest to the model.</param>
public sealed record JudgedClaim(int Index, ExpectStep Expectation, StepResult? Model, StepResult? Kernel)
{
    /// <summary>The model gave what is claimed; null where it did not play.</summary>
    public bool? HoldsOnModel => Model is null ? null : Model.Result == Expectation.Claimed;

    /// <summary>The kernel gave what is claimed; null where it did not play.</summary>
    public bool? HoldsOnKernel => Kernel is null ? null : Kernel.Result == Expectation.Claimed;
}
