namespace Bindwise.Model.Scenarios;

/// <summary>
/// Plays the steps of one scenario. Two implementations: the simulated host (the rule model on virtual time) and the live one (the running
/// kernel in a network namespace of its own). They must give the same results, always.
/// </summary>
/// <remarks>
/// <see cref="ExpectStep"/> never reaches a host: who plays judges it; nor does <see cref="RetryStep"/>, only its attempts and waits. What
/// the namespace holds: lo, up, with 127.0.0.1/8 and ::1/128; and for scenarios that name them, the veth pair v0 (192.0.2.1/24,
/// 2001:db8::1/64) and v1 (198.51.100.1/24, 2001:db8:1::1/64), up.
/// </remarks>
internal interface IHost : IDisposable
{
    /// <summary>Plays one step; the steps of a scenario come in their order.</summary>
    /// <exception cref="UnplayableException">This host plays no such step.</exception>
    StepResult Play(Step step);
}

/// <summary>What a host that can look into its own sockets tells beside its results: for the coverage of a run.</summary>
internal interface ISimulationTrace
{
    /// <summary>Every state that a socket of the scenario has been in so far.</summary>
    IReadOnlyCollection<TcpSocketState> StatesReached { get; }
}
