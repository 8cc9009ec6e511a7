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
    /// <param name="device">The interface by which it comes in.</param>
    /// <param name="isAnswered">An ICMP error would find its way back.</param>
    public void Deliver(IpEndpoint source, IpEndpoint destination, uint device, bool isAnswered)
    {
        if (destination.Address == AllHosts)
            DeliverToAll(destination, source, device);
        else if (destination.Address.AsIPv4 is { IsMulticast: true })
            return; // a group that nobody joined
        else if (ReceiverOf(destination, source, device) is { } receiver)
            receiver.UnreadDatagrams++;
        else if (isAnswered
            && ReceiverOf(source, destination, ErrorComesInBy(source.Address)) is { State: TcpSocketState.Established } sender)
            sender.PendingError = "ECONNREFUSED";
    }

    /// <summary>Over IPv4 an error comes in by lo; over IPv6 by the interface that has the address (inet6_iif()).</summary>
    private uint ErrorComesInBy(IpAddress address) => address.IsMapped ? SimulatedSystem.Loopback : system.InterfaceOf(address);

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

    /// <summary>The socket that gets a datagram; null for none.</summary>
    public SimulatedSocket? ReceiverOf(IpEndpoint at, IpEndpoint source, uint interfaceIndex)
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
            var score = search == Search.FourTuple ? socket.Remote == source ? socket.ConnectOrder : 0
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

    private static bool IsSearched(SimulatedSocket socket, IpAddress address, Search search)
    {
        if (address.IsMapped ? socket.V6Only : socket.Family == IpFamily.IPv4)
            return false;
        var own = socket.Address;
        return search switch
        {
            Search.Address or Search.FourTuple => own.AsIPv6 == address,
            Search.Wildcard => address.IsMapped ? own.IsWildcard : own.IsAny,
            _ => new BoundAddress(socket.Family, own, socket.V6Only).IPv4View.AsIPv6 == address,
        };
    }

    /// <summary>compute_score(), net/ipv4/udp.c: what differs from the peer rules a socket out.</summary>
    private static int ScoreIPv4(SimulatedSocket socket, IpEndpoint source)
    {
        var hasPeer = !socket.PeerIPv4.IsAny;
        if (!Receives(socket, source.Port) || (hasPeer && socket.PeerIPv4.AsIPv6 != source.Address))
            return 0;
        return (socket.Family == IpFamily.IPv4 ? 2 : 1) + (hasPeer ? 4 : 0) + (socket.Remote.Port != 0 ? 4 : 0)
            + (socket.DeviceIndex != 0 ? 4 : 0);
    }

    /// <summary>compute_score(), net/ipv6/udp.c.</summary>
    private static int ScoreIPv6(SimulatedSocket socket, IpEndpoint source)
    {
        var hasPeer = !socket.PeerIPv6.IsAny;
        if (!Receives(socket, source.Port) || (hasPeer && socket.PeerIPv6 != source.Address))
            return 0;
        return 1 + (hasPeer ? 1 : 0) + (socket.Remote.Port != 0 ? 1 : 0) + (socket.DeviceIndex != 0 ? 1 : 0);
    }

    private static bool Receives(SimulatedSocket socket, ushort sourcePort) =>
        socket.Remote.Port == 0 || socket.Remote.Port == sourcePort;
}

/// <summary>UDP's calls beside bind() (net/ipv4/udp.c, net/ipv4/datagram.c, net/ipv6/datagram.c).</summary>
/// <param name="binding">The port that a socket without one gets.</param>
internal sealed class UdpCalls(SimulatedSystem system, Binding binding)
{
    private readonly RouteLookup _routes = new(system);
    private readonly UdpDelivery _delivery = new(system);
    private long _connects;

    /// <summary>connect(2): a port first, then the peer.</summary>
    public Reply Connect(SimulatedSocket socket, IpAddress address, ushort port)
    {
        if (binding.Autobind(socket) is { IsOk: false } exhausted)
            return exhausted;
        if (socket is { Family: IpFamily.IPv6, DeviceIndex: 0 } && AddressRules.NeedsScope(address))
            return Reply.Fail("EINVAL", ConnectionRuleBook.NoRoute);
        if (RouteFrom(socket, address, out var refused) is not { } route)
        {
            // The old peer stays, but the flow that later datagrams are made from is already the new one's.
            if (socket.Family == IpFamily.IPv4 && address.Family == IpFamily.IPv4)
                (socket.FailedPeer, socket.HasPeerRoute) = (new IpEndpoint(address.AsIPv6, port), false);
            return refused;
        }
        socket.FailedPeer = null;
        var own = socket.Family == IpFamily.IPv6 ? route.Source.AsIPv6 : route.Source;
        if (route.Source.AsIPv4 is { } source && socket.SourceIPv4.IsAny)
            socket.SourceIPv4 = source;
        if (socket.Source.IsWildcard)
            socket.Source = own;
        if (socket.Address.IsWildcard)
            socket.Address = own;
        socket.Remote = new IpEndpoint(route.Destination.AsIPv6, port);
        if (route.Destination.AsIPv4 is { } peer)
            socket.PeerIPv4 = peer;
        socket.PeerIPv6 = route.Destination.AsIPv6;
        socket.ConnectOrder = ++_connects;
        // A group with a member that was ever connected goes by the scores (reuseport_has_conns()).
        socket.IsInReusePortGroup = false;
        socket.State = TcpSocketState.Established;
        system.Reach(TcpSocketState.Established);
        SimulatedSystem.Retrait(socket);
        return Reply.Ok(ConnectionRuleBook.UdpConnected);
    }

