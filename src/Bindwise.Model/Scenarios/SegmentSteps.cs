namespace Bindwise.Model.Scenarios;

/// <summary>From here on TCP segments on their way to a socket are held back, as by a slow network, until <see cref="ReleaseStep"/> or <see cref="LoseStep"/>.</summary>
/// <param name="Socket">The name of the socket that is to receive nothing; it must be connected, else ENOTCONN.</param>
public sealed record HoldStep(string Socket) : SocketStep(Socket);

/// <summary>What was held back for a socket reaches it now, in its order, and later segments are no longer held. The name may be that of a socket closed meanwhile.</summary>
/// <param name="Socket">The name that was given to <see cref="HoldStep"/>; EINVAL when nothing is held for it.</param>
public sealed record ReleaseStep(string Socket) : SocketStep(Socket);

/// <summary>What was held back for a socket is lost, and later segments are no longer held: the other end will send again what it needs answered.</summary>
/// <param name="Socket">The name that was given to <see cref="HoldStep"/>; EINVAL when nothing is held for it.</param>
public sealed record LoseStep(string Socket) : SocketStep(Socket);

/// <summary>A duplicate of an old segment turns up: the last one of its kind that a socket sent goes on its way once more, as it was.</summary>
/// <param name="Socket">The name of its sender, which may be closed.</param>
/// <param name="Kind">Which one; EINVAL when the socket sent none.</param>
public sealed record RepeatStep(string Socket, SegmentKind Kind) : SocketStep(Socket);

/// <summary>A kind of segment, by what it is sent for.</summary>
public enum SegmentKind
{
    /// <summary>One that carries data.</summary>
    Data,

    /// <summary>The first of a connection.</summary>
    Syn,

    /// <summary>One that ends a direction.</summary>
    Fin,

    /// <summary>One that carries nothing but an acknowledgement.</summary>
    Ack,

    /// <summary>A reset.</summary>
    Reset,
}

/// <summary>
/// Sends so many bytes from one end of a connection to the other as fast as both can, all of it read there: the sequence numbers
/// outrun the clock that initial numbers are taken from (RFC 9293 §3.4.1; secure_tcp_seq(), net/core/secure_seq.c).
/// </summary>
/// <param name="Socket">The sender's name.</param>
/// <param name="To">The receiver's name, the other end of the same connection; else ENOTCONN.</param>
/// <param name="Bytes">How many, 1 to 1,073,741,824.</param>
public sealed record StreamStep(string Socket, string To, long Bytes) : SocketStep(Socket);
