using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>What reading one scenario gave: the scenario, or what is wrong with it.</summary>
/// <param name="Scenario">The scenario; null when there is a fault.</param>
/// <param name="Faults">The faults in the order of the text, of JSON the first one only; empty on success.</param>
public sealed record ScenarioParse(Scenario? Scenario, ImmutableArray<ScenarioFault> Faults)
{
    /// <summary>The scenario's name, even of a faulty one as far as it could be read; empty when it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The line of the file or stream on which it starts, from 1.</summary>
    public int Line { get; init; } = 1;

    /// <summary>Where each step stands, by its index; empty for JSON, where all stand on <see cref="Line"/>.</summary>
    public ImmutableArray<StepPosition> Positions { get; init; } = [];

    /// <summary>The reading gave a scenario.</summary>
    public bool IsSuccess => Scenario is not null;

    /// <summary>The first fault; null on success.</summary>
    public ScenarioFault? Fault => Faults.IsEmpty ? null : Faults[0];
}

/// <summary>Where a step stands in a .bind file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column of the word that makes the step, from 1.</param>
public readonly record struct StepPosition(int Line, int Column);
