namespace Bindwise.Model.Simulation;

/// <summary>Where a packet goes, and from which address; the simulated host has no neighbours but itself.</summary>
/// <param name="Loss">What connect() says in the end of a route on which nothing comes back; null when an answer comes.</param>
/// <param name="IsBroadcast">It goes to all of a network, which every call refuses.</param>
/// <param name="ComesInBy">The interface by which it comes in on this host, whosever address it bears; 0 where it does not.</param>
internal readonly record struct Route(
    string? Errno, IpAddress Source, IpAddress Destination, string? Loss = null, bool IsBroadcast = false, uint ComesInBy = 0)
{
    public static Route None(string errno) => new(errno, default, default);
}

/// <summary>The routing of the simulated host (ip_route_output_key_hash_rcu(), ip6_route_output()).</summary>
internal sealed class RouteLookup(SimulatedSystem system)
{
    /// <summary>Neighbour discovery gives up (arp(7), mcast_solicit).</summary>
    private const string NoNeighbour = "EHOSTUNREACH";

    /// <summary>The SYN, or its answer, is lost: the blocking call's bound ends the wait.</summary>
    private const string NoAnswer = "EINPROGRESS";

    /// <param name="source">The bound address; the wildcard for none.</param>
    /// <param name="destination">The destination; the wildcard means this host.</param>
    /// <param name="device">The bound interface; 0 for none.</param>
    /// <param name="anySource">IP_TRANSPARENT: the source need not be the host's own.</param>
    /// <param name="isSend">A datagram, for which the route is looked up once. connect() looks up anew what the wildcard turned out to mean
    /// (ip_route_connect()), and so finds it behind the bound interface or not at all.</param>
    public Route ToIPv4(IpAddress source, IpAddress destination, uint device, bool anySource, bool isSend = false)
    {
        if (source.IsMulticast || source.IsBroadcast)
            return Route.None("EINVAL");
        var isForeign = !source.IsAny && !system.Owns(source);
        if (isForeign && !anySource)
            return Route.None("ENETUNREACH");
        if (device != 0 && system.Around.Interfaces.All(link => link.Index != device))
            return Route.None("ENODEV");
        var isThisHost = destination.IsAny;
        if (isThisHost)
        {
            if (source.IsAny)
                source = device != 0 ? AddressOf(device, IpFamily.IPv4) : IpAddress.LoopbackIPv4;
            destination = source;
        }
        // Nothing is looked up for the wildcard, and so no interface but lo has part in it.
        var isSentHere = isThisHost && isSend;
        var owner = system.Owns(destination) ? system.InterfaceOf(destination) : 0;
        if (isSentHere || (owner != 0 && (device is 0 or SimulatedSystem.Loopback || device == owner)))
        {
            var comesInBy = device != 0 ? device : isSentHere ? SimulatedSystem.Loopback : owner;
            var preferred = destination.IsLoopback ? IpAddress.LoopbackIPv4
                : device == SimulatedSystem.Loopback ? SourceBeyond(device) : destination;
            return new(null, source.IsAny ? preferred : source, destination, isForeign ? NoAnswer : null, ComesInBy: comesInBy);
        }
        // A group, and everybody, are reached over the named interface, or that of the bound address.
        if (device == 0 && !source.IsAny && !isForeign && (destination.IsMulticast || destination.IsBroadcast))
            device = system.InterfaceOf(source);
        // Without a route the kernel takes what lies after a named interface for its neighbour.
        var link = LinkOf(destination, IpFamily.IPv4);
        var leavesBy = device != 0 ? device : link?.Index ?? 0;
        if (leavesBy == 0)
            return Route.None("ENETUNREACH");
        // Nothing leaves the host from 127/8 (__mkroute_output()).
        if (source.IsLoopback && leavesBy != SimulatedSystem.Loopback)
            return Route.None("EINVAL");
        if (source.IsAny)
            source = SourceBeyond(leavesBy);
        if (destination.IsMulticast)
            return new(null, source, destination, ComesInBy: leavesBy);
        // The broadcast address of another interface's network is one like any other, though no
        // neighbour is asked for it (arp_constructor()).
        var isOfAll = system.IsBroadcast(destination);
        var isRefused = isOfAll && (link is null || link.Index == leavesBy);
        var staysHere = isThisHost || isOfAll || leavesBy == SimulatedSystem.Loopback;
        return new(null, source, destination, staysHere ? NoAnswer : NoNeighbour, isRefused,
            leavesBy == SimulatedSystem.Loopback ? leavesBy : 0);
    }

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
            ? new(null, source.IsAny ? destination : source, destination, source.IsAny || system.Owns(source) ? null : NoAnswer,
                ComesInBy: leavesBy)
            : new(null, source.IsAny ? AddressOf(leavesBy, IpFamily.IPv6) : source, destination, NoNeighbour);
    }

    /// <summary>
    /// The source of what goes beyond an interface: lo's own address is for this host alone, so it is the first of another one's, and none
    /// where lo is all (inet_select_addr()). Of a veth pair the end that is named second comes first.
    /// </summary>
    private IpAddress SourceBeyond(uint device) => device != SimulatedSystem.Loopback ? AddressOf(device, IpFamily.IPv4)
        : system.Around.Interfaces is [_, .., var last] ? AddressOf(last.Index, IpFamily.IPv4) : IpAddress.AnyIPv4;

    private IpAddress AddressOf(uint device, IpFamily family) =>
        system.Around.Interfaces.Where(link => link.Index == device).SelectMany(static link => link.Addresses)
            .First(at => at.Address.Family == family).Address;

    private InterfaceRecord? LinkOf(IpAddress address, IpFamily family) =>
        system.Around.Interfaces.FirstOrDefault(
            link => link.Addresses.Any(at => at.Address.Family == family && NetworkOf(at, at.Address) == NetworkOf(at, address)));

    private static UInt128 NetworkOf(InterfaceAddress at, IpAddress address) =>
        address.Bits >> ((address.Family == IpFamily.IPv4 ? 32 : 128) - at.PrefixLength);
}
