namespace Bindwise.Model.Scenarios.Recording;

/// <param name="Sequence">Its sequence number, from the sender's initial one: a SYN has 0.</param>
/// <param name="Acknowledgement">Its acknowledgement number, from the other end's initial one; 0 without the ACK bit.</param>
/// <param name="Bytes">How much data it carries.</param>
internal sealed record SegmentEvent(
    TimeSpan At, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, SegmentFate Fate)
    : HostEvent(At);

/// <summary>What becomes of a segment on its way.</summary>
internal enum SegmentFate
{
    /// <summary>It arrives at once, without delay or loss.</summary>
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

/// <summary>
/// Turns sequence numbers as they are on the wire into numbers from each end's initial one, as it goes along the segments of a host.
/// </summary>
internal sealed class SegmentNumbers
{
    // Of a direction whose four-tuple was used again there are several.
    private readonly Dictionary<(IpEndpoint From, IpEndpoint To), List<uint>> _initial = [];

    /// <summary>The relative numbers of the next segment; call it once for each segment, in the order in which they were sent.</summary>
    /// <param name="bytes">How much data it carries.</param>
    /// <returns>The relative numbers: a SYN has 0; a direction whose SYN was not seen begins with what was seen first, as 1. The
    /// acknowledgement is 0 without the bit.</returns>
    public (uint Sequence, uint Acknowledgement) Take(
        IpEndpoint from, IpEndpoint to, TcpFlags flags, uint sequence, uint acknowledgement, int bytes)
    {
        if (flags.HasFlag(TcpFlags.Syn))
            Begin(from, to, sequence);
        // A RST in answer to what acknowledges nothing has the number 0 on the wire, and here.
        var initial = flags.HasFlag(TcpFlags.Reset) && sequence == 0 ? 0 : InitialOf(from, to, sequence);
        return (unchecked(sequence - initial),
            flags.HasFlag(TcpFlags.Ack) ? unchecked(acknowledgement - InitialOf(to, from, acknowledgement)) : 0);
    }

    private void Begin(IpEndpoint from, IpEndpoint to, uint initial)
    {
        if (!_initial.TryGetValue((from, to), out var known))
            _initial[(from, to)] = known = [];
        if (!known.Contains(initial))
            known.Add(initial);
    }

    // An old segment counts from the connection that it belongs to: the initial number that lies closest before it.
    private uint InitialOf(IpEndpoint from, IpEndpoint to, uint seen)
    {
        if (!_initial.TryGetValue((from, to), out var known))
        {
            Begin(from, to, unchecked(seen - 1));
            return unchecked(seen - 1);
        }
        var closest = known[^1];
        foreach (var initial in known)
        {
            if (unchecked(seen - initial) < unchecked(seen - closest))
                closest = initial;
        }
        return closest;
    }
}
