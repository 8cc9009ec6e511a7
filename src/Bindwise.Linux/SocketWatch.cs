using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux;

/// <summary>
/// Looks whether one socket is still there, by the narrowest question that the kernel answers: microseconds for a listener or a
/// connection, and never a bind(). Sees the network namespace of the thread that opened it. Not thread-safe.
/// </summary>
internal sealed class SocketWatch : IDisposable
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
    public static bool IsCheap(HeldSocket socket) =>
        socket.Protocol == Protocol.Tcp && (socket.State == TcpSocketState.Listen || socket.Remote.Port != 0);

    /// <summary>
    /// Whether the socket is there in the state that it had; null when it cannot be told: a UNIX socket, whose file may go before it.
    /// </summary>
    public bool? IsThere(HeldSocket socket)
    {
        if (socket.Protocol == Protocol.Unix || socket.Cookie == 0)
            return null;
        if (socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0)
            return _table.ReadConnection(socket) is { } found && found.Cookie == socket.Cookie && found.State == socket.State;
        var sockets = new List<HeldSocket>();
        var outcome = socket.Protocol == Protocol.Udp ? _table.ReadUdp(socket.Local.Port, sockets)
            : socket.State == TcpSocketState.Listen ? _table.ReadListeners(socket.Local.Port, sockets)
            : _table.ReadAllStates(socket.Local.Port, sockets, out _, out _);
        return outcome.IsComplete ? sockets.Exists(one => one.Cookie == socket.Cookie && one.State == socket.State) : null;
    }

    /// <summary>
    /// The sockets of a port or a UNIX name that take connections or, without any, datagrams from anybody:
    /// listeners, and unconnected UDP and UNIX datagram sockets.
    /// </summary>
    /// <param name="protocol">TCP, UDP or UNIX.</param>
    /// <param name="port">The local port; without meaning for UNIX.</param>
    /// <param name="path">The UNIX path, or <c>@name</c>; null for TCP and UDP.</param>
    /// <returns>Null when the table cannot be read.</returns>
    public IReadOnlyList<HeldSocket>? FindOpen(Protocol protocol, ushort port, string? path)
    {
        var sockets = new List<HeldSocket>();
        var outcome = protocol switch
        {
            Protocol.Tcp => _table.ReadListeners(port, sockets),
            Protocol.Udp => _table.ReadUdp(port, sockets),
            _ => ReadUnix(path ?? "", sockets),
        };
        sockets.RemoveAll(static one => one.Protocol switch
        {
            Protocol.Tcp => one.State != TcpSocketState.Listen,
            Protocol.Udp => one.Remote.Port != 0,
            _ => one.State != TcpSocketState.Listen && !(one.State == TcpSocketState.Close && one.SocketType == SocketCall.TypeDatagram),
        });
        return outcome.IsComplete ? sockets : null;
    }

    /// <summary>
    /// Whether a TCP connection to an address of this host would find a listener, by one exact question of a few microseconds: 0.0.0.0 and
    /// [::] stand for loopback here. Null where the kernel does not tell.
    /// </summary>
    public bool? HasListener(IpAddress address, ushort port) => _table.HasListener(new IpEndpoint(
        !address.IsAny ? address : address.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6, port));

    /// <summary>The inode of what stands at a UNIX path; null for nothing, and for an abstract name.</summary>
    public static ulong? FileAt(string path) =>
        OperatingSystem.IsLinux() && path is not ['@', ..] && UnixPathReader.Read(path, out _) is { Exists: true } record
            ? record.FileInode : null;

    public void Dispose() => _table.Dispose();

    // A file without its socket is left over, and a socket without its file is reached by nobody.
    private DumpOutcome ReadUnix(string path, List<HeldSocket> sockets)
    {
        if (path is ['@', ..])
            return _table.ReadUnix([0, .. AbstractName.Read(path)], default, sockets);
        var record = UnixPathReader.Read(path, out var file);
        var outcome = _table.ReadUnix(Encoding.UTF8.GetBytes(path), file, sockets);
        sockets.RemoveAll(one => !record.IsSocket || one.FileInode != unchecked((uint)record.FileInode));
        return outcome;
    }
}
