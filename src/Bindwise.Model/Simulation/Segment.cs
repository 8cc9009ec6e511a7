using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Simulation;

/// <summary>The control bits of a segment (RFC 9293 §3.1).</summary>
[Flags]
internal enum SegmentFlags : byte
{
    Syn = 1,
    Ack = 2,
    Fin = 4,
    Reset = 8,
}

/// <summary>A TCP segment on its way through loopback.</summary>
/// <param name="Sequence">The number of its first byte.</param>
/// <param name="Acknowledgement">The number that its sender expects next; 0 without ACK.</param>
internal readonly record struct Segment(FourTuple Way, SegmentFlags Flags, uint Sequence, uint Acknowledgement)
{
    /// <summary>How much data it carries.</summary>
    public int Bytes { get; init; }

    public bool HasTimestamps { get; init; }

    /// <summary>Its timestamp: the virtual millisecond in which it was sent first.</summary>
    public long SentAt { get; init; }

    /// <summary>The interface that its sender is bound to, by which it then comes in; 0 for none.</summary>
    public uint DeviceIndex { get; init; }

    public bool IsRepeat { get; init; }

    /// <summary>It was held back, and goes on now.</summary>
    public bool IsReleased { get; init; }

    /// <summary>It acknowledges something beyond a gap (SACK, RFC 2018).</summary>
    public bool ReportsGap { get; init; }

    public bool IsSyn => Flags.HasFlag(SegmentFlags.Syn);
    public bool IsAck => Flags.HasFlag(SegmentFlags.Ack);
    public bool IsFin => Flags.HasFlag(SegmentFlags.Fin);
    public bool IsReset => Flags.HasFlag(SegmentFlags.Reset);

    /// <summary>The number after its last: SYN and FIN count as one each.</summary>
    public uint End => unchecked(Sequence + (uint)Bytes + (IsSyn ? 1u : 0) + (IsFin ? 1u : 0));

    /// <summary>It carries nothing that must be acknowledged.</summary>
    public bool IsEmpty => End == Sequence;
}

/// <summary>Sequence numbers: 32 bits that wrap (RFC 9293 §3.4).</summary>
internal static class SequenceNumber
{
    /// <summary>An initial number grows by one in 64 ns (secure_tcp_seq(), net/core/secure_seq.c).</summary>
    private const long PerMillisecond = 15_625;

    /// <summary>
    /// So far apart are two initial numbers of the same moment: the calls between them take time on the kernel's clock, while the virtual
    /// one stands still. A connection takes two, which together are more than a scenario may send (<see
    /// cref="Scenarios.ScenarioLimits.BytesInAll"/>): so its numbers lie after those of the one before.
    /// </summary>
    private const uint Meanwhile = 20_000;

    /// <summary>
    /// What tcp_twsk_unique() and tcp_timewait_state_process() add, so that the new connection's numbers lie after the old one's.
    /// </summary>
    private const uint BehindTheOld = 65_537;

    /// <summary>An initial number; the secret that belongs to a four-tuple is left out.</summary>
    /// <param name="earlier">How many there were before.</param>
    public static uint InitialAt(long now, uint earlier) => unchecked((uint)(now * PerMillisecond) + earlier * Meanwhile);

    /// <summary>The initial number of a connection that takes over the four-tuple of an old one.</summary>
    public static uint InitialAfter(TcpMember old) => unchecked(old.SendNext + BehindTheOld);

    public static bool IsAfter(uint number, uint other) => unchecked((int)(number - other)) > 0;

    /// <summary>Whether the SYN of a new connection lies after everything of the old one.</summary>
    public static bool IsNewer(in Segment syn, TcpMember old) => IsAfter(syn.Sequence, old.ReceiveNext);
}

/// <summary>What a scenario does to the segments of a connection, beside the system calls.</summary>
internal sealed class SegmentCalls(TcpWire wire, Transit transit)
{
    /// <summary>Nothing reaches a connected socket any more.</summary>
    public Reply Hold(string name, SimulatedSocket socket)
    {
        if (!IsConnected(socket))
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        transit.Hold(name, socket);
        return Reply.Ok();
    }

    /// <summary>What was held back arrives.</summary>
    public Reply Release(string name)
    {
        if (transit.EndHold(name) is not { } held)
            return Reply.Fail("EINVAL", null);
        wire.Release(held);
        return Reply.Ok();
    }

    /// <summary>What was held back is lost.</summary>
    public Reply Lose(string name)
    {
        if (transit.EndHold(name) is not { } held)
            return Reply.Fail("EINVAL", null);
        transit.Lose(held);
        return Reply.Ok();
    }

