using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>The answer to <see cref="StateStep"/>.</summary>
internal static class SocketStates
{
    /// <summary>The state of a socket, or of what is left of it.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isOpen">A name holds it.</param>
    public static string Of(SimulatedSocket socket, bool isOpen)
    {
        if (socket.Protocol == Protocol.Udp)
            return isOpen && socket.Port != 0 ? TcpStateNames.Of(socket.State, Protocol.Udp) : StepResult.Closed;
        if (socket.State != TcpState.Close)
            return TcpStateNames.Of(socket.State, Protocol.Tcp);
        if (socket.Remains is { Bucket: not null } entry)
            return TcpStateNames.Of(entry.State, Protocol.Tcp);
        return isOpen && socket.Port != 0 ? TcpStateNames.Of(TcpState.Bound, Protocol.Tcp) : StepResult.Closed;
    }
}
