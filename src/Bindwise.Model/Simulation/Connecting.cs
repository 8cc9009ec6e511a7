using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>TCP's connect() and accept() (__inet_stream_connect(), tcp_v4_connect(), tcp_v6_connect(), inet_hash_connect()).</summary>
/// <param name="endings">What becomes of sockets that end.</param>
internal sealed class Connecting(SimulatedSystem system, PortChoice choice, TcpWire wire, TcpEndings endings)
{
    private readonly RouteLookup _routes = new(system);

    /// <summary>connect(2), blocking.</summary>
    public Reply Connect(SimulatedSocket socket, IpAddress address, ushort port)
    {
        if (socket.State == TcpSocketState.SynSent)
            return Reply.Fail("EALREADY", ConnectionRuleBook.NoAnswer);
        if (socket.IsConnectedForCaller || socket.State != TcpSocketState.Close)
            return Reply.Fail("EISCONN", ConnectionRuleBook.ConnectedAlready);
        if (address.Family != socket.Family)
            return Reply.Fail(socket.Family == IpFamily.IPv6 ? "EINVAL" : "EAFNOSUPPORT", ConnectionRuleBook.ConnectWrongFamily);
        if (socket.Family == IpFamily.IPv6 && address.IsAny)
            address = socket.Address.Loopback;
        if (RefusalOf(socket, address) is { } refused)
            return refused;
        var route = address.AsIPv4 is { } ipv4
            ? _routes.ToIPv4(socket.Source.AsIPv4 ?? IpAddress.AnyIPv4, ipv4, socket.DeviceIndex, socket.Transparent)
            : _routes.ToIPv6(socket.Address, address, socket.DeviceIndex);
        if (route.Errno is { } errno)
            return Reply.Fail(errno, errno == "EAFNOSUPPORT" ? ConnectionRuleBook.ConnectWrongFamily : ConnectionRuleBook.NoRoute);
        if (route.IsBroadcast || route.Destination.IsMulticast)
            return Reply.Fail("ENETUNREACH", ConnectionRuleBook.NoRoute);
        Narrow(socket, route.Source);
        socket.State = TcpSocketState.SynSent;
        var remote = new IpEndpoint(socket.Family == IpFamily.IPv6 ? route.Destination.AsIPv6 : route.Destination, port);
        return TakePort(socket, remote) ?? Shake(socket, remote, route.Loss);
    }

    /// <summary>accept(2): the oldest connection, which takes the name; null with the reply when there is none.</summary>
    public static (Reply Reply, SimulatedSocket? Accepted) Accept(SimulatedSocket listener)
    {
        if (listener.Protocol != Protocol.Tcp)
            return (Reply.Fail("EOPNOTSUPP", ConnectionRuleBook.AcceptNeedsListener), null);
        if (listener.State != TcpSocketState.Listen)
            return (Reply.Fail("EINVAL", ConnectionRuleBook.AcceptNeedsListener), null);
        if (!listener.AcceptQueue.TryDequeue(out var accepted))
            return (Reply.Fail("EAGAIN", ConnectionRuleBook.NothingToAccept), null);
        accepted.Listener = null;
        accepted.CountsAsUser = null;
        SimulatedSystem.Retrait(accepted);
        accepted.IsConnectedForCaller = true;
        return (Reply.Ok(ConnectionRuleBook.Accepted), accepted);
    }

    /// <summary>What tcp_v6_connect() refuses before it looks for a route.</summary>
    private static Reply? RefusalOf(SimulatedSocket socket, IpAddress address)
    {
        if (socket.Family == IpFamily.IPv4)
            return null;
        if (address.IsMulticast)
            return Reply.Fail("ENETUNREACH", ConnectionRuleBook.NoRoute);
        if (address.IsLinkLocal && socket.DeviceIndex == 0)
            return Reply.Fail("EINVAL", ConnectionRuleBook.NoRoute);
        return address.IsMapped && socket.V6Only ? Reply.Fail("ENETUNREACH", ConnectionRuleBook.NoRoute) : null;
    }

    /// <summary>A wildcard becomes the source address, also as the port's other sockets see it (inet_bhash2_update_saddr()).</summary>
    private static void Narrow(SimulatedSocket socket, IpAddress source)
    {
        var own = socket.Family == IpFamily.IPv6 ? source.AsIPv6 : source;
        socket.Address = own;
        socket.Source = own;
        SimulatedSystem.Retrait(socket);
    }

    /// <summary>Enters the connection table, with the port it has or one that is free for it. Null for success.</summary>
    private Reply? TakePort(SimulatedSocket socket, IpEndpoint remote)
    {
        if (socket.EverListened && system.Kernel.Has(KernelChanges.OneTablePerSocket))
            return GiveUp(socket, ConnectionRuleBook.ConnectedAlready, null, "EINVAL");
        FourTuple TupleWith(ushort port) => FourTuple.Of(socket.Address, port, remote.Address, remote.Port);
        var rule = ConnectionRuleBook.FourTupleTaken;
        if (socket.Port != 0)
        {
            var tuple = TupleWith(socket.Port);
            if (system.Other is { } other && system.ConnectionOf(tuple, socket.DeviceIndex) is { } holder)
            {
                _ = GiveUp(socket, rule, null);
                return other.TupleTaken(holder);
            }
            if (InTheWay(socket, tuple, isSearch: false) is { } taken)
                return GiveUp(socket, rule, taken.Label);
            Enter(socket, tuple);
            return null;
        }
        var port = choice.ForConnect(socket, candidate =>
            (system.TcpPortOf(candidate)?.IsForConnects ?? true) && InTheWay(socket, TupleWith(candidate), isSearch: true) is null);
        if (port == 0)
            return GiveUp(socket, ConnectionRuleBook.ConnectPortsExhausted, null);
        socket.Port = port;
        socket.IsConnectBound = true;
        // A TIME_WAIT that gives way may be the port's last member.
        Enter(socket, TupleWith(port));
        system.TcpPortOrNew(port).Join(socket, socket.TraitsNow);
        return null;
    }

