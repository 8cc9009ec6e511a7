namespace Bindwise.Model.Simulation;

/// <summary>The control bits of a segment (RFC 9293 §3.1).</summary>
[Flags]
internal enum SegmentFlags : byte
{
    /// <summary>SYN.</summary>
    Syn = 1,

    /// <summary>ACK.</summary>
    Ack = 2,

    /// <summary>FIN.</summary>
    Fin = 4,

    /// <summary>RST.</summary>
    Reset = 8,
}

/// <summary>A TCP segment on its way through loopback.</summary>
/// <param name="Way">Its sender's tuple.</param>
/// <param name="Flags">The control bits.</param>
/// <param name="Bytes">How much data it carries.</param>
/// <param name="HasTimestamps">It carries the timestamps option.</param>
/// <param name="AcksFin">Its sender has received the other end's FIN.</param>
/// <param name="DeviceIndex">The interface that its sender is bound to, by which it then comes in; 0 for none.</param>
internal readonly record struct Segment(
    FourTuple Way, SegmentFlags Flags, int Bytes = 0, bool HasTimestamps = false, bool AcksFin = false, uint DeviceIndex = 0)
{
    public bool IsSyn => Flags.HasFlag(SegmentFlags.Syn);

    public bool IsAck => Flags.HasFlag(SegmentFlags.Ack);

    public bool IsFin => Flags.HasFlag(SegmentFlags.Fin);

    public bool IsReset => Flags.HasFlag(SegmentFlags.Reset);
}
