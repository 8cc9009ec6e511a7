using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Simulation;

/// <summary>Where a packet goes, and from which address; the simulated host has no neighbours but itself.</summary>
/// <param name="Errno">Why there is no route; null when there is one.</param>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination, a wildcard replaced.</param>
/// <param name="Loss">What connect() says in the end of a route on which nothing comes back; null when an answer comes.</param>
internal readonly record struct Route(string? Errno, IpAddress Source, IpAddress Destination, string? Loss = null)
{
    public static Route None(string errno) => new(errno, default, default);
}

/// <summary>The routing of the simulated host (ip_route_output_key_hash_rcu(), ip6_route_output()).</summary>
/// <param name="system">The addresses.</param>
internal sealed class Routing(SimulatedSystem system)
{
    /// <summary>Neighbour discovery gives up (arp(7), mcast_solicit).</summary>
    private const string NoNeighbour = "EHOSTUNREACH";

    /// <summary>The SYN, or its answer, is lost: the blocking call's bound ends the wait.</summary>
    private const string NoAnswer = "EINPROGRESS";

    /// <summary>An IPv4 route.</summary>
    /// <param name="source">The bound address; the wildcard for none.</param>
    /// <param name="destination">The destination; the wildcard means this host.</param>
    /// <param name="device">The bound interface; 0 for none.</param>
    /// <param name="anySource">IP_TRANSPARENT: the source need not be the host's own.</param>
    public Route ToIPv4(IpAddress source, IpAddress destination, uint device, bool anySource)
    {
        if (destination.IsAny)
            (source, destination) = source.IsAny ? (IpAddress.LoopbackIPv4, IpAddress.LoopbackIPv4) : (source, source);
        if (source.IsMulticast || source.Bits == 0xffffffff)
            return Route.None("EINVAL");
        var isForeign = !source.IsAny && !system.Owns(source);
        if (isForeign && !anySource)
            return Route.None("ENETUNREACH");
        if (system.IsBroadcast(destination) && destination.Bits != 0xffffffff)
            return new(null, source.IsAny ? LinkOf(destination)!.Value : source, destination);
        // A group is reached over a named interface only: there is no default route.
        if (destination.IsMulticast || destination.Bits == 0xffffffff)
            return device == 0 ? Route.None("ENETUNREACH") : new(null, source.IsAny ? AddressOf(device) : source, destination);
        if (system.Owns(destination) && (device is 0 or SimulatedSystem.Loopback || device == system.InterfaceOf(destination)))
        {
            var preferred = destination.IsLoopback ? IpAddress.LoopbackIPv4 : destination;
            return new(null, source.IsAny ? preferred : source, destination, isForeign ? NoAnswer : null);
        }
        // Nothing leaves the host from 127/8 (__mkroute_output()).
        if (source.IsLoopback && device != SimulatedSystem.Loopback && (device != 0 || LinkOf(destination) is not null))
            return Route.None("EINVAL");
        // Without a route the kernel takes what lies behind a named interface for its neighbour.
        if (device != 0)
            return new(null, source.IsAny ? AddressOf(device) : source, destination, device == SimulatedSystem.Loopback ? NoAnswer : NoNeighbour);
        return LinkOf(destination) is { } own ? new(null, source.IsAny ? own : source, destination, NoNeighbour) : Route.None("ENETUNREACH");
    }

    /// <summary>An IPv6 route.</summary>
    public Route ToIPv6(IpAddress source, IpAddress destination, uint device)
    {
        // Each link but lo has a route to the groups.
        if (destination.IsMulticast && device != SimulatedSystem.Loopback && system.Around.Interfaces.Length > 1 && !source.IsMapped)
            return new(null, source, destination, NoNeighbour);
        if (destination.IsMulticast || destination.IsLinkLocal || !system.Owns(destination) || (device != 0 && device != system.InterfaceOf(destination)))
            return Route.None("ENETUNREACH");
        // A route there is, but not from a v4-mapped address (ip6_dst_lookup_tail()).
        if (source.IsMapped)
            return Route.None("EAFNOSUPPORT");
        return new(null, source.IsAny ? destination : source, destination, source.IsAny || system.Owns(source) ? null : NoAnswer);
    }

    private IpAddress AddressOf(uint device) =>
        system.Around.Interfaces.Where(link => link.Index == device).SelectMany(static link => link.Addresses).First(static at => at.Address.Family == IpFamily.IPv4).Address;

    /// <summary>The address of the interface in whose IPv4 network an address lies.</summary>
    private IpAddress? LinkOf(IpAddress address)
    {
        foreach (var link in system.Around.Interfaces)
        {
            foreach (var at in link.Addresses)
            {
                if (at.Address.Family == IpFamily.IPv4 && NetworkOf(at, at.Address) == NetworkOf(at, address))
                    return at.Address;
            }
        }
        return null;
    }

    private static UInt128 NetworkOf(InterfaceAddress at, IpAddress address) => address.Bits >> (32 - at.PrefixLength);
}
