using Bindwise.Model.Events;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>What a census says that is worth a line: the sockets, and the TCP sockets counted by state.</summary>
/// <param name="Omitted">How many more sockets there were than a look keeps.</param>
internal sealed record CensusFacts(ImmutableArray<CensusRow> Sockets, ImmutableArray<(string State, int Count)> States, int Omitted = 0)
{
    public static CensusFacts Of(HostCensus census) => new(
        [.. census.Sockets.Select(one => new CensusRow(one.Socket.Protocol, SocketText.Local(one.Socket), SocketText.State(one.Socket),
            census.NetworkNamespace, one.Holder?.ProcessId ?? 0, one.Holder?.Program, one.Socket.UserId, one.Socket.IsDualStack))],
        [.. census.States.Select(static state => (TcpStateNames.Of(state.State, Protocol.Tcp), state.Count))], census.SocketsOmitted);

    public bool IsSame(CensusFacts other) => Omitted == other.Omitted
        && Sockets.AsSpan().SequenceEqual(other.Sockets.AsSpan()) && States.AsSpan().SequenceEqual(other.States.AsSpan());
}
