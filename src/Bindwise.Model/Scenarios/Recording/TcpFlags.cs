namespace Bindwise.Model.Scenarios.Recording;

/// <summary>The control bits of a segment, with their numbers on the wire (RFC 9293 §3.1).</summary>
[Flags]
internal enum TcpFlags : byte
{
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
