using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>The loopback addresses that this host has.</summary>
internal static class LoopbackAddresses
{
    /// <summary>127.0.0.1, and ::1 where IPv6 is there and some interface has it: containers often lack it.</summary>
    public static ImmutableArray<IPAddress> Present => HasIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    private static bool HasIPv6 => Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
        .Any(static link => link.GetIPProperties().UnicastAddresses.Any(static one => one.Address.Equals(IPAddress.IPv6Loopback)));
}
