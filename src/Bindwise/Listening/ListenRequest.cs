using Bindwise.Linux.Sysctls;
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

    /// <summary>Another process may get the sockets too: closing them must not end theirs. The request is no other by it.</summary>
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

/// <summary>Refuses requests that contradict themselves, before any socket is opened. Costs no allocation where nothing is wrong.</summary>
internal static class RequestCheck
{
    private const BindRetryReasons KnownReasons = BindRetryReasons.All;

    public static void Check(ListenRequest request, string parameter = "request")
    {
        ArgumentNullException.ThrowIfNull(request, parameter);
        if (request.Port is null || request.Settings is null || request.Retry is null)
            throw new ArgumentNullException(parameter, "Port, Settings and Retry of a request must not be null.");
        Check(request.Settings, parameter);
        Check(request.Retry, parameter);
        CheckOwnCode(request, parameter);
        if (request.Transports is Transports.Tcp or Transports.Udp or Transports.TcpAndUdp)
        {
            if (request.UnixPath is { } path)
                CheckUnix(request, path, parameter);
            else
                CheckAddresses(request, parameter);
            return;
        }
        throw new ArgumentException($"Transports is {(int)request.Transports}: it must be Tcp, Udp or TcpAndUdp.", parameter);
    }

    /// <summary>Checks several requests that are bound together.</summary>
    public static void CheckAll(ReadOnlySpan<ListenRequest> requests)
    {
        if (requests.IsEmpty)
            throw new ArgumentException("The list of requests is empty: give at least one.", nameof(requests));
        for (var index = 0; index < requests.Length; index++)
        {
            CheckOne(requests, index);
            for (var earlier = 0; earlier < index; earlier++)
            {
                if (RequestOverlap.Of(requests[earlier], requests[index]) is { } both)
                    throw RequestOverlap.Refusal(earlier, index, both, nameof(requests));
            }
        }
    }

    private static void CheckOne(ReadOnlySpan<ListenRequest> requests, int index)
    {
        try
        {
            Check(requests[index], nameof(requests));
        }
        catch (ArgumentException exception) when (requests.Length > 1 && exception is not ArgumentNullException)
        {
            throw RequestOverlap.Wrong(index, exception);
        }
    }

    private static void Check(SocketSettings settings, string parameter)
    {
        if (settings.Backlog < 1)
            throw new ArgumentOutOfRangeException(parameter, settings.Backlog, "Backlog must be 1 or more.");
        if (settings.Device is not { } device)
            return;
        if (device.Length == 0 || device.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(device) > 15)
            throw new ArgumentException("Device must be the name of an interface, 1 to 15 bytes, such as eth0; null for none.", parameter);
    }

