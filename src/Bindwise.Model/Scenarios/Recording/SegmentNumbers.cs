using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios.Recording;

/// <summary>Turns sequence numbers as they are on the wire into numbers from each end's initial one, as it goes along the segments of a host.</summary>
public sealed class SegmentNumbers
{
    private readonly Dictionary<(IpEndpoint From, IpEndpoint To), uint> _initial = [];

    /// <summary>Takes the next segment.</summary>
    /// <param name="from">Its source.</param>
    /// <param name="to">Its destination.</param>
    /// <param name="flags">Its control bits.</param>
    /// <param name="sequence">Its sequence number as it is.</param>
    /// <param name="acknowledgement">Its acknowledgement number as it is.</param>
    /// <param name="bytes">How much data it carries.</param>
    /// <returns>
    /// The relative numbers: a SYN has 0; a direction whose SYN was not seen begins with what was seen first, as 1. The acknowledgement is 0
    /// without the bit.
    /// </returns>
    public (uint Sequence, uint Acknowledgement) Take(
        IpEndpoint from, IpEndpoint to, TcpFlags flags, uint sequence, uint acknowledgement, int bytes)
    {
        if (flags.HasFlag(TcpFlags.Syn))
            _initial[(from, to)] = sequence;
        // A RST without ACK in answer to nothing that was seen has the number 0 on the wire, and here.
        var initial = flags.HasFlag(TcpFlags.Reset) && sequence == 0 && bytes == 0 ? 0 : InitialOf(from, to, sequence);
        return (unchecked(sequence - initial), flags.HasFlag(TcpFlags.Ack) ? unchecked(acknowledgement - InitialOf(to, from, acknowledgement)) : 0);
    }

    private uint InitialOf(IpEndpoint from, IpEndpoint to, uint seen)
    {
        if (!_initial.TryGetValue((from, to), out var initial))
            _initial[(from, to)] = initial = unchecked(seen - 1);
        return initial;
    }
}
