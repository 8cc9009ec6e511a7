namespace Bindwise.Testing;

[SupportedOSPlatform("linux")]
internal sealed class ClientConnections : IDisposable
{
    /// <summary>Between two looks at which connections the program has accepted: nothing tells of that.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    /// <summary>Some programs take one connection after the other: once one is accepted, the others have this long.</summary>
    private static readonly TimeSpan OthersTime = TimeSpan.FromSeconds(1);

    /// <summary>The last FIN takes microseconds, unless the machine does something else.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(30);

    private readonly List<Socket> _sockets = [];
    private readonly int _port;

    private ClientConnections(int port) => _port = port;

    public int Accepted { get; private set; }

    /// <summary>Connects, talks, and waits until the program has accepted all, or at least one.</summary>
    public static async Task<ClientConnections> OpenAsync(RestartOptions options, int port, CancellationToken cancellationToken)
    {
        var connections = new ClientConnections(port);
        try
        {
            IPAddress[] addresses = options.Address is { } address ? [address] : [IPAddress.Loopback, IPAddress.IPv6Loopback];
            for (var count = 0; count < options.Connections; count++)
                connections._sockets.Add(await ConnectAsync(addresses, port, count == 0, cancellationToken).ConfigureAwait(false));
            if (options.Talk is { } talk)
                await Task.WhenAll(connections._sockets.Select(socket => talk(socket, cancellationToken))).ConfigureAwait(false);
            await connections.AwaitAcceptAsync(cancellationToken).ConfigureAwait(false);
            return connections;
        }
        catch
        {
            connections.Dispose();
            throw;
        }
    }

    /// <summary>The program has closed its ends, or ended: the first half of these follow, the others stay half-open.</summary>
    public async Task CloseHalfAsync(CancellationToken cancellationToken)
    {
        var half = (_sockets.Count + 1) / 2;
        await Task.WhenAll(_sockets.Take(half).Select(socket => CloseLastAsync(socket, cancellationToken))).ConfigureAwait(false);
        _sockets.RemoveRange(0, half);
    }

    public int Open => _sockets.Count;

    /// <summary>
    /// Waits until the kernel has gone on with what was closed at either end: each FIN of the program is acknowledged, which a busy machine
    /// may leave to a thread of the kernel that has to wait for a processor; and no more connections of the port are in FIN_WAIT2 than are
    /// open at this end.
    /// </summary>
    public async Task SettleAsync(int open, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < SettleTime)
        {
            var closing = (await ReadAsync([TcpSocketState.FinWait1, TcpSocketState.FinWait2, TcpSocketState.Closing], cancellationToken)
                .ConfigureAwait(false)).Sockets;
            if (closing.Length <= open && closing.All(static one => one.State == TcpSocketState.FinWait2))
                return;
            _ = await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<int> CountAsync(TcpSocketState state, CancellationToken cancellationToken) =>
        (await ReadAsync([state], cancellationToken).ConfigureAwait(false)).Sockets.Length;

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private static async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, bool isFirst, CancellationToken cancellationToken)
    {
        for (var index = 0; ; index++)
        {
            var socket = new Socket(addresses[index].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(addresses[index], port, cancellationToken).ConfigureAwait(false);
                // All go the same way.
                addresses[0] = addresses[index];
                return socket;
            }
            catch (Exception exception)
            {
                socket.Dispose();
                if (!isFirst || exception is not SocketException || index + 1 == addresses.Length)
                    throw;
            }
        }
    }

    // Reads what is left: closing over unread data would send a reset, which ends the other side's TIME_WAIT (RFC 1122 4.2.2.13).
    private static async Task CloseLastAsync(Socket socket, CancellationToken cancellationToken)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
                    continue;
            }
            catch (SocketException)
            {
                // The program reset it: nothing stays of it.
                return;
            }
        }
    }

    private async Task AwaitAcceptAsync(CancellationToken cancellationToken)
    {
        using var others = new CancellationTokenSource();
        using var timer = new PeriodicTimer(Pace);
        for (var isFirst = true; !others.IsCancellationRequested;)
        {
            var listed = (await ReadAsync([], cancellationToken).ConfigureAwait(false)).Sockets;
            var waiting = listed.Count(static one => one.IsUnaccepted);
            Accepted = _sockets.Count - Math.Min(_sockets.Count, waiting);
            if (waiting == 0)
                return;
            if (Accepted > 0 && isFirst)
            {
                isFirst = false;
                others.CancelAfter(OthersTime);
            }
            _ = await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<SocketListing> ReadAsync(TcpSocketState[] states, CancellationToken cancellationToken) =>
        SocketTable.ReadAsync(new SocketFilter { Protocols = [Protocol.Tcp], Ports = [new PortRange(_port, _port)], States = [.. states] },
            cancellationToken);
}

/// <summary>One request of HTTP/1.1 on a connection that stays open (RFC 9112).</summary>
internal static class HttpExchange
{
    private const int MostHeaderBytes = 64 * 1024;

    /// <summary>Asks, and reads the answer's header; a body that follows stays to be read.</summary>
    public static async Task GetAsync(Socket socket, string path, CancellationToken cancellationToken)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), cancellationToken)
            .ConfigureAwait(false);
        var buffer = new byte[MostHeaderBytes];
        for (var length = 0; length < buffer.Length;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (received == 0)
                throw new IOException(
                    $"The program closed the connection {(length == 0 ? "without an answer" : "within its answer")} to GET {path}.");
            length += received;
            var text = buffer.AsMemory(0, length);
            if (length >= 5 && !text.Span.StartsWith("HTTP/"u8))
                throw new IOException($"The program's answer to GET {path} is not HTTP.");
            if (text.Span.IndexOf("\r\n\r\n"u8) >= 0)
                return;
        }
        throw new IOException($"The header of the answer to GET {path} is longer than 64 KiB.");
    }
}
