namespace Bindwise;

/// <summary>
/// How to close a connection: which side sends the first FIN, and so keeps TIME_WAIT (RFC 9293 §3.6). Immutable, compared by value.
/// </summary>
public sealed record CloseStrategy
{
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(5);

    private CloseStrategy(CloseKind kind, TimeSpan? timeout)
    {
        Kind = kind;
        Timeout = timeout;
    }

    /// <summary>
    /// The longest wait for the peer; after it the connection is closed as it is; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>:
    /// no timeout. Null: no wait at all.
    /// </summary>
    public TimeSpan? Timeout { get; }

    internal CloseKind Kind { get; }

    /// <summary>
    /// Waits for the peer's FIN, reading and dropping what still comes, and then closes: the peer keeps TIME_WAIT. For a server whose
    /// protocol lets the client end. After the timeout this side closes first after all.
    /// </summary>
    /// <param name="timeout">More than zero, at most 24 days, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>; null: 5
    /// s.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range.</exception>
    public static CloseStrategy PeerFirst(TimeSpan? timeout = null) => new(CloseKind.PeerFirst, Checked(timeout));

    /// <summary>
    /// Sends FIN (shutdown(SHUT_WR)), reads and drops until the peer's FIN, and closes: no reset destroys what was sent. This side keeps
    /// TIME_WAIT unless the peer's FIN came first.
    /// </summary>
    /// <param name="timeout">More than zero, at most 24 days, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>; null: 5
    /// s.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range.</exception>
    public static CloseStrategy HalfClose(TimeSpan? timeout = null) => new(CloseKind.HalfClose, Checked(timeout));

    /// <summary>
    /// close(): returns at once, and the kernel goes on. Unread data makes it a reset (RFC 2525 §2.17), and so does what the peer sends
    /// later: what it has not read by then may be lost. This side keeps TIME_WAIT if it closed first. SO_LINGER is turned off.
    /// </summary>
    public static CloseStrategy Graceful { get; } = new(CloseKind.Graceful, null);

    /// <summary>
    /// A reset (SO_LINGER with zero): neither side keeps TIME_WAIT; undelivered data is lost, and the peer gets an error.
    /// </summary>
    public static CloseStrategy Abort { get; } = new(CloseKind.Abort, null);

    /// <summary>The kind and its timeout, as <c>HalfClose (5 s)</c>; without a timeout the kind alone.</summary>
    public override string ToString() => Timeout == System.Threading.Timeout.InfiniteTimeSpan ? $"{Kind} (no timeout)"
        : Timeout is { } timeout ? FormattableString.Invariant($"{Kind} ({timeout.TotalSeconds} s)") : Kind.ToString();

    // What timers take.
    internal static TimeSpan Checked(TimeSpan timeout)
    {
        if (timeout == System.Threading.Timeout.InfiniteTimeSpan)
            return timeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(24));
        return timeout;
    }

    private static TimeSpan Checked(TimeSpan? timeout) => Checked(timeout ?? UsualTimeout);
}

internal enum CloseKind : byte
{
    PeerFirst,

    /// <summary>FIN, then the peer's.</summary>
    HalfClose,

    /// <summary>close().</summary>
    Graceful,

    Abort,
}

/// <summary>What happened when a connection was closed. The socket is closed in any case.</summary>
public sealed record CloseReport
{
    /// <summary>The strategy that you asked for.</summary>
    public required CloseStrategy Strategy { get; init; }

    /// <summary>How the connection stood when the socket was closed.</summary>
    public required CloseEnding Ending { get; init; }

    /// <summary>Which side sent its FIN first; null if neither did, or it is not known.</summary>
    public ClosedFirst? ClosedFirst { get; init; }

    /// <summary>
    /// Whether this side's kernel keeps the connection's port after close(): in TIME_WAIT, or in FIN_WAIT until the peer's FIN. A later
    /// reset still ends that. Null if not known.
    /// </summary>
    public bool? KeepsTimeWait { get; init; }

    /// <summary>
    /// The kernel's state right before close() (TCP_INFO, tcp(7)); <see cref="TcpSocketState.Close"/> when only the descriptor was left.
    /// Null for a UNIX socket, and on other systems than Linux.
    /// </summary>
    public TcpSocketState? StateBefore { get; init; }

    /// <summary>Bytes that came during the wait for the peer's FIN, and were dropped.</summary>
    public long BytesDropped { get; init; }

    /// <summary>Bytes that were unread at the close; more than 0 cause a reset.</summary>
    public int BytesUnread { get; init; }

    /// <summary>The peer's FIN did not come within the timeout.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The error that ended the connection before it was closed; null for none.</summary>
    public SocketError? Error { get; init; }

    /// <summary>How long closing took, the wait for the peer included.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>How a connection stood when it was closed.</summary>
public enum CloseEnding
{
    /// <summary>Both sides have sent their FIN: neither sends any more.</summary>
    Finished,

    /// <summary>
    /// This side has sent its FIN; the peer's has not come. The kernel goes on by itself: it delivers what is left, and waits.
    /// </summary>
    LeftToKernel,

    /// <summary>This side sent a reset: as you asked, or because there was unread data.</summary>
    Reset,

    /// <summary>The peer reset the connection: what it had not read is lost.</summary>
    ResetByPeer,

    /// <summary>The connection broke in another way, for instance by a timeout; <see cref="CloseReport.Error"/> says how.</summary>
    Broken,

    /// <summary>There was no connection any more, or never had been.</summary>
    AlreadyClosed,
}
