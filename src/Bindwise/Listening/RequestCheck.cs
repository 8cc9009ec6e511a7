using Bindwise.Linux.Sysctls;

namespace Bindwise;

/// <summary>Refuses requests that contradict themselves, before any socket is opened. Costs no allocation where nothing is wrong.</summary>
internal static class RequestCheck
{
    private const BindRetryReasons KnownReasons = BindRetryReasons.All;

    /// <param name="request">The request.</param>
    /// <param name="parameter">What the caller's caller calls it, or the list that it stands in.</param>
    /// <exception cref="ArgumentException">It contradicts itself.</exception>
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
    /// <exception cref="ArgumentException">There is none, one contradicts itself, or two ask for the same.</exception>
    public static void CheckAll(ReadOnlySpan<ListenRequest> requests)
    {
        if (requests.IsEmpty)
            throw new ArgumentException("The list of requests is empty: give at least one.", nameof(requests));
        for (var index = 0; index < requests.Length; index++)
        {
            Check(requests[index], nameof(requests));
            for (var earlier = 0; earlier < index; earlier++)
            {
                if (RequestOverlap.Of(requests[earlier], requests[index]) is { } both)
                    throw RequestOverlap.Refusal(earlier, index, both, nameof(requests));
            }
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
    /// <summary>
    /// The exception for two requests of one call that both ask for the same. Its data have their places in the list, so that who knows
    /// names for them can give those.
    /// </summary>
    public static ArgumentException Refusal(int first, int second, string both, string parameter)
    {
        var refusal = new ArgumentException(
            $"Requests {first + 1} and {second + 1} both ask for {both}: in one call, ask for each only once.", parameter);
        refusal.Data["Bindwise.First"] = first;
        refusal.Data["Bindwise.Second"] = second;
        refusal.Data["Bindwise.Both"] = both;
        return refusal;
    }

    /// <summary>
    /// What two requests both ask for, in words; null when they do not meet. Lists and ranges do not: the second takes the next candidate.
    /// </summary>
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

    /// <summary>
    /// Without a setting the system decides: dual-stack but on Windows, or where net.ipv6.bindv6only is set. Where that cannot be read
    /// bind() tells.
    /// </summary>
    private static bool IsDualStack(SocketSettings settings) => settings.V6Only is { } only ? !only
        : OperatingSystem.IsLinux() ? IsDualStackHere() : !OperatingSystem.IsWindows();

    // A method of its own: without the question the model's assembly is not loaded.
    [SupportedOSPlatform("linux")]
    private static bool IsDualStackHere() => HostSettingsReader.Read(SettingParts.BindV6Only).BindV6Only == false;
}
