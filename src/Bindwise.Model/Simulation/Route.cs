namespace Bindwise.Model.Simulation;

/// <summary>Where a packet goes, and from which address; the simulated host has no neighbours but itself.</summary>
/// <param name="Loss">What connect() says in the end of a route on which nothing comes back; null when an answer comes.</param>
/// <param name="IsBroadcast">It goes to all of a network, which every call refuses.</param>
internal readonly record struct Route(string? Errno, IpAddress Source, IpAddress Destination, string? Loss = null, bool IsBroadcast = false)
{
    public static Route None(string errno) => new(errno, default, default);
}

/// <summary>The routing of the simulated host (ip_route_output_key_hash_rcu(), ip6_route_output()).</summary>
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
        if (system.Owns(destination) && (device is 0 or SimulatedSystem.Loopback || device == system.InterfaceOf(destination)))
        {
            var preferred = destination.IsLoopback ? IpAddress.LoopbackIPv4 : destination;
            return new(null, source.IsAny ? preferred : source, destination, isForeign ? NoAnswer : null);
        }
        // Without a route the kernel takes what lies after a named interface for its neighbour; a group is reached over a named one only.
        var link = LinkOf(destination, IpFamily.IPv4);
        var leavesBy = device != 0 ? device : link?.Index ?? 0;
        if (leavesBy == 0)
            return Route.None("ENETUNREACH");
        // Nothing leaves the host from 127/8 (__mkroute_output()).
        if (source.IsLoopback && leavesBy != SimulatedSystem.Loopback)
            return Route.None("EINVAL");
        if (source.IsAny)
            source = AddressOf(leavesBy, IpFamily.IPv4);
        if (destination.IsMulticast)
            return new(null, source, destination);
        // The broadcast address of another interface's network is one like any other, though no
        // neighbour is asked for it (arp_constructor()).
        var isOfAll = system.IsBroadcast(destination);
        var isRefused = isOfAll && (link is null || link.Index == leavesBy);
        return new(null, source, destination, isOfAll || leavesBy == SimulatedSystem.Loopback ? NoAnswer : NoNeighbour, isRefused);
    }

    /// <summary>An IPv6 route.</summary>
    public Route ToIPv6(IpAddress source, IpAddress destination, uint device)
    {
        var isOwn = system.Owns(destination);
        // Each link but lo has a route to the groups; that of the last one comes first.
        var leavesBy = isOwn ? system.InterfaceOf(destination)
            : destination.IsMulticast ? device != 0 ? device : system.Around.Interfaces[^1].Index
            : LinkOf(destination, IpFamily.IPv6)?.Index ?? SimulatedSystem.Loopback;
        if ((device != 0 && device != leavesBy) || (!isOwn && leavesBy == SimulatedSystem.Loopback))
            return Route.None("ENETUNREACH");
        // A route there is, but not from a v4-mapped address (ip6_dst_lookup_tail()).
        if (source.IsMapped)
            return Route.None("EAFNOSUPPORT");
        return isOwn
            ? new(null, source.IsAny ? destination : source, destination, source.IsAny || system.Owns(source) ? null : NoAnswer)
            : new(null, source.IsAny ? AddressOf(leavesBy, IpFamily.IPv6) : source, destination, NoNeighbour);
    }

    private IpAddress AddressOf(uint device, IpFamily family) =>
        system.Around.Interfaces.Where(link => link.Index == device).SelectMany(static link => link.Addresses)
            .First(at => at.Address.Family == family).Address;

    private InterfaceRecord? LinkOf(IpAddress address, IpFamily family) =>
        system.Around.Interfaces.FirstOrDefault(
            link => link.Addresses.Any(at => at.Address.Family == family && NetworkOf(at, at.Address) == NetworkOf(at, address)));

    private static UInt128 NetworkOf(InterfaceAddress at, IpAddress address) =>
        address.Bits >> ((address.Family == IpFamily.IPv4 ? 32 : 128) - at.PrefixLength);
}