    /// <summary>
    /// Who has the four-tuple, unless an interface of its own keeps it apart, or it is a TIME_WAIT that may be taken over (inet_match(),
    /// tcp_twsk_unique()).
    /// </summary>
    private TcpMember? InTheWay(SimulatedSocket socket, in FourTuple tuple, bool isSearch)
    {
        var member = system.ConnectionOf(tuple, socket.DeviceIndex);
        return member is TimeWaitEntry { HasTimestamps: true } entry
            && (!isSearch || (MayReuse(entry) && system.Time.Now > entry.MadeAt + system.Settings.TimeWaitReuseDelay)) ? null : member;
    }

    private bool MayReuse(TimeWaitEntry entry) =>
        (entry.State == TcpSocketState.TimeWait || !system.Kernel.Has(KernelChanges.FinWait2Stays)) && system.Settings.TimeWaitReuse switch
        {
            0 => false,
            2 => entry.DeviceIndex == SimulatedSystem.Loopback
                || entry.Tuple is { } tuple && (tuple.Local.Address.IsLoopback || tuple.Remote.Address.IsLoopback),
            _ => true,
        };

    private void Enter(SimulatedSocket socket, in FourTuple tuple)
    {
        if (system.ConnectionOf(tuple, socket.DeviceIndex) is TimeWaitEntry old)
        {
            endings.Kill(old);
            socket.TakesOver = true;
            socket.SendNext = unchecked(SequenceNumber.InitialAfter(old) + 1);
            system.Note = socket.IsConnectBound ? ConnectionRuleBook.TimeWaitPortReused : ConnectionRuleBook.FourTupleReused;
        }
        system.Connect(socket, tuple);
    }

    /// <summary>connect() failed before a segment was sent: the port and address are as bound, if they were.</summary>
    private Reply GiveUp(SimulatedSocket socket, Rule rule, string? blocker, string errno = "EADDRNOTAVAIL")
    {
        endings.Closed(socket);
        TcpCalls.ResetAddress(socket);
        return Reply.Fail(errno, rule, blocker is null ? null : [blocker]);
    }

    private Reply Shake(SimulatedSocket socket, IpEndpoint remote, string? loss)
    {
        system.Reach(TcpSocketState.SynSent);
        socket.PendingError = null;
        socket.StartedAt = system.Time.Now;
        socket.HasTimestamps = system.Settings.UsesTimestamps;
        socket.ResentSyns = 0;
        if (!socket.TakesOver)
            socket.SendNext = unchecked(system.NextInitialNumber() + 1);
        socket.TakesOver = false;
        socket.SendsIPv4Only |= remote.Address.IsMapped;
        if (loss == "EINPROGRESS")
            return Reply.Fail("EINPROGRESS", ConnectionRuleBook.NoAnswer);
        if (loss is null)
        {
            wire.Send(socket, SegmentFlags.Syn);
            wire.Settle();
        }
        else
        {
            socket.PendingError = loss;
            endings.Done(socket);
        }
        if (socket.State == TcpSocketState.SynSent)
            return Reply.Fail("EINPROGRESS", ConnectionRuleBook.NoAnswer);
        if (socket.State != TcpSocketState.Close)
        {
            socket.IsConnectedForCaller = true;
            return Reply.Ok(ConnectionRuleBook.ConnectionMade);
        }
        var errno = socket.TakeError() ?? "ECONNABORTED";
        TcpCalls.ResetAddress(socket);
        TcpCalls.Forget(socket);
        return Reply.Fail(errno, loss is null ? ConnectionRuleBook.NobodyListens : ConnectionRuleBook.NoAnswer);
    }
}

internal sealed class ListenerLookup(SimulatedSystem system)
{
    /// <summary>
    /// Who listens for an address, the mapped form for IPv4: its own listener before the wildcard's; among those one bound to the
    /// interface, then one of the packet's own family, then the newest (inet_lookup_listener(), compute_score()).
    /// </summary>
    public SimulatedSocket? For(IpEndpoint at, uint interfaceIndex) =>
        Best(at, interfaceIndex, exact: true) ?? Best(at, interfaceIndex, exact: false);

    private SimulatedSocket? Best(IpEndpoint at, uint interfaceIndex, bool exact)
    {
        SimulatedSocket? best = null;
        var bestScore = 0;
        foreach (var listener in system.ListenersOf(at.Port))
        {
            var score = listener.DeviceIndex == 0 || listener.DeviceIndex == interfaceIndex ? ScoreOf(listener, at.Address, exact) : 0;
            if (score <= bestScore)
                continue;
            // A group's member ends the search, whoever would score higher after it (inet_lookup_reuseport()).
            if (listener is { ReusePort: true, IsInReusePortGroup: true })
                return listener;
            (best, bestScore) = (listener, score);
        }
        return best;
    }

    private static int ScoreOf(SimulatedSocket listener, IpAddress address, bool exact)
    {
        var isIPv4 = address.IsMapped;
        if (isIPv4 ? listener.V6Only : listener.Family == IpFamily.IPv4)
            return 0;
        var own = listener.Address;
        var meets = exact ? own.AsIPv6 == address : isIPv4 ? own.IsWildcard : own.IsAny;
        return !meets ? 0 : (listener.DeviceIndex != 0 ? 2 : 1) + (listener.Family == IpFamily.IPv4 ? 1 : 0);
    }
}
