namespace Bindwise;

/// <summary>Closes connections by a strategy, and reports what happened (docs/closing.md).</summary>
public static class SocketClosing
{
    /// <summary>
    /// Closes a connection. Unless you misuse it, the socket is closed when the task ends, whatever happens. Nothing else may read from it
    /// meanwhile. A reset by the peer does not throw; the report has it.
    /// </summary>
    /// <param name="socket">A connected TCP or UNIX stream socket.</param>
    /// <param name="strategy">How.</param>
    /// <param name="cancellationToken">Ends the wait for the peer as the timeout does: the connection is closed as it is, not
    /// aborted.</param>
    /// <exception cref="ObjectDisposedException">The socket is already disposed, or other code disposed it during the wait.</exception>
    /// <exception cref="InvalidOperationException">The socket listens, or is not a stream socket: it has no connection to
    /// close.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the peer's FIN came; the socket is closed.</exception>
    public static Task<CloseReport> CloseAsync(this Socket socket, CloseStrategy strategy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        EnsureConnection(socket);
        return CloseWithinAsync(socket, strategy, cancellationToken);
    }

    /// <summary>Closes the connection of a client, and disposes of the client.</summary>
    /// <inheritdoc cref="CloseAsync(Socket, CloseStrategy, CancellationToken)"/>
    /// <param name="client">The client.</param>
    /// <param name="strategy">How.</param>
    /// <param name="cancellationToken">Ends the wait for the peer as the timeout does: the
    /// connection is closed as it is, not aborted.</param>
    public static async Task<CloseReport> CloseAsync(this TcpClient client, CloseStrategy strategy,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        // Null after Dispose(), whatever the annotation says.
        var socket = client.Client as Socket ?? throw new ObjectDisposedException(nameof(TcpClient));
        try
        {
            return await socket.CloseAsync(strategy, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            client.Dispose();
        }
    }

    /// <summary>Closes the connection of a stream, whether the stream owns its socket or not, and disposes of the stream.</summary>
    /// <inheritdoc cref="CloseAsync(Socket, CloseStrategy, CancellationToken)"/>
    /// <param name="stream">The stream.</param>
    /// <param name="strategy">How.</param>
    /// <param name="cancellationToken">Ends the wait for the peer as the timeout does: the
    /// connection is closed as it is, not aborted.</param>
    public static async Task<CloseReport> CloseAsync(this NetworkStream stream, CloseStrategy strategy,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return await stream.Socket.CloseAsync(strategy, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Closes many connections at once, for a server that shuts down: all of them in parallel, within one timeout. One that is already
    /// disposed, or is disposed meanwhile, is reported as <see cref="CloseEnding.AlreadyClosed"/>.
    /// </summary>
    /// <param name="sockets">Connected TCP or UNIX stream sockets, each once.</param>
    /// <param name="strategy">How.</param>
    /// <param name="timeout">The longest time for all of them together, more than zero, at most 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>; the strategy's own timeout applies as well.</param>
    /// <param name="cancellationToken">Ends the wait for the peers as the timeout does.</param>
    /// <returns>The reports, in the order of the sockets.</returns>
    /// <exception cref="ArgumentException">One of the sockets is null; nothing was closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range.</exception>
    /// <exception cref="InvalidOperationException">One of the sockets listens, or is not a stream socket; nothing was closed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before all the FINs came; all sockets are closed.</exception>
    public static Task<ImmutableArray<CloseReport>> CloseAllAsync(
        this IEnumerable<Socket> sockets, CloseStrategy strategy, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        ArgumentNullException.ThrowIfNull(strategy);
        CloseStrategy.Checked(timeout);
        Socket[] all = [.. sockets];
        foreach (var socket in all)
        {
            if (socket is null)
                throw new ArgumentException("One of the sockets is null.", nameof(sockets));
            try
            {
                EnsureConnection(socket);
            }
            catch (ObjectDisposedException)
            {
                // Told in its report.
                continue;
            }
        }
        return CloseAllWithinAsync(all, strategy, timeout, cancellationToken);
    }

    private static async Task<CloseReport> CloseWithinAsync(Socket socket, CloseStrategy strategy, CancellationToken cancellationToken)
    {
        var closing = new ConnectionClosing(socket, strategy);
        if (strategy.Timeout is not { } timeout)
            return await closing.RunAsync(CancellationToken.None).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(timeout);
        var report = await closing.RunAsync(end.Token).ConfigureAwait(false);
        return report.TimedOut && cancellationToken.IsCancellationRequested ? throw Cancelled(cancellationToken) : report;
    }

    private static async Task<ImmutableArray<CloseReport>> CloseAllWithinAsync(Socket[] sockets, CloseStrategy strategy, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var isShorter = timeout == Timeout.InfiniteTimeSpan || (strategy.Timeout != Timeout.InfiniteTimeSpan && strategy.Timeout < timeout);
        end.CancelAfter(isShorter ? strategy.Timeout ?? timeout : timeout);
        var reports = await Task.WhenAll(sockets.Select(socket => CloseOneAsync(socket, strategy, end.Token))).ConfigureAwait(false);
        return cancellationToken.IsCancellationRequested && Array.Exists(reports, static report => report.TimedOut)
            ? throw Cancelled(cancellationToken)
            : ImmutableArray.Create(reports);
    }

    private static async Task<CloseReport> CloseOneAsync(Socket socket, CloseStrategy strategy, CancellationToken end)
    {
        try
        {
            return await new ConnectionClosing(socket, strategy).RunAsync(end).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return new CloseReport { Strategy = strategy, Ending = CloseEnding.AlreadyClosed };
        }
    }

    private static OperationCanceledException Cancelled(CancellationToken token) =>
        new("The wait for the peer's FIN was cancelled; the connection was closed as it was.", token);

    private static void EnsureConnection(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.SocketType != SocketType.Stream)
            throw new InvalidOperationException($"A {socket.SocketType} socket has no connection to close: dispose it.");
        // Throws for a disposed socket.
        if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0)
            throw new InvalidOperationException(
                "A listening socket has no connection to close: dispose it, and close the connections that it accepted.");
    }
}

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