    /// <summary>An old segment turns up once more.</summary>
    public Reply Repeat(SimulatedSocket sender, SegmentKind kind)
    {
        if (transit.LastOf(sender, kind) is not { } segment)
            return Reply.Fail("EINVAL", null);
        wire.Repeat(segment);
        return Reply.Ok();
    }

    /// <summary>Many bytes from one end to the other.</summary>
    public Reply Stream(SimulatedSocket from, SimulatedSocket to, long bytes)
    {
        if (!IsConnected(from) || !IsConnected(to) || from.Tuple?.Mirrored != to.Tuple)
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        if (from.IsWritingShut)
            return Reply.Fail("EPIPE", ConnectionRuleBook.SendingEnded);
        if (transit.IsHeld(from) || transit.IsHeld(to))
            return Reply.Fail("EAGAIN", null);
        wire.Stream(from, to, (int)bytes);
        return Reply.Ok();
    }

    private static bool IsConnected(SimulatedSocket socket) =>
        socket.Protocol == Protocol.Tcp && socket.Tuple is not null && socket.State is not (TcpSocketState.SynSent or TcpSocketState.Close);
}

/// <summary>What happens to segments between two sockets: they are noted down, held back, and kept to be repeated.</summary>
internal sealed class Transit(SimulatedSystem system, SegmentNeeds needs)
{
    private readonly bool _isWatched = needs.Holds || needs.Repeats;
    private readonly Dictionary<string, (SimulatedSocket Receiver, Queue<Segment> Segments)> _holds = new(StringComparer.Ordinal);
    private readonly Dictionary<(FourTuple Way, SegmentKind Kind), Segment> _last = [];
    private readonly Dictionary<SimulatedSocket, FourTuple> _ways = new(ReferenceEqualityComparer.Instance);

    /// <summary>Some segments may not arrive, so their senders keep them.</summary>
    public bool LosesSegments => needs.Holds;

    /// <summary>Acknowledgements of data matter: somebody looks at them, or waits for them.</summary>
    public bool RecordsAcknowledgements => _isWatched || system.Recorder is not null;

    /// <summary>Sees each segment before it arrives, and takes one that is held back.</summary>
    /// <param name="receiver">Whom it would reach; null for nobody.</param>
    public bool Takes(in Segment segment, TcpMember? receiver)
    {
        if (!RecordsAcknowledgements)
            return false;
        if (needs.Repeats && !segment.IsRepeat)
            _last[(segment.Way, KindOf(segment))] = segment with { IsReleased = false };
        var held = HeldFor(receiver);
        held?.Enqueue(segment);
        system.Recorder?.Saw(segment, held is not null ? SegmentFate.Held
            : segment.IsReleased ? SegmentFate.Released
            : segment.IsRepeat ? SegmentFate.Repeated
            : SegmentFate.Delivered);
        return held is not null;
    }

    public void Hold(string name, SimulatedSocket receiver)
    {
        if (HeldFor(receiver) is null)
            _holds[name] = (receiver, []);
    }

    /// <returns>What was held back; null where nothing was.</returns>
    public Queue<Segment>? EndHold(string name) => _holds.Remove(name, out var hold) ? hold.Segments : null;

    /// <summary>Whether a socket receives nothing at the moment.</summary>
    public bool IsHeld(SimulatedSocket socket) => HeldFor(socket) is not null;

    public void Lose(Queue<Segment> held)
    {
        foreach (var segment in held)
            system.Recorder?.Saw(segment, SegmentFate.Lost);
    }

    /// <summary>Which connection a socket sends in: to be repeated, it must be known after its end.</summary>
    public void Remember(SimulatedSocket sender, in FourTuple way)
    {
        if (needs.Repeats)
            _ways[sender] = way;
    }

    /// <summary>The last segment of its kind that a socket sent, or the kernel for it; null for none.</summary>
    public Segment? LastOf(SimulatedSocket sender, SegmentKind kind)
    {
        var way = sender.Tuple ?? (_ways.TryGetValue(sender, out var last) ? last : null);
        return way is { } found && _last.TryGetValue((found, kind), out var segment) ? segment : null;
    }

    // What is left of a socket as a TIME_WAIT entry is no socket any more, and receives again: as on the
    // kernel, where the socket's filter holds back.
    private Queue<Segment>? HeldFor(TcpMember? receiver)
    {
        if (_holds.Count == 0)
            return null;
        foreach (var (socket, segments) in _holds.Values)
        {
            if (ReferenceEquals(socket, receiver))
                return segments;
        }
        return null;
    }

    private static SegmentKind KindOf(in Segment segment) =>
        segment.IsReset ? SegmentKind.Reset
        : segment.IsSyn ? SegmentKind.Syn
        : segment.IsFin ? SegmentKind.Fin
        : segment.Bytes > 0 ? SegmentKind.Data
        : SegmentKind.Ack;
}
