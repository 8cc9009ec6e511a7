namespace Bindwise;

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
