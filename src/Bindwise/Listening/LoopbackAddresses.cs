using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Bindwise.Linux.Listening;
using Bindwise.Model.Addresses;

namespace Bindwise;

/// <summary>The loopback addresses that this host has.</summary>
internal static class LoopbackAddresses
{
    /// <summary>127.0.0.1, and ::1 where IPv6 is there and some interface has it: containers often lack it.</summary>
    public static ImmutableArray<IPAddress> Present => HasIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    // On Linux .NET's list of interfaces costs 35 KB, reads /proc/net/route, and throws a FormatException where there is no descriptor for that.
    private static bool HasIPv6 => OperatingSystem.IsLinux()
        ? !LocalAddress.IsMissing(IpAddress.LoopbackIPv6)
        : Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
            .Any(static link => link.GetIPProperties().UnicastAddresses.Any(static one => one.Address.Equals(IPAddress.IPv6Loopback)));
}
