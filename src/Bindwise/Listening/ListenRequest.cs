using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>
/// What to listen on: one or several addresses with the same port, over TCP, UDP or both; or a UNIX socket's path. Immutable; checked when
/// it is bound. Two are equal if they ask for the same, with addresses in the same order.
/// </summary>
public sealed record ListenRequest
{
    /// <summary>The addresses, each once; all of them get the same port. Empty for a UNIX socket.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>The port, for every address and transport.</summary>
    public PortPolicy Port { get; init; } = PortPolicy.SystemChoice;

    /// <summary>TCP, UDP or both; both share one port number.</summary>
    public Transports Transports { get; init; } = Transports.Tcp;

    /// <summary>The path of a UNIX stream socket, or <c>@name</c> for an abstract one (Linux); null for none.</summary>
    public string? UnixPath { get; init; }

    /// <summary>
    /// A left-over file at <see cref="UnixPath"/> to which no socket is bound is replaced; a socket with a listener never is. False: the
    /// bind fails because the file exists.
    /// </summary>
    public bool ReplaceStaleUnixPath { get; init; } = true;

    /// <summary>The options of each socket.</summary>
    public SocketSettings Settings { get; init; } = SocketSettings.Default;

    /// <summary>How long to wait for an address in use.</summary>
    public BindRetryOptions Retry { get; init; } = BindRetryOptions.None;

    /// <summary>
    /// Whether a failure includes its diagnosis, which takes a search of the socket table and the processes; false: only the error.
    /// </summary>
    public bool ExplainFailures { get; init; } = true;

    /// <summary>
    /// Called with each socket and the endpoint it is for, after <see cref="Settings"/> are set and before bind(): for options that <see
    /// cref="SocketSettings"/> does not have. It must not bind the socket or keep it. What it throws ends the bind. Null for none.
    /// </summary>
    public Action<Socket, EndPoint>? ConfigureSocket { get; init; }

    /// <summary>
    /// Makes each socket and binds it to the endpoint, instead of this library, as Kestrel's
    /// <c>SocketTransportOptions.CreateBoundListenSocket</c> does. Its <see cref="SocketException"/> is explained as bind()'s own; anything
    /// else it throws ends the bind. It is called once for every candidate and attempt. Of <see cref="Settings"/> only Backlog and
    /// UnixFileMode then have an effect. Null: this library makes them.
    /// </summary>
    public Func<EndPoint, Socket>? CreateBoundSocket { get; init; }

    /// <summary>Sockets are made by .NET alone, as on macOS and Windows: so that tests on Linux can play that.</summary>
    internal bool IsPortable { get; init; }

    /// <summary>
    /// Another process may get the sockets too, so closing them must not end what the others have. It makes no other request of it.
    /// </summary>
    internal bool IsShared { get; init; }

    /// <summary>A request for one TCP endpoint, or for one UNIX socket.</summary>
    /// <param name="endPoint">An <see cref="IPEndPoint"/> (port 0: the system picks) or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <exception cref="ArgumentException">The endpoint is of another kind.</exception>
    public static ListenRequest On(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint switch
        {
            IPEndPoint ip => On(ip.Address, PortPolicy.Exactly(ip.Port)),
            UnixDomainSocketEndPoint unix => OnUnixSocket(UnixEndPoint.PathOf(unix)),
            _ => throw new ArgumentException($"A listener needs an IP or a UNIX endpoint, not {endPoint.GetType().Name}.",
                nameof(endPoint)),
        };
    }

    /// <summary>A request for TCP on one address.</summary>
    /// <param name="address">The address; [::] covers IPv4 too unless the settings or the system say otherwise.</param>
    /// <param name="port">The port.</param>
    public static ListenRequest On(IPAddress address, PortPolicy port)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(port);
        return new ListenRequest { Addresses = [address], Port = port };
    }

    /// <summary>A request for TCP on one address and exactly one port.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">1 to 65535; 0 lets the system pick.</param>
    public static ListenRequest On(IPAddress address, int port) => On(address, PortPolicy.Exactly(port));

    /// <summary>Every address of the host: one dual-stack socket on [::] if the host has IPv6, else 0.0.0.0.</summary>
    /// <param name="port">The port.</param>
    public static ListenRequest OnAny(PortPolicy port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return Socket.OSSupportsIPv6
            ? On(IPAddress.IPv6Any, port) with { Settings = SocketSettings.Default with { V6Only = false } }
            : On(IPAddress.Any, port);
    }

    /// <summary>Every address of the host, on exactly one port.</summary>
    /// <param name="port">1 to 65535; 0 lets the system pick.</param>
    public static ListenRequest OnAny(int port) => OnAny(PortPolicy.Exactly(port));

    /// <summary>Only this host: 127.0.0.1 and, if the host has it, [::1], with the same port.</summary>
    /// <param name="port">The port.</param>
    public static ListenRequest OnLocalhost(PortPolicy port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return new ListenRequest { Addresses = LoopbackAddresses.Present, Port = port };
    }

    /// <summary>Only this host, on exactly one port.</summary>
    /// <param name="port">1 to 65535; 0 lets the system pick.</param>
    public static ListenRequest OnLocalhost(int port) => OnLocalhost(PortPolicy.Exactly(port));

    /// <summary>A UNIX stream socket (unix(7)).</summary>
    /// <param name="path">The path, or <c>@name</c> for an abstract one (Linux).</param>
    public static ListenRequest OnUnixSocket(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ListenRequest { UnixPath = path };
    }

    /// <inheritdoc/>
    public bool Equals(ListenRequest? other) => other is not null
        && (Addresses.IsDefault ? other.Addresses.IsDefault : !other.Addresses.IsDefault && Addresses.SequenceEqual(other.Addresses))
        && (Port, Transports, UnixPath, ReplaceStaleUnixPath) == (other.Port, other.Transports, other.UnixPath, other.ReplaceStaleUnixPath)
        && (Settings, Retry, ExplainFailures, IsPortable) == (other.Settings, other.Retry, other.ExplainFailures, other.IsPortable)
        && (ConfigureSocket, CreateBoundSocket) == (other.ConfigureSocket, other.CreateBoundSocket);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Addresses.IsDefaultOrEmpty ? null : Addresses[0], Port, Transports, UnixPath, Settings, Retry);

    /// <summary>The request as text, such as <c>127.0.0.1, ::1 port 8080 (Tcp)</c>, or the path.</summary>
    public override string ToString() => UnixPath is { } path
        ? Escaper.Escape(path)
        : $"{string.Join(", ", Addresses.IsDefault ? [] : Addresses)} port {(Port.IsSystemChoice ? "of the system's choice" : Port)} ("
            + $"{Transports})";
}
