using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets;
using ModelState = Bindwise.Diagnostics.TcpSocketState;
using State = System.Net.NetworkInformation.TcpState;

namespace Bindwise.Portable;

/// <summary>
/// Takes a snapshot by .NET's own means alone: names, interfaces, a probe, and the sockets that the system lists. Works on macOS, Windows
/// and Linux; tells no owners, no options, and no sockets that are bound without listening.
/// </summary>
internal static class PortableInspector
{
    /// <summary>Reads what the target's portable answer stands on.</summary>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="InspectionException">The system cannot answer, as for an unknown host.</exception>
    public static Snapshot Inspect(InspectionRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        if (target.Destination is { Source: { Port: not 0 } source } to)
            throw new InspectionException($"no portable call tells whether {source} is connected to {to} already; on Linux, Bindwise's own "
                + "search does");
        var started = Stopwatch.GetTimestamp();
        var notes = new List<string>();
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.Now,
            Kernel = RuntimeInformation.OSDescription,
            Settings = new HostSettings { HasIPv4 = Socket.OSSupportsIPv4, HasIPv6 = Socket.OSSupportsIPv6 },
            Names = PortableNames.LookUp(target),
            Coverage = new Coverage { BoundOnlySeen = false },
            Portable = new PortableRecord { System = System },
        };
        cancellationToken.ThrowIfCancellationRequested();
        if (target.Host is not (null or "*" or "+") || target.Scope is not null)
            snapshot = snapshot with { Interfaces = PortableInterfaces.Read(notes) };
        var plan = RequestPlan.From(target, request.Options, snapshot);
        if (plan.Asked.IsEmpty)
            throw new InspectionException($"no address was found for {target.Host}: give an address, such as 127.0.0.1:{target.Port}");
        cancellationToken.ThrowIfCancellationRequested();
        var record = snapshot.Portable;
        if (target.Protocol == Protocol.Unix)
            snapshot = snapshot with { UnixPath = PortablePath.Read(target.Path!) };
        else
        {
            // The probe first: what it was refused for is then looked for, and not the other way round.
            if (request.MayProbe)
                record = record with { Probes = new PortableProber(record.System, snapshot.Interfaces, notes).Ask(plan) };
            record = SocketList.Read(record, target.Protocol, plan.Port!.Value, notes);
        }
        return snapshot with
        {
            Portable = record,
            Coverage = snapshot.Coverage with
            {
                ListenersRead = record.IsListRead,
                AllStatesRead = record.IsListRead,
                Notes = [.. notes.Distinct()],
                Timings = [new StageTiming("portable", (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds)],
            },
        };
    }

    private static HostSystem System => OperatingSystem.IsWindows() ? HostSystem.Windows
        : OperatingSystem.IsMacOS() ? HostSystem.MacOS
        : OperatingSystem.IsLinux() ? HostSystem.Linux
        : HostSystem.Other;
}

/// <summary>The interfaces with their addresses, as .NET lists them.</summary>
internal static class PortableInterfaces
{
    public static ImmutableArray<InterfaceRecord> Read(List<string> notes)
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Select(RecordOf)];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException)
        {
            notes.Add("the interfaces could not be read: " + e.Message.ReplaceLineEndings(" "));
            return [];
        }
    }

    private static InterfaceRecord RecordOf(NetworkInterface link)
    {
        var properties = link.GetIPProperties();
        return new InterfaceRecord
        {
            Index = IndexOf(link, properties),
            Name = link.Name,
            IsUp = link.OperationalStatus == OperationalStatus.Up,
            Addresses = [.. properties.UnicastAddresses.Select(static u => new InterfaceAddress(
                IpAddress.FromBytes(u.Address.GetAddressBytes()), u.PrefixLength,
                IsTentative: OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Tentative,
                IsDuplicate: OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Duplicate))],
        };
    }

    /// <summary>0 for an interface of neither family.</summary>
    private static uint IndexOf(NetworkInterface link, IPInterfaceProperties properties)
    {
        if (link.Supports(NetworkInterfaceComponent.IPv6) && Socket.OSSupportsIPv6)
            return (uint)properties.GetIPv6Properties().Index;
        return link.Supports(NetworkInterfaceComponent.IPv4) ? (uint)properties.GetIPv4Properties().Index : 0;
    }
}

/// <summary>
/// The sockets that the system lists (IPGlobalProperties): listeners, connections with TIME_WAIT where the system shows it, UDP sockets.
/// </summary>
internal static class SocketList
{
    /// <summary>Sockets of one port that are kept one by one.</summary>
    public const int Maximum = 256;

