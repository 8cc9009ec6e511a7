namespace Bindwise.Model.Scenarios.Recording;

/// <summary>A TCP segment was sent.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="From">Its source.</param>
/// <param name="To">Its destination.</param>
/// <param name="Flags">Its control bits.</param>
/// <param name="Sequence">Its sequence number, from the sender's initial one: a SYN has 0.</param>
/// <param name="Acknowledgement">Its acknowledgement number, from the other end's initial one; 0 without the ACK bit.</param>
/// <param name="Bytes">How much data it carries.</param>
/// <param name="Fate">What became of it.</param>
internal sealed record SegmentEvent(
    TimeSpan At, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, SegmentFate Fate)
    : HostEvent(At);
