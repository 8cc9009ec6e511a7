namespace Bindwise.Model.Scenarios.Recording;

/// <summary>Something that a host saw below the system calls.</summary>
/// <param name="At">When, since the scenario's first step: virtual on the model, by CLOCK_MONOTONIC on the kernel.</param>
internal abstract record HostEvent(TimeSpan At);

/// <summary>A TCP socket, or what is left of one, went from one state to another.</summary>
/// <param name="At">When.</param>
/// <param name="Local">Its own address and port.</param>
/// <param name="Remote">The other end's; null for none.</param>
/// <param name="From">The state before; null where it was not seen, or the socket is new.</param>
/// <param name="To">The state after; null when nothing is left.</param>
internal sealed record StateEvent(TimeSpan At, IpEndpoint Local, IpEndpoint? Remote, TcpSocketState? From, TcpSocketState? To) : HostEvent(At)
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
internal sealed record SegmentEvent(
    TimeSpan At, IpEndpoint From, IpEndpoint To, TcpFlags Flags, uint Sequence, uint Acknowledgement, int Bytes, SegmentFate Fate) : HostEvent(At);

/// <summary>The control bits of a segment, with their numbers on the wire (RFC 9293 §3.1).</summary>
[Flags]
internal enum TcpFlags : byte
{
    /// <summary>No control bit.</summary>
    None = 0,

    /// <summary>FIN: no more data from the sender.</summary>
    Fin = 1,

    /// <summary>SYN: the sender's initial sequence number.</summary>
    Syn = 2,

    /// <summary>RST: the connection ends at once.</summary>
    Reset = 4,

    /// <summary>PSH: the receiver is to pass the data on at once.</summary>
    Push = 8,

    /// <summary>ACK: the acknowledgement number is valid.</summary>
    Ack = 16,
}

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

/// <summary>A host that tells, beside its results, what it saw below the system calls.</summary>
internal interface IRecordingHost : IHost
{
    /// <summary>How long ago the scenario began: virtual time on the model, real time on the kernel.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>What happened since the last call, in order of time.</summary>
    IReadOnlyList<HostEvent> TakeEvents();

    /// <summary>The sockets that exist now, and what is left of closed ones; in the order of their ports, then of their states.</summary>
    IReadOnlyList<SocketRow> Sockets();
}

/// <summary>A line of a host's socket table, as it stood between two steps.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Local">Its own address and port.</param>
/// <param name="Remote">The other end's; null for none.</param>
/// <param name="State">Its state.</param>
internal sealed record SocketRow(Protocol Protocol, IpEndpoint Local, IpEndpoint? Remote, TcpSocketState State)
{
    /// <summary>Its name in the scenario; null for what no name stands for.</summary>
    public string? Socket { get; init; }

    /// <summary>The process that holds it, by its name in the scenario; null for none, or for the player itself.</summary>
    public string? Process { get; init; }

    /// <summary>How long its timer still runs, in seconds: that of a TIME_WAIT or FIN_WAIT2; null where it has none.</summary>
    public double? SecondsLeft { get; init; }
}

/// <summary>The order in which every host tells its sockets.</summary>
internal static class SocketRowOrder
{
    /// <summary>By port, then by state, protocol, address and the other end.</summary>
    public static IReadOnlyList<SocketRow> Sort(List<SocketRow> rows)
    {
        rows.Sort(static (one, other) => Compare(one, other));
        return rows;
    }

    private static int Compare(SocketRow one, SocketRow other)
    {
        var order = one.Local.Port.CompareTo(other.Local.Port);
        if (order == 0)
            order = one.State.CompareTo(other.State);
        if (order == 0)
            order = one.Protocol.CompareTo(other.Protocol);
        if (order == 0)
            order = one.Local.Address.Bits.CompareTo(other.Local.Address.Bits);
        if (order == 0)
            order = (one.Remote?.Port ?? 0).CompareTo(other.Remote?.Port ?? 0);
        return order;
    }
}
