using System.Net.Sockets;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;

namespace Bindwise;

/// <summary>What happened when a connection was closed. The socket is closed in each case.</summary>
public sealed record CloseReport
{
    /// <summary>What was asked for.</summary>
    public required CloseStrategy Strategy { get; init; }

    /// <summary>How far it came.</summary>
    public required CloseEnding Ending { get; init; }

    /// <summary>Which side sent its FIN first; null when neither did, or it cannot be told.</summary>
    public ClosedFirst? ClosedFirst { get; init; }

    /// <summary>
    /// Whether this side's kernel keeps the port of the connection behind close(): in TIME_WAIT, or in FIN_WAIT until the peer's FIN. A reset that
    /// comes later still ends that. Null where it cannot be told.
    /// </summary>
    public bool? KeepsTimeWait { get; init; }

    /// <summary>
    /// The state that the kernel told right before close() (TCP_INFO, tcp(7)); <see cref="TcpState.Close"/> when nothing was left but the
    /// descriptor. Null for a UNIX socket, and outside of Linux.
    /// </summary>
    public TcpState? StateBefore { get; init; }

    /// <summary>Bytes that came while it was waited for the peer's FIN, and were dropped.</summary>
    public long BytesDropped { get; init; }

    /// <summary>Bytes that lay unread at the close, 0 or more: more than none make it a reset.</summary>
    public int BytesUnread { get; init; }

    /// <summary>The peer's FIN did not come within the limit.</summary>
    public bool LimitReached { get; init; }

    /// <summary>By which error the connection ended before it was closed; null for none.</summary>
    public SocketError? Error { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