    /// <summary>connect(2) with AF_UNSPEC (__udp_disconnect()).</summary>
    public Reply Disconnect(SimulatedSocket socket)
    {
        socket.State = TcpSocketState.Close;
        socket.Remote = default;
        socket.PeerIPv4 = IpAddress.AnyIPv4;
        socket.DeviceIndex = 0;
        if (!socket.IsAddressLocked)
            socket.ResetAddress();
        if (socket.IsPortLocked)
            SimulatedSystem.Retrait(socket);
        else
        {
            system.LeaveUdp(socket);
            socket.NamePort = 0;
        }
        return Reply.Ok(ConnectionRuleBook.Dissolved);
    }

    /// <summary>send(2), sendto(2): a port first (inet_send_prepare()).</summary>
    public Reply Send(SimulatedSocket socket, IpEndpoint? to)
    {
        if (binding.Autobind(socket) is { IsOk: false } exhausted)
            return exhausted;
        if (to is null && socket.State != TcpSocketState.Established)
            return Reply.Fail("EDESTADDRREQ", ConnectionRuleBook.NotConnected);
        var target = to ?? socket.Remote;
        // A peer on port 0 is taken as given, unless IPv6 hands the datagram to IPv4 with an address.
        if (target.Port == 0 && (to is not null || socket.Family == IpFamily.IPv6 && target.Address.IsMapped))
            return Reply.Fail("EINVAL", ConnectionRuleBook.NotConnected);
        var address = to is null && socket.Family == IpFamily.IPv4 ? target.Address.AsIPv4!.Value : target.Address;
        if (RouteFrom(socket, address, out var refused, isSend: true) is not { } route)
            return refused;
        // Over the route that the first datagram found, the next go to whom connect() failed to reach (udp_sendmsg()).
        // The route to a group is not kept.
        var keepsRoute = to is null && !route.Destination.IsMulticast;
        var failedPeer = keepsRoute && socket.HasPeerRoute ? socket.FailedPeer : null;
        socket.HasPeerRoute |= keepsRoute;
        if (socket.TakeError() is { } errno)
            return Reply.Fail(errno, ConnectionRuleBook.UdpNobodyReceives);
        if (socket.IsWritingShut)
            return Reply.Fail("EPIPE", ConnectionRuleBook.SendingEnded);
        var source = new IpEndpoint(route.Source.AsIPv6, socket.Port);
        if (route.ComesInBy != 0)
        {
            _delivery.Deliver(source, failedPeer ?? new IpEndpoint(route.Destination.AsIPv6, target.Port), route.ComesInBy,
                isAnswered: route.Loss is null && failedPeer is null);
        }
        return Reply.Ok();
    }

    /// <summary>recv(2) (__skb_recv_udp()).</summary>
    public static Reply Receive(SimulatedSocket socket)
    {
        if (socket.TakeError() is { } errno)
            return Reply.Fail(errno, ConnectionRuleBook.UdpNobodyReceives);
        if (socket.UnreadDatagrams > 0)
        {
            socket.UnreadDatagrams--;
            return Reply.Ok();
        }
        return socket.IsReadingShut ? Reply.Ok() : Reply.Fail("EAGAIN", ConnectionRuleBook.NothingToReceive);
    }

    /// <summary>shutdown(2) (inet_shutdown()).</summary>
    public static Reply Shutdown(SimulatedSocket socket, bool reading, bool writing)
    {
        socket.IsReadingShut |= reading;
        socket.IsWritingShut |= writing;
        return socket.State == TcpSocketState.Close ? Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected) : Reply.Ok();
    }

    /// <summary>The route to an address, or why there is none.</summary>
    private Route? RouteFrom(SimulatedSocket socket, IpAddress address, out Reply refused, bool isSend = false)
    {
        refused = default;
        if (address is { Family: IpFamily.IPv6, IsAny: true })
            address = socket.Address.IsMapped ? IpAddress.LoopbackIPv4.AsIPv6 : IpAddress.LoopbackIPv6;
        if (socket.Family == IpFamily.IPv4 && address.Family == IpFamily.IPv6)
            refused = Reply.Fail("EAFNOSUPPORT", ConnectionRuleBook.ConnectWrongFamily);
        else if (socket is { Family: IpFamily.IPv6, V6Only: true } && address.Family == IpFamily.IPv4)
            refused = Reply.Fail(isSend ? "ENETUNREACH" : "EAFNOSUPPORT", ConnectionRuleBook.ConnectWrongFamily);
        else if (socket is { Family: IpFamily.IPv6, V6Only: true } && address.IsMapped)
            refused = Reply.Fail("ENETUNREACH", ConnectionRuleBook.NoRoute);
        if (refused.Errno is not null)
            return null;
        var route = address.AsIPv4 is { } ipv4
            ? _routes.ToIPv4(socket.SourceIPv4, ipv4, socket.DeviceIndex, socket.Transparent, isSend)
            : _routes.ToIPv6(socket.Source, address, socket.DeviceIndex);
        if (route is { Errno: null, IsBroadcast: false })
            return route;
        refused = Reply.Fail(route.Errno ?? "EACCES", ConnectionRuleBook.NoRoute);
        return null;
    }
}
