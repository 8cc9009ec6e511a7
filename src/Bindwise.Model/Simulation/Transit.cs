using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Model.Simulation;

/// <summary>What happens to segments between two sockets: they are noted down, held back, and kept to be repeated.</summary>
/// <param name="system">The tables.</param>
/// <param name="needs">What the scenario does to segments.</param>
internal sealed class Transit(SimulatedSystem system, SegmentNeeds needs)
{
    private readonly bool _isWatched = needs.Holds || needs.Repeats;
    private readonly Dictionary<string, (SimulatedSocket Receiver, Queue<Segment> Segments)> _holds = new(StringComparer.Ordinal);
    private readonly Dictionary<(FourTuple Way, SegmentKind Kind), Segment> _last = [];
    private readonly Dictionary<SimulatedSocket, FourTuple> _ways = new(ReferenceEqualityComparer.Instance);

    /// <summary>Some segments may not arrive, so their senders keep them.</summary>
    public bool LosesSegments => needs.Holds;

    /// <summary>Acknowledgements of data matter: somebody looks at them, or waits for them.</summary>
    public bool TellsAcknowledgements => _isWatched || system.Recorder is not null;

    /// <summary>Sees each segment before it arrives, and takes one that is held back.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="receiver">Whom it would reach; null for nobody.</param>
    public bool Takes(in Segment segment, TcpMember? receiver)
    {
        if (!TellsAcknowledgements)
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

    /// <summary>From here on nothing reaches a socket.</summary>
    public void Hold(string name, SimulatedSocket receiver)
    {
        if (HeldFor(receiver) is null)
            _holds[name] = (receiver, []);
    }

    /// <summary>Ends a hold.</summary>
    /// <returns>What was held back; null where nothing was.</returns>
    public Queue<Segment>? EndHold(string name) => _holds.Remove(name, out var hold) ? hold.Segments : null;

    /// <summary>Whether a socket receives nothing at the moment.</summary>
    public bool IsHeld(SimulatedSocket socket) => HeldFor(socket) is not null;

    /// <summary>What was held back is gone.</summary>
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

    // What is left of a socket as a TIME_WAIT entry is no socket any more, and receives again: as on the kernel, where the socket's filter holds back.
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
