using Bindwise.Linux.SockDiag;

namespace Bindwise;

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
    /// <exception cref="ObjectDisposedException">The socket is disposed.</exception>
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

    /// <summary>Whether the peer has ever sent anything, be it its FIN; true where that cannot be told.</summary>
    /// <exception cref="ObjectDisposedException">The socket is disposed.</exception>
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
