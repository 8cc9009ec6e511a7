using Bindwise.Model.Sockets;

namespace Bindwise.Model.Scenarios;

/// <summary>What a host that can look into its own sockets tells beside its results: for the coverage of a run.</summary>
public interface ISimulationTrace
{
    /// <summary>Every state that a socket of the scenario has been in so far.</summary>
    IReadOnlyCollection<TcpState> StatesReached { get; }
}
