using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Live.Recording;

/// <summary>The sockets of the network namespace that it was opened in, by sock_diag.</summary>
internal sealed class LiveTable : IDisposable
{
    private readonly SockDiagClient _client;

    private LiveTable(SockDiagClient client) => _client = client;

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <exception cref="LiveUnavailableException">This kernel has no sock_diag.</exception>
    internal static LiveTable Open()
    {
        var errno = SockDiagClient.TryOpen(out var client);
        return client is not null ? new LiveTable(client)
            : throw new LiveUnavailableException($"this kernel does not list its sockets: sock_diag gives {errno}");
    }

    internal List<HeldSocket> Read()
    {
        var sockets = new List<HeldSocket>();
        var outcome = _client.ReadEverything(sockets);
        return outcome.Errno == Errno.None ? sockets
            : throw new LiveUnavailableException($"this kernel does not list its sockets: sock_diag gives {outcome.Errno}");
    }

    /// <summary>The small entry that TIME_WAIT and an abandoned FIN_WAIT2 are, no socket any more.</summary>
    internal static bool IsEntry(HeldSocket socket) => socket is { Protocol: Protocol.Tcp, UserId: null };

    /// <summary>An address of a connection as its packets bear it: IPv4 also where the socket is of IPv6.</summary>
    internal static IpEndpoint AsOnWire(IpEndpoint end) => end with { Address = end.Address.AsIPv4 ?? end.Address };

    /// <summary>The ends of a socket as records tell them.</summary>
    internal static (IpEndpoint Local, IpEndpoint? Remote) EndsOf(HeldSocket socket)
    {
        var isConnected =
            socket.State is not (TcpSocketState.Bound or TcpSocketState.Listen or TcpSocketState.Close) && socket.Remote.Port != 0;
        return isConnected ? (AsOnWire(socket.Local), AsOnWire(socket.Remote)) : (socket.Local, null);
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>Which name of the scenario a socket has, by its cookie: it stays the same to the end of what is left of the socket.</summary>
internal sealed class LiveNames
{
    private readonly Dictionary<ulong, (string Name, string? Process)> _byCookie = [];
    private readonly Dictionary<string, ulong> _byName = new(StringComparer.Ordinal);

    /// <summary>Remembers a socket that was made or accepted.</summary>
    internal void Remember(string name, SafeFileDescriptor socket, string? process = null)
    {
        if (SocketOptionCall.Get<ulong>(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out var cookie) == Errno.None)
            Remember(name, cookie, process);
    }

    /// <summary>Remembers a socket by its cookie (SO_COOKIE).</summary>
    /// <param name="process">The process that holds it, by its name in the scenario; null for the player itself.</param>
    internal void Remember(string name, ulong cookie, string? process)
    {
        _byCookie[cookie] = (name, process);
        _byName[name] = cookie;
    }

    internal string? NameOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Name : null;

    internal string? ProcessOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Process : null;

    /// <summary>The cookie of the socket that had a name last; null where it was never made.</summary>
    internal ulong? CookieOf(string name) => _byName.TryGetValue(name, out var cookie) ? cookie : null;
}
