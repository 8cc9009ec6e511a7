using System.Net;
using System.Net.Sockets;

namespace Bindwise.Portable;

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
                    $"unknown service '{service}': give its port number, or a name from the system's services file");
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

/// <summary>What stands at a UNIX socket's path, as far as .NET tells: whether there is something, and whether its folder is
/// there.</summary>
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