    /// <summary>The record with the sockets of a port; what cannot be read is noted.</summary>
    public static PortableRecord Read(PortableRecord record, Protocol protocol, ushort port, List<string> notes)
    {
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            var found = (protocol == Protocol.Udp
                ? host.GetActiveUdpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Udp, ModelState.Close, EndpointOf(e), default))
                : host.GetActiveTcpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Tcp, ModelState.Listen, EndpointOf(e), default))
                    .Concat(host.GetActiveTcpConnections().Where(c => c.LocalEndPoint.Port == port && c.State != State.Listen)
                        .Select(static c => new SeenSocket(Protocol.Tcp, StateOf(c.State), EndpointOf(c.LocalEndPoint),
                            EndpointOf(c.RemoteEndPoint))))).ToList();
            return record with { Seen = [.. found.Take(Maximum)], SeenCount = found.Count, IsListRead = true };
        }
        catch (Exception e) when (IsRefusal(e))
        {
            notes.Add("the system's list of sockets could not be read: " + e.Message.ReplaceLineEndings(" "));
            return record;
        }
    }

    /// <summary>Whether .NET throws it where it cannot read the system's list.</summary>
    internal static bool IsRefusal(Exception exception) =>
        exception is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException;

    /// <summary>The kernel's names; DELETE_TCB is Windows's last state before nothing.</summary>
    internal static ModelState StateOf(State state) => state switch
    {
        State.Listen => ModelState.Listen,
        State.SynSent => ModelState.SynSent,
        State.SynReceived => ModelState.SynReceived,
        State.Established => ModelState.Established,
        State.FinWait1 => ModelState.FinWait1,
        State.FinWait2 => ModelState.FinWait2,
        State.CloseWait => ModelState.CloseWait,
        State.Closing => ModelState.Closing,
        State.LastAck => ModelState.LastAck,
        State.TimeWait => ModelState.TimeWait,
        _ => ModelState.Close,
    };

    private static IpEndpoint EndpointOf(IPEndPoint endpoint) =>
        new(IpAddress.FromBytes(endpoint.Address.GetAddressBytes()), (ushort)endpoint.Port);
}

/// <summary>What this host makes of the names that a target uses.</summary>
internal static class PortableNames
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Service and host names of a target; empty where it has none.</summary>
    /// <exception cref="InspectionException">Nobody knows the name.</exception>
    public static ImmutableArray<NameLookup> LookUp(Target target)
    {
        var names = ImmutableArray.CreateBuilder<NameLookup>();
        if (target.Service is { } service)
        {
            var port = ServicesFile.FindPort(service, target.Protocol)
                ?? throw new InspectionException(
                    UnknownService.Explain(service, target.Protocol, ServicesFile.FindPort, "the system's services file"));
            names.Add(new NameLookup(NameKind.Service, service, [], port));
        }
        if (target is { Protocol: not Protocol.Unix, Address: null, Host: { } host and not ("*" or "+") })
        {
            var addresses = AddressesOf(host);
            if (addresses.IsEmpty)
                throw new InspectionException($"unknown host '{host}': give an address, or a name that this host can resolve");
            names.Add(new NameLookup(NameKind.Host, host, addresses));
        }
        return names.ToImmutable();
    }

    private static ImmutableArray<IpAddress> AddressesOf(string host)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestWait);
            return [.. Dns.GetHostAddressesAsync(host, limit.Token).GetAwaiter().GetResult()
                .Select(static a => IpAddress.FromBytes(a.GetAddressBytes())).Distinct()];
        }
        catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }
}

/// <summary>
/// What stands at a UNIX socket's path, as far as .NET tells: whether there is something, and whether its folder is there.
/// </summary>
internal static class PortablePath
{
    // Errno numbers as the snapshot has them (Linux's); these two are the same on every Unix.
    private const int NoEntry = 2;
    private const int Invalid = 22;

    /// <summary>The shortest sun_path of the systems: 104 bytes with the closing NUL (BSD, macOS), 108 on Linux and Windows.</summary>
    private static int MostBytes => OperatingSystem.IsLinux() || OperatingSystem.IsWindows() ? 107 : 103;

    /// <summary>Looks at a path; an abstract name has none.</summary>
    public static UnixPathRecord Read(string path)
    {
        var record = new UnixPathRecord { Path = path };
        if (path.StartsWith('@'))
            return record;
        if (Encoding.UTF8.GetByteCount(path) > MostBytes || path.Contains('\0', StringComparison.Ordinal))
            return record with { ParentErrno = Invalid };
        try
        {
            // A dangling link exists too, and bind() does not follow it.
            if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
                return record with { Exists = true, Kind = Directory.Exists(path) ? "directory" : "file" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return record with { ParentErrno = NoEntry };
        }
        return Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder) && !path.EndsWith('/') ? record
            : record with { ParentErrno = NoEntry };
    }
}

/// <summary>The system's list of services: services(5), and the same form on Windows.</summary>
internal static class ServicesFile
{
    /// <summary>More than this is not read: the largest ones have half of it.</summary>
    private const int MaximumBytes = 4 * 1024 * 1024;

    /// <summary>The port of a service, by its name or an alias; null when it is unknown, or the file cannot be read.</summary>
    public static ushort? FindPort(string name, Protocol protocol)
    {
        var path = OperatingSystem.IsWindows() ? Path.Combine(Environment.SystemDirectory, "drivers", "etc", "services") : "/etc/services";
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaximumBytes } ? FindPort(File.ReadLines(path), name, protocol) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static ushort? FindPort(IEnumerable<string> lines, string name, Protocol protocol)
    {
        var suffix = protocol == Protocol.Udp ? "/udp" : "/tcp";
        foreach (var line in lines)
        {
            var words = line.Split('#', 2)[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words[1].EndsWith(suffix, StringComparison.Ordinal)
                || (words[0] != name && !words.Skip(2).Contains(name)))
                continue;
            if (ushort.TryParse(words[1].AsSpan(0, words[1].Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                out var port))
                return port;
        }
        return null;
    }
}
