using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>UDP's calls beside bind() (net/ipv4/udp.c, net/ipv4/datagram.c, net/ipv6/datagram.c).</summary>
/// <param name="system">The tables.</param>
/// <param name="binding">The port that a socket without one gets.</param>
internal sealed class UdpCalls(SimulatedSystem system, Binding binding)
{
    private readonly Routing _routing = new(system);

    /// <summary>connect(2): a port first, then the peer.</summary>
    public Reply Connect(SimulatedSocket socket, IpAddress address, ushort port)
    {
        if (binding.Autobind(socket) is { IsOk: false } exhausted)
            return exhausted;
        if (RouteFrom(socket, address, out var refused) is not { } route)
            return refused;
        if (system.IsBroadcast(route.Destination))
            return Reply.Fail("EACCES", ConnectionRuleBook.NoRoute);
        var own = socket.Family == IpFamily.IPv6 ? route.Source.AsIPv6 : route.Source;
        if (IsUnset(socket.Source))
            socket.Source = own;
        if (IsUnset(socket.Address))
            socket.Address = own;
        socket.Remote = new IpEndpoint(route.Destination.AsIPv6, port);
        socket.State = TcpState.Established;
        system.Reach(TcpState.Established);
        SimulatedSystem.Retrait(socket);
        return Reply.Ok(ConnectionRuleBook.UdpConnected);
    }

    /// <summary>connect(2) with AF_UNSPEC (__udp_disconnect()).</summary>
    public Reply Disconnect(SimulatedSocket socket)
    {
        socket.State = TcpState.Close;
        socket.Remote = default;
        socket.DeviceIndex = 0;
        if (!socket.IsAddressLocked)
            socket.Address = socket.Source = socket.Wildcard;
        if (socket.IsPortLocked)
            SimulatedSystem.Retrait(socket);
        else
            Forget(socket);
        return Reply.Ok(ConnectionRuleBook.Dissolved);
    }

    /// <summary>send(2), sendto(2): a port first (inet_send_prepare()).</summary>
    public Reply Send(SimulatedSocket socket, IpEndpoint? to)
    {
        if (binding.Autobind(socket) is { IsOk: false } exhausted)
            return exhausted;
        if (to is null && socket.State != TcpState.Established)
            return Reply.Fail("EDESTADDRREQ", ConnectionRuleBook.NotConnected);
        var target = to ?? socket.Remote;
        // A peer on port 0 is taken as given, unless IPv6 hands the datagram to IPv4 with an address.
        if (target.Port == 0 && (to is not null || socket.Family == IpFamily.IPv6 && target.Address.IsMapped))
            return Reply.Fail("EINVAL", ConnectionRuleBook.NotConnected);
        var address = to is null && socket.Family == IpFamily.IPv4 ? target.Address.AsIPv4!.Value : target.Address;
        if (RouteFrom(socket, address, out var refused, isSend: true) is not { } route)
            return refused;
        if (system.IsBroadcast(route.Destination))
            return Reply.Fail("EACCES", ConnectionRuleBook.NoRoute);
        if (socket.PendingError is { } errno)
        {
            socket.PendingError = null;
            return Reply.Fail(errno, ConnectionRuleBook.UdpNobodyReceives);
        }
        if (socket.IsWritingShut)
            return Reply.Fail("EPIPE", ConnectionRuleBook.SendingEnded);
        Deliver(socket, route, target.Port);
        return Reply.Ok();
    }

