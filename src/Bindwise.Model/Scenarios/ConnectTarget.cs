using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios;

/// <summary>Where <c>connect</c> to a socket by its name goes: the same on both hosts.</summary>
public static class ConnectTarget
{
    /// <summary>Turns what getsockname(2) says of the target into an address to connect to: a wildcard into a loopback address.</summary>
    /// <param name="name">The target's own address and port; a port of 0 stays 0.</param>
    /// <param name="isV6Only">The target's IPV6_V6ONLY; false for an IPv4 socket.</param>
    /// <param name="connecting">The family of the socket that connects: from IPv4 a dual-stack wildcard is reached at 127.0.0.1.</param>
    public static IpEndpoint Of(IpEndpoint name, bool isV6Only, IpFamily connecting)
    {
        if (!name.Address.IsAny)
            return name;
        var isIPv4 = name.Address.Family == IpFamily.IPv4 || (connecting == IpFamily.IPv4 && !isV6Only);
        return name with { Address = isIPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6 };
    }
}
