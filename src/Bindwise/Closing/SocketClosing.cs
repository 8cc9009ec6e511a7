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
