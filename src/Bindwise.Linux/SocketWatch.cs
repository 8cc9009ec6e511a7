using Bindwise.Linux.SockDiag;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux;

/// <summary>
/// Looks whether one socket is still there, by the narrowest question that the kernel answers: microseconds for a listener or a
/// connection, and never a bind(). Sees the network namespace of the thread that opened it. Not thread-safe.
/// </summary>
public sealed class SocketWatch : IDisposable
{
    private readonly SockDiagClient _table;

    private SocketWatch(SockDiagClient table) => _table = table;

    /// <summary>Opens a watch; null where the socket table cannot be read.</summary>
    public static SocketWatch? TryOpen()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        _ = SockDiagClient.TryOpen(out var table);
        return table is null ? null : new SocketWatch(table);
    }

    /// <summary>Whether a look at it costs microseconds: not where the whole table has to be walked (bound-only TCP, UDP, UNIX).</summary>
    public static bool IsCheap(HeldSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return socket.Protocol == Protocol.Tcp && (socket.State == TcpState.Listen || socket.Remote.Port != 0);
    }

    /// <summary>
    /// Whether the socket is there in the state that it had; null when it cannot be told: a UNIX socket, whose file may go before it.
    /// </summary>
    public bool? IsThere(HeldSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.Protocol == Protocol.Unix || socket.Cookie == 0)
            return null;
        if (socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0)
            return _table.ReadConnection(socket) is { } found && found.Cookie == socket.Cookie && found.State == socket.State;
        var sockets = new List<HeldSocket>();
        var outcome = socket.Protocol == Protocol.Udp ? _table.ReadUdp(socket.Local.Port, sockets)
            : socket.State == TcpState.Listen ? _table.ReadListeners(socket.Local.Port, sockets)
            : _table.ReadAllStates(socket.Local.Port, sockets, out _, out _);
        return outcome.IsComplete ? sockets.Exists(one => one.Cookie == socket.Cookie && one.State == socket.State) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();
}
