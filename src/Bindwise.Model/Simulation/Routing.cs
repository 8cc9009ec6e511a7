using Bindwise.Model.Addresses;

namespace Bindwise.Model.Simulation;

/// <summary>Where a packet goes, and from which address; the simulated host has no neighbours but itself.</summary>
/// <param name="Errno">Why it goes nowhere; null when it goes.</param>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination, a wildcard replaced.</param>
internal readonly record struct Route(string? Errno, IpAddress Source, IpAddress Destination)
{
    public static Route None(string errno) => new(errno, default, default);
}

/// <summary>The routing of the simulated host (ip_route_output_key_hash_rcu(), ip6_route_output()).</summary>
/// <param name="system">The addresses.</param>
internal sealed class Routing(SimulatedSystem system)
{
    /// <summary>An IPv4 route.</summary>
    /// <param name="source">The bound address; the wildcard for none.</param>
    /// <param name="destination">The destination; the wildcard means this host.</param>
    /// <param name="device">The bound interface; 0 for none.</param>
    /// <param name="anySource">IP_TRANSPARENT: the source need not be the host's own.</param>
    public Route ToIPv4(IpAddress source, IpAddress destination, uint device, bool anySource)
    {
        if (destination.IsAny)
            (source, destination) = source.IsAny ? (IpAddress.LoopbackIPv4, IpAddress.LoopbackIPv4) : (source, source);
        if (!source.IsAny && !anySource && !system.Owns(source))
            return Route.None("ENETUNREACH");
        if (system.IsBroadcast(destination) && destination.Bits != 0xffffffff)
            return new(null, source.IsAny ? OwnerOf(destination) : source, destination);
        if (destination.IsMulticast || !system.Owns(destination))
            return Route.None("ENETUNREACH");
        if (device != 0 && device != DeviceOf(destination))
            return Route.None("ENETUNREACH");
        return new(null, !source.IsAny ? source : destination.IsLoopback ? IpAddress.LoopbackIPv4 : destination, destination);
    }

    /// <summary>An IPv6 route.</summary>
    public Route ToIPv6(IpAddress source, IpAddress destination, uint device)
    {
        if (destination.IsMulticast || destination.IsLinkLocal || !system.Owns(destination) || (device != 0 && device != DeviceOf(destination)))
            return Route.None("ENETUNREACH");
        // A route there is, but not from a v4-mapped address (ip6_dst_lookup_tail()).
        if (source.IsMapped)
            return Route.None("EAFNOSUPPORT");
        return new(null, source.IsAny ? destination : source, destination);
    }

    private uint DeviceOf(IpAddress address) => address.IsLoopback
        ? SimulatedSystem.Loopback
        : system.Around.Interfaces.First(link => link.Addresses.Any(at => at.Address == address)).Index;

    private IpAddress OwnerOf(IpAddress broadcast) => system.Around.Interfaces
        .SelectMany(static link => link.Addresses)
        .First(at => at.Address.Family == IpFamily.IPv4 && (broadcast.Bits & ~(((UInt128)1 << (32 - at.PrefixLength)) - 1)) == (at.Address.Bits & ~(((UInt128)1 << (32 - at.PrefixLength)) - 1)))
        .Address;
}
