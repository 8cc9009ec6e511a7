namespace Bindwise.Model.Scenarios.Recording;

/// <param name="Sequence">Its sequence number, from the sender's initial one: a SYN has 0.</param>
/// <param name="Acknowledgement">Its acknowledgement number, from the other end's initial one; 0 without the ACK bit.</param>
/// <param name="Bytes">How much data it carries.</param>
internal sealed record SegmentEvent(
    TimeSpan At, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, SegmentFate Fate)
    : HostEvent(At);
