using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Scenarios.Recording;

/// <summary>Something that a host saw below the system calls.</summary>
/// <param name="At">When, since the scenario's first step: virtual on the model, by CLOCK_MONOTONIC on the kernel.</param>
public abstract record HostEvent(TimeSpan At);

/// <summary>A TCP socket, or what is left of one, went from one state to another.</summary>
/// <param name="At">When.</param>
/// <param name="Local">Its own address and port.</param>
/// <param name="Remote">The other end's; null for none.</param>
/// <param name="From">The state before; null where it was not seen, or the socket is new.</param>
/// <param name="To">The state after; null when nothing is left.</param>
public sealed record StateEvent(TimeSpan At, IpEndpoint Local, IpEndpoint? Remote, TcpState? From, TcpState? To) : HostEvent(At)
{
    /// <summary>The socket's name in the scenario; null where it has none yet (a connection that was not accepted) or it is not known.</summary>
    public string? Socket { get; init; }
}

/// <summary>A TCP segment was sent.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="From">Its source.</param>
/// <param name="To">Its destination.</param>
/// <param name="Flags">Its control bits.</param>
/// <param name="Sequence">Its sequence number, from the sender's initial one: a SYN has 0.</param>
/// <param name="Acknowledgement">Its acknowledgement number, from the other end's initial one; 0 without the ACK bit.</param>
/// <param name="Bytes">How much data it carries.</param>
/// <param name="Fate">What became of it.</param>
public sealed record SegmentEvent(
    TimeSpan At, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, SegmentFate Fate) : HostEvent(At);

/// <summary>The control bits of a segment, with their numbers on the wire (RFC 9293 §3.1).</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 1,

    /// <summary>Synchronize sequence numbers.</summary>
    Syn = 2,

    /// <summary>Reset the connection.</summary>
    Reset = 4,

    /// <summary>Push.</summary>
    Push = 8,

    /// <summary>The acknowledgement number counts.</summary>
    Ack = 16,
}

/// <summary>What becomes of a segment on its way.</summary>
public enum SegmentFate
{
    /// <summary>It arrives at once.</summary>
    Delivered,

    /// <summary>It is held back (<see cref="HoldStep"/>).</summary>
    Held,

    /// <summary>One that was held back arrives now (<see cref="ReleaseStep"/>).</summary>
    Released,

    /// <summary>One that was held back is lost (<see cref="LoseStep"/>).</summary>
    Lost,

    /// <summary>A duplicate of an earlier one (<see cref="RepeatStep"/>), which arrives at once.</summary>
    Repeated,
}
