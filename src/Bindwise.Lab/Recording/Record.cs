using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Recording;

/// <summary>A scenario as one host played it: what every verdict stands on, and every drawing shows.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Host">Where it was played.</param>
/// <param name="Steps">What was played, in order; without expectations, which no host plays.</param>
public sealed record Record(Scenario Scenario, RecordedHost Host, ImmutableArray<RecordedStep> Steps)
{
    /// <summary>How the events were seen, one line for the reader (as: states by the tracepoint sock:inet_sock_set_state, segments by a packet socket).</summary>
    public string Means { get; init; } = "";

    /// <summary>
    /// From which entry of <see cref="Steps"/> on it is the model's, on virtual time: a wait was cut short (<see cref="RecordingOptions.IsFast"/>).
    /// Null where all of it was played on the host.
    /// </summary>
    public int? VirtualFrom { get; init; }
}

/// <summary>Where a record was made.</summary>
/// <param name="IsKernel">On the running kernel; else on the model.</param>
/// <param name="System">Which: <c>Linux 6.18.44</c>, or the system whose rules the model followed.</param>
public sealed record RecordedHost(bool IsKernel, string System);

/// <summary>One step, and what happened while it was played.</summary>
/// <param name="Index">The step's index in the scenario, from 0.</param>
/// <param name="Step">The step; an attempt of a retry stands for itself.</param>
/// <param name="Result">What it gave.</param>
/// <param name="Begin">When it began, since the scenario's start.</param>
/// <param name="End">When it ended.</param>
/// <param name="Events">What happened meanwhile, in order of time.</param>
/// <param name="Sockets">The sockets afterwards.</param>
public sealed record RecordedStep(
    int Index, Step Step, StepResult Result, TimeSpan Begin, TimeSpan End, ImmutableArray<HostEvent> Events, ImmutableArray<SocketRow> Sockets);
