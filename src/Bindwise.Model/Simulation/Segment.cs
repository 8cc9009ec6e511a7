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
/// <param name="Sequence">The number of its first byte.</param>
/// <param name="Acknowledgement">The number that its sender expects next; 0 without ACK.</param>
internal readonly record struct Segment(FourTuple Way, SegmentFlags Flags, uint Sequence, uint Acknowledgement)
{
    /// <summary>How much data it carries.</summary>
    public int Bytes { get; init; }

    /// <summary>It carries the timestamps option.</summary>
    public bool HasTimestamps { get; init; }

    /// <summary>Its timestamp: the virtual millisecond in which it was sent first.</summary>
    public long SentAt { get; init; }

    /// <summary>The interface that its sender is bound to, by which it then comes in; 0 for none.</summary>
    public uint DeviceIndex { get; init; }

    /// <summary>A duplicate of an old one.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>It was held back, and goes on now.</summary>
    public bool IsReleased { get; init; }

    /// <summary>It acknowledges something beyond a gap (SACK, RFC 2018).</summary>
    public bool TellsGap { get; init; }

    public bool IsSyn => Flags.HasFlag(SegmentFlags.Syn);

    public bool IsAck => Flags.HasFlag(SegmentFlags.Ack);

    public bool IsFin => Flags.HasFlag(SegmentFlags.Fin);

    public bool IsReset => Flags.HasFlag(SegmentFlags.Reset);

    /// <summary>The number behind its last: SYN and FIN count as one each.</summary>
    public uint End => unchecked(Sequence + (uint)Bytes + (IsSyn ? 1u : 0) + (IsFin ? 1u : 0));

    /// <summary>It carries nothing that must be acknowledged.</summary>
    public bool IsEmpty => End == Sequence;
}
