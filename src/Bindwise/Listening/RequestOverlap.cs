using System.Net;
using System.Net.Sockets;
using Bindwise.Linux.Sysctls;

namespace Bindwise;

/// <summary>Whether two parts of one call would be in each other's way, as the kernel would answer.</summary>
internal static class RequestOverlap
{
    /// <summary>What two requests both ask for, in words; null when they do not meet. Lists and ranges do not: the second takes the next candidate.</summary>
    public static string? Of(ListenRequest one, ListenRequest other)
    {
        if (one.UnixPath is not null || other.UnixPath is not null)
            return one.UnixPath is { } path && path == other.UnixPath ? path : null;
        if (one.Port.Single is not { } port || other.Port.Single != port || (one.Transports & other.Transports) == 0 || AreShared(one, other))
            return null;
        foreach (var first in one.Addresses)
        {
            foreach (var second in other.Addresses)
            {
                if (Covers(one.Settings, first, other.Settings, second))
                    return first.Equals(second) ? new IPEndPoint(first, port).ToString() : $"port {port} of {first} and {second}, which overlap";
            }
        }
        return null;
    }

    /// <summary>Both said that they share their port: SO_REUSEPORT, or for UDP SO_REUSEADDR.</summary>
    public static bool AreShared(ListenRequest one, ListenRequest other) =>
        (one.Settings.ReusePort && other.Settings.ReusePort)
        || ((one.Transports & other.Transports) == Transports.Udp && one.Settings.ReuseAddress == true && other.Settings.ReuseAddress == true);

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

    /// <summary>Without a setting the system decides: dual-stack but on Windows, or where net.ipv6.bindv6only is set. Where that cannot be read bind() tells.</summary>
    private static bool IsDualStack(SocketSettings settings) => settings.V6Only is { } only ? !only
        : OperatingSystem.IsLinux() ? HostSettingsReader.Read(SettingParts.BindV6Only).BindV6Only == false
        : !OperatingSystem.IsWindows();
}
