namespace Bindwise.Model.Simulation;

/// <summary>A SYN that was answered and waits for the ACK: in the connection table, but on no port (struct request_sock).</summary>
internal sealed class HandshakeRequest : TcpMember
{
    /// <summary>The listener that answered.</summary>
    public required SimulatedSocket Listener { get; init; }

    /// <summary>Both ends use timestamps.</summary>
    public required bool HasTimestamps { get; init; }

    /// <inheritdoc/>
    public override string Label => Name;
}
