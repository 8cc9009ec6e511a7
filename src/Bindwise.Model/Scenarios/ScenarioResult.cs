using System.Collections.Immutable;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Scenarios;

/// <summary>What playing a scenario gave, step by step.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Steps">An outcome for every step, in order; fewer where it could not be played to its end.</param>
public sealed record ScenarioResult(Scenario Scenario, ImmutableArray<StepOutcome> Steps)
{
    /// <summary>Why it could not be played to its end, one line; null when it was.</summary>
    public string? Error { get; init; }

    /// <summary>The error is a fault of this program, not a kernel that cannot be used.</summary>
    public bool IsFault { get; init; }

    /// <summary>The TCP states that its sockets were in, as far as the hosts tell; in the order of their numbers.</summary>
    public ImmutableArray<TcpState> States { get; init; } = [];

    /// <summary>Model and kernel differ in at least one step.</summary>
    public bool IsMismatch => Steps.Any(static outcome => outcome.IsMismatch);

    /// <summary>How many expectations were not met.</summary>
    public int FailedExpectations => Steps.Count(static outcome => outcome.IsFailedExpectation);
}
