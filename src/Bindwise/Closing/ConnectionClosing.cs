using System.Buffers;
using Bindwise.Linux.SockDiag;

namespace Bindwise;

internal sealed class ConnectionClosing(Socket socket, CloseStrategy strategy)
{
    /// <summary>Rented only while data is there to be dropped: a connection that waits holds no buffer.</summary>
    private const int BufferBytes = 16 * 1024;

    /// <summary>After so many bytes without a pause the thread is given to others; until then all is read, cancelled or not.</summary>
    private const int YieldBytes = 1024 * 1024;

    /// <summary>How often the state is looked at where no read can tell that the peer's FIN has come.</summary>
    private static readonly TimeSpan StateInterval = TimeSpan.FromMilliseconds(10);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly FinOrder _order = new(socket);
    private long _dropped;
    private bool _isFinRead;
    private bool _isLimitReached;
    private SocketError? _error;

    public async Task<CloseReport> RunAsync(CancellationToken end)
    {
        try
        {
            // After a connect() that was refused a read ends as after a FIN.
            if (_order.Update() == TcpSocketState.Close && !_order.HasReceived())
                return Close();
            if (strategy.Kind == CloseKind.HalfClose)
                ShutDown();
            if (strategy.Kind is CloseKind.PeerFirst or CloseKind.HalfClose && _error is null)
                await DrainAsync(end).ConfigureAwait(false);
            return Close();
        }
        finally
        {
            socket.Dispose();
        }
    }

    private void ShutDown()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            _order.IsShutDown = true;
            _order.Update();
        }
        catch (SocketException exception)
        {
            _error = exception.SocketErrorCode;
        }
    }

    private async ValueTask DrainAsync(CancellationToken end)
    {
        var run = 0;
        try
        {
            while (!_isFinRead)
            {
                // And a FIN behind it.
                var isThere = _dropped < YieldBytes && socket.Poll(0, SelectMode.SelectRead);
                // Without a buffer it completes as soon as there is something to read.
                if (!isThere)
                    await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, end).ConfigureAwait(false);
                var count = await DropAsync(isThere ? CancellationToken.None : end).ConfigureAwait(false);
                _isFinRead = count == 0 && !_order.IsPeerOpen();
                if (count == 0 && !_isFinRead)
                {
                    using var pause = new PeriodicTimer(StateInterval);
                    _ = await pause.WaitForNextTickAsync(end).ConfigureAwait(false);
                }
                _dropped += count;
                run += count;
                if (run < YieldBytes)
                    continue;
                run = 0;
                await Task.Yield();
            }
        }
        catch (OperationCanceledException)
        {
            _isLimitReached = true;
            _order.IsWaitedFor = true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
        {
            throw new ObjectDisposedException("The socket was disposed while its end was waited for.", exception);
        }
        catch (SocketException exception)
        {
            _error = exception.SocketErrorCode;
        }
    }

    private async ValueTask<int> DropAsync(CancellationToken end)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            return await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, end).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private CloseReport Close()
    {
        var state = _order.Update();
        var isClosed = state == TcpSocketState.Close;
        // Not before the state: what is pending there is the reason for it.
        if (isClosed && !_isFinRead && _error is null)
            _error = PendingError();
        var unread = _error is null ? socket.Available : 0;
        // A UNIX socket cannot be made to reset, but for what it leaves unread (unix_release_sock(), net/unix/af_unix.c).
        var isReset = _error is null && !isClosed && (unread > 0 || (strategy.Kind == CloseKind.Abort && _order.IsTcp));
        Linger();
        var report = new CloseReport
        {
            Strategy = strategy,
            Ending = EndingOf(isClosed, isReset),
            ClosedFirst = isReset || _error is not null ? _order.Seen : _order.First(_isFinRead),
            KeepsTimeWait = isReset || _error is not null ? false : _order.KeepsTimeWait(_isFinRead),
            StateBefore = state,
            BytesDropped = _dropped,
            BytesUnread = unread,
            TimedOut = _isLimitReached,
            Error = _error,
        };
        socket.Dispose();
        return report with { Elapsed = Stopwatch.GetElapsedTime(_started) };
    }

    private CloseEnding EndingOf(bool isClosed, bool isReset) => _error switch
    {
        // EPIPE is what a reset leaves after the peer's FIN (tcp_reset(), net/ipv4/tcp_input.c).
        SocketError.ConnectionReset or SocketError.Shutdown => CloseEnding.ResetByPeer,
        SocketError.NotConnected => CloseEnding.AlreadyClosed,
        not null => CloseEnding.Broken,
        null when isReset => CloseEnding.Reset,
        null when _isFinRead || _order.IsPeerDone => CloseEnding.Finished,
        null => isClosed ? CloseEnding.AlreadyClosed : CloseEnding.LeftToKernel,
    };

    // What the program had set before must not make close() wait, or a reset of it.
    private void Linger()
    {
        try
        {
            if (strategy.Kind == CloseKind.Abort)
                socket.LingerState = new LingerOption(true, 0);
            else if (socket.LingerState is { Enabled: true })
                socket.LingerState = new LingerOption(false, 0);
        }
        catch (SocketException) when (!OperatingSystem.IsLinux())
        {
            // macOS refuses options on a connection that is gone: nothing is left then that could linger.
            return;
        }
    }

    private SocketError? PendingError() =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int code and not 0 ? (SocketError)code : null;
}