    private static void CheckOwnCode(ListenRequest request, string parameter)
    {
        if (request.Settings.UnixFileMode is { } mode
            && ((int)mode is < 0 or > 0xFFF || request.UnixPath is not { } path || path.StartsWith('@')))
            throw new ArgumentException(
                "UnixFileMode is the permissions of a UNIX socket's file: leave it out for IP addresses and abstract names.", parameter);
        if (request.Settings.UnixFileMode is not null && OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows has no UnixFileMode: leave it out.");
        if (request.CreateBoundSocket is null)
            return;
        if (request.ConfigureSocket is not null)
            throw new ArgumentException("CreateBoundSocket makes the sockets, so ConfigureSocket is never called: set the options there.",
                parameter);
        if ((request.Settings with { Backlog = SocketSettings.Default.Backlog, UnixFileMode = null }) != SocketSettings.Default)
            throw new ArgumentException(
                "The program's own code makes the sockets (CreateBoundSocket; in Kestrel SocketTransportOptions.CreateBoundListenSocket), "
                    + "so Settings have no effect but Backlog and UnixFileMode: set the others there, or use ConfigureSocket in its place.",
                    parameter);
    }

    private static void Check(BindRetryOptions retry, string parameter)
    {
        if (retry.TimeProvider is null)
            throw new ArgumentNullException(parameter, "Retry.TimeProvider must not be null: TimeProvider.System is the system's.");
        if (retry.Timeout < TimeSpan.Zero && retry.Timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(parameter, retry.Timeout,
                "Retry.Timeout must be zero (one attempt) or more, or Timeout.InfiniteTimeSpan.");
        if (retry.InitialDelay <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(parameter, retry.InitialDelay, "Retry.InitialDelay must be more than zero.");
        if (retry.MaxDelay < retry.InitialDelay)
            throw new ArgumentOutOfRangeException(parameter, retry.MaxDelay,
                $"Retry.MaxDelay must be InitialDelay ({retry.InitialDelay}) or more.");
        if ((retry.RetryOn & ~KnownReasons) != 0)
            throw new ArgumentException($"Retry.RetryOn is {(int)retry.RetryOn}: it must be a combination of BindRetryReasons values.",
                parameter);
    }

    private static void CheckUnix(ListenRequest request, string path, string parameter)
    {
        if (!request.Addresses.IsDefaultOrEmpty)
            throw new ArgumentException(
                "The request has addresses and a UNIX path: split it into two requests, and bind both with BindAll.", parameter);
        if (request.Transports != Transports.Tcp)
            throw new ArgumentException("A UNIX socket is a stream socket here: leave Transports at Tcp.", parameter);
        if (!request.Port.IsSystemChoice)
            throw new ArgumentException($"A UNIX socket has no port: leave Port out (it is {request.Port}).", parameter);
        if (request.Settings is { ReuseAddress: true } or { ReusePort: true } or { V6Only: not null } or { Device: not null }
            or { Freebind: true })
            throw new ArgumentException(
                "ReuseAddress, ReusePort, V6Only, Device and Freebind have no effect on a UNIX socket: leave them out.", parameter);
        if (path.Length == 0 || path == "@" || path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("UnixPath must be a path, or @name for an abstract one, without NUL.", parameter);
        if (path[0] == '@' && (!OperatingSystem.IsLinux() || request.IsPortable))
            throw new PlatformNotSupportedException("Abstract UNIX names (@name) work only on Linux: use a path.");
        if (Encoding.UTF8.GetByteCount(path) > UnixName.MaximumBytes)
            throw new ArgumentException(
                $"UnixPath is longer than the {UnixName.MaximumBytes} bytes that a UNIX address holds: use a shorter path, or one relative "
                    + "to the working directory.", parameter);
    }

    private static void CheckAddresses(ListenRequest request, string parameter)
    {
        var addresses = request.Addresses;
        if (addresses.IsDefaultOrEmpty)
            throw new ArgumentException("The request has neither an address nor a UNIX path: give at least one address.", parameter);
        for (var index = 0; index < addresses.Length; index++)
        {
            var address = addresses[index] ?? throw new ArgumentException($"Address {index + 1} of the request is null.", parameter);
            if (address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
                throw new ArgumentException($"{address} is neither IPv4 nor IPv6.", parameter);
            for (var earlier = 0; earlier < index; earlier++)
                CheckPair(request, addresses[earlier], address, parameter);
        }
    }

    private static void CheckPair(ListenRequest request, IPAddress one, IPAddress other, string parameter)
    {
        if (one.Equals(other))
            throw new ArgumentException($"The request names {one} twice: give each address once.", parameter);
        if (RequestOverlap.AreShared(request, request) || !RequestOverlap.Covers(request.Settings, one, request.Settings, other))
            return;
        var advice = one.AddressFamily == other.AddressFamily ? "leave out the one that the other covers"
            : "leave out the IPv4 address, or set V6Only = true";
        throw new ArgumentException($"{one} and {other} overlap, so one port cannot be bound on both: {advice}.", parameter);
    }
}

/// <summary>Whether two parts of one call would be in each other's way, as the kernel would answer.</summary>
internal static class RequestOverlap
{
    /// <summary>For two requests of one call that ask for the same; its data have their places, for who knows their names.</summary>
    public static ArgumentException Refusal(int first, int second, string both, string parameter)
    {
        var refusal = new ArgumentException(
            $"Requests {first + 1} and {second + 1} both ask for {both}: in one call, ask for each only once.", parameter);
        refusal.Data["Bindwise.First"] = first;
        refusal.Data["Bindwise.Second"] = second;
        refusal.Data["Bindwise.Both"] = both;
        return refusal;
    }

    /// <summary>For one request of several that contradicts itself; its data have its place.</summary>
    public static ArgumentException Wrong(int index, ArgumentException why)
    {
        var what = why.Message.Replace($" (Parameter '{why.ParamName}')", "", StringComparison.Ordinal);
        var refusal = new ArgumentException($"Request {index + 1}: {what}", why.ParamName, why);
        refusal.Data["Bindwise.First"] = index;
        return refusal;
    }

    /// <summary>What both ask for, in words; null where they do not meet: of lists and ranges the second takes the next.</summary>
    public static string? Of(ListenRequest one, ListenRequest other)
    {
        if (one.UnixPath is not null || other.UnixPath is not null)
            return one.UnixPath is { } path && path == other.UnixPath ? path : null;
        if (one.Port.Single is not { } port || other.Port.Single != port || (one.Transports & other.Transports) == 0
            || AreShared(one, other))
            return null;
        foreach (var first in one.Addresses)
        {
            foreach (var second in other.Addresses)
            {
                if (Covers(one.Settings, first, other.Settings, second))
                    return first.Equals(second) ? new IPEndPoint(first, port).ToString()
                        : $"port {port} of {first} and {second}, which overlap";
            }
        }
        return null;
    }

    /// <summary>Both said that they share their port: SO_REUSEPORT, or for UDP SO_REUSEADDR.</summary>
    public static bool AreShared(ListenRequest one, ListenRequest other) =>
        (one.Settings.ReusePort && other.Settings.ReusePort)
        || ((one.Transports & other.Transports) == Transports.Udp && one.Settings.ReuseAddress == true
            && other.Settings.ReuseAddress == true);

    /// <summary>Whether two addresses meet: equal, or one a wildcard that covers the other, on interfaces that meet.</summary>
    public static bool Covers(SocketSettings settings, IPAddress one, SocketSettings otherSettings, IPAddress other)
    {
        if (settings.Device is { } device && otherSettings.Device is { } second && device != second)
            return false;
        return one.Equals(other) || Includes(settings, one, other) || Includes(otherSettings, other, one);
    }

    private static bool Includes(SocketSettings settings, IPAddress wide, IPAddress narrow)
    {
        if (wide.IsIPv4MappedToIPv6 && narrow.AddressFamily == AddressFamily.InterNetwork)
            return wide.MapToIPv4().Equals(narrow) || wide.MapToIPv4().Equals(IPAddress.Any);
        if (wide.Equals(IPAddress.Any))
            return narrow.AddressFamily == AddressFamily.InterNetwork || narrow.IsIPv4MappedToIPv6;
        if (!wide.Equals(IPAddress.IPv6Any))
            return false;
        return (narrow.AddressFamily == AddressFamily.InterNetworkV6 && !narrow.IsIPv4MappedToIPv6) || IsDualStack(settings);
    }

    /// <summary>Without a setting the system decides (net.ipv6.bindv6only); where that cannot be read, bind() tells.</summary>
    private static bool IsDualStack(SocketSettings settings) => settings.V6Only is { } only ? !only
        : OperatingSystem.IsLinux() ? IsDualStackHere() : !OperatingSystem.IsWindows();

    // A method of its own: without the question the model's assembly is not loaded.
    [SupportedOSPlatform("linux")]
    private static bool IsDualStackHere() => HostSettingsReader.Read(SettingParts.BindV6Only).BindV6Only == false;
}
