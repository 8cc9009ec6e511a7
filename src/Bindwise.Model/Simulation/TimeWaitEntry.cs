using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>What is left of a connection that was closed here first (struct inet_timewait_sock).</summary>
internal sealed class TimeWaitEntry : TcpMember
{
    /// <summary><see cref="TcpState.TimeWait"/>, or <see cref="TcpState.FinWait2"/> while the other end's FIN is missing (tw_substate).</summary>
    public required TcpState State { get; set; }

    /// <summary>The connection used timestamps (tw_ts_recent_stamp).</summary>
    public required bool HasTimestamps { get; init; }

    /// <summary>When it was made, in milliseconds (tw_entry_stamp).</summary>
    public required long MadeAt { get; set; }

    /// <inheritdoc/>
    public override string Label => $"{Name} by {TcpStateNames.Of(State, Addresses.Protocol.Tcp)}";
}
