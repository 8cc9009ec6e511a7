using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>Who gets a datagram, and who hears that nobody did (__udp4_lib_lookup(), __udp6_lib_lookup(), __udp4_lib_err()).</summary>
internal sealed class UdpDelivery(SimulatedSystem system)
{
    /// <summary>The group that every host is in, 224.0.0.1, mapped.</summary>
    private static readonly IpAddress AllHosts = new IpAddress(IpFamily.IPv4, 0xe0000001).AsIPv6;

    /// <summary>Where a lookup searches, in its order.</summary>
    private enum Search
    {
        /// <summary>The connected sockets of this very four-tuple: the one connected last.</summary>
        FourTuple,

        /// <summary>The sockets hashed by the address.</summary>
        Address,

        /// <summary>The sockets hashed by the wildcard.</summary>
        Wildcard,

        /// <summary>All of the port that receive on the address: also a v6 socket by its IPv4 view.</summary>
        Port,
    }

    /// <summary>Delivers a datagram; addresses in their v4-mapped form.</summary>
    /// <param name="device">The interface that the sender is bound to, by which it then comes in; 0 for none.</param>
    /// <param name="isAnswered">An ICMP error would find its way back; it comes in by lo.</param>
    public void Deliver(IpEndpoint source, IpEndpoint destination, uint device, bool isAnswered)
    {
        if (destination.Address == AllHosts)
            DeliverToAll(destination, source, device);
        else if (destination.Address.AsIPv4 is { IsMulticast: true })
            return; // a group that nobody joined
        else if (ReceiverOf(destination, source, device != 0 ? device : system.InterfaceOf(destination.Address)) is { } receiver)
            receiver.UnreadDatagrams++;
        else if (isAnswered && ReceiverOf(source, destination, SimulatedSystem.Loopback) is { State: TcpSocketState.Established } hears)
            hears.PendingError = "ECONNREFUSED";
    }

    /// <summary>Each socket of the port that may receive gets a copy; no error comes back (__udp4_lib_mcast_deliver()).</summary>
    private void DeliverToAll(IpEndpoint at, IpEndpoint source, uint device)
    {
        foreach (var (socket, _) in system.UdpPortOf(at.Port)?.SocketsByAddress ?? [])
        {
            // IPv6 sockets take no part unless they joined (IP_MULTICAST_ALL is off on them).
            if (socket.Family == IpFamily.IPv4 && (socket.DeviceIndex == 0 || socket.DeviceIndex == device) && ScoreIPv4(socket, source) > 0
                && (IsSearched(socket, at.Address, Search.Address) || IsSearched(socket, at.Address, Search.Wildcard)))
                socket.UnreadDatagrams++;
        }
    }

    private SimulatedSocket? ReceiverOf(IpEndpoint at, IpEndpoint source, uint interfaceIndex)
    {
        if (system.UdpPortOf(at.Port) is not { } list)
            return null;
        foreach (var search in (ReadOnlySpan<Search>)[Search.FourTuple, Search.Address, Search.Wildcard, Search.Port])
        {
            if (Knows(search) && Best(list, at.Address, source, interfaceIndex, search) is { } best)
                return best;
        }
        return null;
    }

    private bool Knows(Search search) => search switch
    {
        Search.FourTuple => system.Kernel.Has(KernelChanges.UdpFourTuples),
        Search.Port => system.Kernel.Has(KernelChanges.UdpPortLookup),
        _ => true,
    };

    /// <summary>The highest score; among equals the one bound, or moved by connect(), last.</summary>
    private static SimulatedSocket? Best(UdpPortList<SimulatedSocket> list, IpAddress address, IpEndpoint source, uint interfaceIndex,
        Search search)
    {
        SimulatedSocket? best = null;
        var bestScore = 0L;
        foreach (var (socket, _) in list.SocketsByAddress)
        {
            if (!IsSearched(socket, address, search) || (socket.DeviceIndex != 0 && socket.DeviceIndex != interfaceIndex))
                continue;
            var score = search == Search.FourTuple ? IsPeer(socket, source) ? socket.ConnectOrder : 0
                : address.IsMapped ? ScoreIPv4(socket, source) : ScoreIPv6(socket, source);
            if (score <= bestScore)
                continue;
            // As with listeners, a group's member ends the search.
            if (socket is { ReusePort: true, IsInReusePortGroup: true })
                return socket;
            (best, bestScore) = (socket, score);
        }
        return best;
    }

    private static bool IsPeer(SimulatedSocket socket, IpEndpoint source) => socket.Remote == source;

    private static bool IsSearched(SimulatedSocket socket, IpAddress address, Search search)
    {
        if (address.IsMapped ? socket.V6Only : socket.Family == IpFamily.IPv4)
            return false;
        var own = socket.Address;
        return search switch
        {
            Search.Address or Search.FourTuple => own.AsIPv6 == address,
            Search.Wildcard => address.IsMapped ? (own.AsIPv4 ?? own).IsAny : own.IsAny,
            _ => new BoundAddress(socket.Family, own, socket.V6Only).IPv4View.AsIPv6 == address,
        };
    }

    /// <summary>compute_score(), net/ipv4/udp.c: what differs from the peer rules a socket out.</summary>
    private static int ScoreIPv4(SimulatedSocket socket, IpEndpoint source)
    {
        var hasPeer = !socket.PeerIPv4.IsAny;
        if (!Hears(socket, source.Port) || (hasPeer && socket.PeerIPv4.AsIPv6 != source.Address))
            return 0;
        return (socket.Family == IpFamily.IPv4 ? 2 : 1) + (hasPeer ? 4 : 0) + (socket.Remote.Port != 0 ? 4 : 0)
            + (socket.DeviceIndex != 0 ? 4 : 0);
    }

    /// <summary>compute_score(), net/ipv6/udp.c.</summary>
    private static int ScoreIPv6(SimulatedSocket socket, IpEndpoint source)
    {
        var hasPeer = !socket.PeerIPv6.IsAny;
        if (!Hears(socket, source.Port) || (hasPeer && socket.PeerIPv6 != source.Address))
            return 0;
        return 1 + (hasPeer ? 1 : 0) + (socket.Remote.Port != 0 ? 1 : 0) + (socket.DeviceIndex != 0 ? 1 : 0);
    }

    private static bool Hears(SimulatedSocket socket, ushort sourcePort) =>
        socket.Remote.Port == 0 || socket.Remote.Port == sourcePort;
}