/// <summary>Whose FIN came first, told by the states that the kernel showed while the connection was closed (RFC 9293 §3.6).</summary>
internal sealed class FinOrder(Socket socket)
{
    private const int LevelTcp = 6;
    private const int TcpInfo = 11;

    /// <summary>Where tcpi_bytes_received stands in struct tcp_info (include/uapi/linux/tcp.h); a FIN counts in it.</summary>
    private const int BytesReceivedAt = 128;

    private TcpSocketState? _last;
    private bool _isTooLate;

    /// <summary>It is TCP; else a UNIX socket.</summary>
    public bool IsTcp { get; } = socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;

    /// <summary>Which side was first, as far as the states showed it; null before any FIN.</summary>
    public ClosedFirst? Seen { get; private set; }

    /// <summary>This side has sent its FIN by shutdown().</summary>
    public bool IsShutDown { get; set; }

    /// <summary>All that the peer sent was read until its FIN had not come in time.</summary>
    public bool IsWaitedFor { get; set; }

    public bool IsPeerDone => _last is TcpSocketState.CloseWait or TcpSocketState.LastAck or TcpSocketState.Closing;

    /// <summary>Looks at the state as it is now; null where the system does not tell.</summary>
    public TcpSocketState? Update()
    {
        var isFirst = _last is null;
        _last = ReadState();
        _isTooLate |= isFirst && _last == TcpSocketState.Close;
        Seen ??= _last switch
        {
            TcpSocketState.CloseWait or TcpSocketState.LastAck => ClosedFirst.Remote,
            TcpSocketState.Closing => ClosedFirst.Both,
            TcpSocketState.FinWait1 or TcpSocketState.FinWait2 => ClosedFirst.Local,
            _ => null,
        };
        return _last;
    }

    /// <summary>
    /// Whether the peer's FIN has not come, after a read that ended: after this side's shutdown(SHUT_RD) each read ends
    /// (tcp_recvmsg_locked(), net/ipv4/tcp.c). False where the system does not tell.
    /// </summary>
    public bool IsPeerOpen() => Update() is TcpSocketState.Established or TcpSocketState.FinWait1 or TcpSocketState.FinWait2;

    /// <summary>Whether the peer has ever sent anything, be it its FIN; true where that cannot be told.</summary>
    public bool HasReceived()
    {
        Span<byte> info = stackalloc byte[BytesReceivedAt + sizeof(ulong)];
        return socket.GetRawSocketOption(LevelTcp, TcpInfo, info) < info.Length || BitConverter.ToUInt64(info[BytesReceivedAt..]) > 0;
    }

    /// <summary>Which side was first, the close() that follows included.</summary>
    public ClosedFirst? First(bool isFinRead) => Seen switch
    {
        not null => Seen,
        // Both FINs were there before the first look.
        null when _isTooLate => null,
        null when isFinRead && !IsShutDown => ClosedFirst.Remote,
        null when !isFinRead && (IsShutDown || IsWaitedFor || _last is TcpSocketState.Established) => ClosedFirst.Local,
        _ => null,
    };

    /// <summary>Whether something of the connection stays here after close(); null where it cannot be told.</summary>
    public bool? KeepsTimeWait(bool isFinRead)
    {
        if (!IsTcp)
            return false;
        // Both FINs crossed between two looks: only the table tells.
        if (Seen is null && _last == TcpSocketState.Close)
            return IsKeptInTable();
        return First(isFinRead) is { } first ? first != ClosedFirst.Remote : null;
    }

    private TcpSocketState? ReadState()
    {
        if (!IsTcp || !OperatingSystem.IsLinux())
            return null;
        Span<byte> state = stackalloc byte[1];
        try
        {
            return socket.GetRawSocketOption(LevelTcp, TcpInfo, state) == 1 ? (TcpSocketState)state[0] : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private bool? IsKeptInTable()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // Never bound, so never connected.
        if (EndOf(local: true) is not { } local)
            return false;
        if (EndOf(local: false) is not { } remote)
            return null;
        _ = SockDiagClient.TryOpen(out var table);
        using (table)
        {
            if (table is null)
                return null;
            var kept = table.ReadConnection(
                new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.TimeWait, Local = local, Remote = remote });
            return kept is
            {
                State: TcpSocketState.TimeWait or TcpSocketState.FinWait1 or TcpSocketState.FinWait2
                or TcpSocketState.Closing
            };
        }
    }

    private IpEndpoint? EndOf(bool local)
    {
        try
        {
            return (local ? socket.LocalEndPoint : socket.RemoteEndPoint) is IPEndPoint end
                ? new IpEndpoint(IpAddress.FromBytes(end.Address.GetAddressBytes()), (ushort)end.Port)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