    /// <summary>recv(2) (__skb_recv_udp()).</summary>
    public static Reply Receive(SimulatedSocket socket)
    {
        if (socket.PendingError is { } errno)
        {
            socket.PendingError = null;
            return Reply.Fail(errno, ConnectionRuleBook.UdpNobodyReceives);
        }
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
        return socket.State == TcpState.Close ? Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected) : Reply.Ok();
    }

    private void Forget(SimulatedSocket socket)
    {
        system.LeaveUdp(socket);
        socket.NamePort = 0;
    }

    private void Deliver(SimulatedSocket from, Route route, ushort port)
    {
        var source = new IpEndpoint(route.Source.AsIPv6, from.Port);
        if (ReceiverOf(new IpEndpoint(route.Destination.AsIPv6, port), source) is { } receiver)
            receiver.UnreadDatagrams++;
        else if (from.State == TcpState.Established && from.Remote == new IpEndpoint(route.Destination.AsIPv6, port))
            from.PendingError = "ECONNREFUSED";
    }

    /// <summary>Its own address before the wildcard; the connected before the bound; then the newest (__udp4_lib_lookup(), compute_score()).</summary>
    private SimulatedSocket? ReceiverOf(IpEndpoint at, IpEndpoint source)
    {
        if (system.UdpPortOf(at.Port) is not { } list)
            return null;
        foreach (var exact in (ReadOnlySpan<bool>)[true, false])
        {
            SimulatedSocket? best = null;
            var bestScore = 0;
            foreach (var (socket, _) in list.Sockets)
            {
                var score = ScoreOf(socket, at.Address, source, exact);
                if (score > bestScore)
                    (best, bestScore) = (socket, score);
            }
            if (best is not null)
                return best;
        }
        return null;
    }

    private static int ScoreOf(SimulatedSocket socket, IpAddress address, IpEndpoint source, bool exact)
    {
        var isIPv4 = address.IsMapped;
        if (isIPv4 ? socket.V6Only : socket.Family == IpFamily.IPv4)
            return 0;
        var own = socket.Address;
        var meets = exact ? own.AsIPv6 == address : isIPv4 ? (own.AsIPv4 ?? own).IsAny : own.IsAny;
        var isConnected = socket.State == TcpState.Established;
        if (!meets || socket.DeviceIndex is not (0 or SimulatedSystem.Loopback) || (isConnected && socket.Remote != source))
            return 0;
        return 1 + (isIPv4 && socket.Family == IpFamily.IPv4 ? 1 : 0) + (isConnected ? 8 : 0) + (socket.DeviceIndex != 0 ? 4 : 0);
    }

    /// <summary>The route to an address, or why there is none.</summary>
    private Route? RouteFrom(SimulatedSocket socket, IpAddress address, out Reply refused, bool isSend = false)
    {
        refused = default;
        if (socket.Family == IpFamily.IPv4 && address.Family == IpFamily.IPv6)
            refused = Reply.Fail("EAFNOSUPPORT", ConnectionRuleBook.ConnectWrongFamily);
        else if (socket is { Family: IpFamily.IPv6, V6Only: true } && address.Family == IpFamily.IPv4)
            refused = Reply.Fail(isSend ? "ENETUNREACH" : "EAFNOSUPPORT", ConnectionRuleBook.ConnectWrongFamily);
        else if (socket is { Family: IpFamily.IPv6, V6Only: true } && address.IsMapped)
            refused = Reply.Fail("ENETUNREACH", ConnectionRuleBook.NoRoute);
        if (refused.Errno is not null)
            return null;
        if (address is { Family: IpFamily.IPv6, IsAny: true })
            address = socket.Address.IsMapped ? IpAddress.LoopbackIPv4.AsIPv6 : IpAddress.LoopbackIPv6;
        var route = address.AsIPv4 is { } ipv4
            ? _routing.ToIPv4(socket.Source.AsIPv4 ?? IpAddress.AnyIPv4, ipv4, socket.DeviceIndex, socket.Transparent)
            : _routing.ToIPv6(socket.Source, address, socket.DeviceIndex);
        if (route.Errno is null)
            return route;
        refused = Reply.Fail(route.Errno, ConnectionRuleBook.NoRoute);
        return null;
    }

    private static bool IsUnset(IpAddress address) => (address.AsIPv4 ?? address).IsAny;
}
