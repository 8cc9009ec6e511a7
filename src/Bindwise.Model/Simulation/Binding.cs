using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>bind() and listen(), TCP and UDP (__inet_bind(), __inet6_bind(), inet_csk_get_port(), udp_lib_get_port()).</summary>
internal sealed class Binding(SimulatedSystem system, PortChoice choice)
{
    public Reply Bind(SimulatedSocket socket, IpAddress address, ushort port, uint scope)
    {
        var isNative = address.IsNativeIPv6;
        if (system.Other is { } other)
            return BindAsDocumented(other, socket, address, port, scope, isNative);
        var question = new AddressQuestion(
            socket.Asking(address, port, system.Kernel),
            socket.Family,
            socket.Port != 0,
            socket.Freebind || socket.Transparent,
            scope,
            Fact.Of(socket.UserId == 0));
        // The scope stays the socket's device, even if bind() then fails for another reason.
        if (scope != 0 && AddressRules.NeedsScope(address) && AddressRules.ErrorBeforeAddress(question, system.Around) is null)
            socket.DeviceIndex = scope;
        if (AddressRules.FirstError(question, system.Around) is { } refused)
            return Reply.Fail(refused.Errno!, refused.Rule);
        var (oldAddress, oldV6Only) = (socket.Address, socket.V6Only);
        socket.Address = address;
        socket.V6Only |= isNative;
        if (port == 0 && socket.AddressWithoutPort)
        {
            Keep(socket, address, port);
            return Reply.Ok(RuleBook.AddressWithoutPort);
        }
        var reply = socket.Protocol == Protocol.Tcp ? TakeTcp(socket, port, listens: false) : TakeUdp(socket, port);
        if (!reply.IsOk)
        {
            socket.ResetAddress();
            socket.V6Only = oldV6Only;
            return reply;
        }
        Keep(socket, address, port);
        return reply.Rule == RuleBook.NothingInTheWay && IsForeign(address) ? Reply.Ok(RuleBook.ForeignAddressTaken) : reply;
    }

    /// <summary>bind(2) by the documented rules of another system.</summary>
    private Reply BindAsDocumented(OtherSystem other, SimulatedSocket socket, IpAddress address, ushort port, uint scope, bool isNative)
    {
        var (reply, taken) = other.Bind(socket, address, port, scope);
        if (!reply.IsOk)
            return reply;
        socket.Address = address;
        socket.V6Only |= isNative;
        if (socket.Protocol == Protocol.Tcp)
            Join(socket, socket.Asking(address, taken, system.Kernel), listens: false);
        else
            system.JoinUdp(socket, taken);
        Keep(socket, address, port);
        return reply;
    }

    /// <summary>listen(2): looks for conflicts again, with the options of now.</summary>
    public Reply Listen(SimulatedSocket socket)
    {
        if (socket.Protocol != Protocol.Tcp)
            return Reply.Fail("EOPNOTSUPP", RuleBook.ListenNeedsStream);
        if (socket.IsConnectedForCaller || socket.State is not (TcpSocketState.Close or TcpSocketState.Listen))
            return Reply.Fail("EINVAL", RuleBook.ListenNeedsUnconnected);
        if (socket.State == TcpSocketState.Listen)
            return Reply.Ok(RuleBook.ListensAlready);
        var wasBound = socket.Port != 0;
        var reply = system.Other is not { } other ? TakeTcp(socket, socket.Port, listens: true)
            : wasBound ? other.Listen(socket) : other.Undocumented();
        if (!reply.IsOk)
            return wasBound && system.Other is null ? reply with { Rule = RuleBook.ListenChecksAgain } : reply;
        // The port stays taken.
        if (socket.EverConnected && system.Kernel.Has(KernelChanges.OneTablePerSocket))
            return Reply.Fail("EINVAL", RuleBook.ListenNeedsUnconnected);
        socket.State = TcpSocketState.Listen;
        system.Reach(TcpSocketState.Listen);
        SimulatedSystem.Retrait(socket);
        system.AddListener(socket, socket.Port);
        return reply;
    }

    /// <summary>A UDP socket without a port gets one (inet_autobind()).</summary>
    public Reply Autobind(SimulatedSocket socket)
    {
        if (socket.Port != 0)
            return Reply.Ok();
        if (system.Other is { } other)
            return BindAsDocumented(other, socket, socket.Address, 0, 0, isNative: false);
        var reply = TakeUdp(socket, 0);
        return reply.IsOk ? reply : Reply.Fail("EAGAIN", RuleBook.UdpPortsExhausted);
    }

    private Reply TakeTcp(SimulatedSocket socket, ushort port, bool listens)
    {
        var want = socket.Asking(socket.Address, port, system.Kernel);
        if (port == 0)
        {
            var (chosen, by) = choice.ForBind(socket, want);
            if (chosen == 0)
                return Reply.Fail("EADDRINUSE", by);
            Join(socket, want with { Port = chosen }, listens);
            return Reply.Ok(by);
        }
        if (system.TcpPortOf(port) is { } found)
        {
            var self = ReferenceEquals(socket.Bucket, found) ? socket.Traits : (HeldTraits?)null;
            var answer = found.Bucket.Decide(want, self, listens: listens);
            if (answer.Outcome != Outcome.Allowed)
                return Reply.Fail("EADDRINUSE", answer.Rule, [.. found.Bucket.BlockersOf(want, socket).Select(static b => b.Member.Label)]);
            Join(socket, want, listens);
            return Reply.Ok(answer.Rule);
        }
        Join(socket, want, listens);
        return Reply.Ok(RuleBook.NothingInTheWay);
    }

    /// <summary>The success path of inet_csk_get_port(): what the port remembers, and membership.</summary>
    private void Join(SimulatedSocket socket, in AskingSocket want, bool listens)
    {
        var port = system.TcpPortOrNew(want.Port);
        port.Bucket.History = port.Bucket.History.After(want, isFirst: port.Bucket.Count == 0, listens);
        socket.Port = want.Port;
        if (socket.Bucket is null)
            port.Join(socket, socket.TraitsNow);
        port.Claim(socket);
    }

    private Reply TakeUdp(SimulatedSocket socket, ushort port)
    {
        var want = socket.Asking(socket.Address, port, system.Kernel);
        if (port == 0)
        {
            var (chosen, by) = choice.ForUdp(socket, want);
            if (chosen == 0)
                return Reply.Fail("EADDRINUSE", by);
            system.JoinUdp(socket, chosen);
            return Reply.Ok(by);
        }
        var rule = RuleBook.NothingInTheWay;
        if (system.UdpPortOf(port) is { } list)
        {
            var blockers = new List<(SimulatedSocket Member, Rule Rule, bool IsCertain)>();
            var verdict = list.Decide(want, blockers);
            if (verdict.Outcome != Outcome.Allowed)
                return Reply.Fail("EADDRINUSE", verdict.Rule, [.. blockers.Select(static b => b.Member.Label)]);
            rule = verdict.Rule;
        }
        system.JoinUdp(socket, port);
        return Reply.Ok(rule);
    }

    private void Keep(SimulatedSocket socket, IpAddress address, ushort port)
    {
        // A socket on a multicast or broadcast address sends from the device's own; but IPv6 looks at native addresses alone.
        socket.SendFrom(address.IsMapped || IsUnicast(address) ? address : socket.Wildcard);
        socket.IsAddressLocked |= !address.IsAny;
        socket.IsPortLocked = port != 0;
        socket.NamePort = socket.Port;
    }

    private bool IsUnicast(IpAddress address) => !SharedAddresses.Contain(address, system.Around.Interfaces);

    private bool IsForeign(IpAddress address) => !address.IsWildcard && IsUnicast(address) && !system.Owns(address);
}

/// <summary>Which ports the kernel tries when it has the choice. Where it draws lots among equals, this goes round.</summary>
internal sealed class PortChoice(SimulatedSystem system)
{
    /// <summary>Where the next search begins: even, so that TCP's parities hold.</summary>
    private int _next;

    /// <summary>
    /// bind() to port 0: odd offsets first, then even ones; the lower half first with SO_REUSEADDR. Source: inet_csk_find_open_port(),
    /// net/ipv4/inet_connection_sock.c.
    /// </summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForBind(SimulatedSocket socket, in AskingSocket want)
    {
        var (first, count, _) = RangeOf(socket);
        foreach (var way in (ReadOnlySpan<PortWay>)(system.Settings.AutobindReuse ? [PortWay.Searched, PortWay.SearchedAgain]
            : [PortWay.Searched]))
        {
            // Half of fewer than four is none.
            var half = socket.ReuseAddress ? count >> 2 << 1 : 0;
            var port = half == 0
                ? SearchForBind(first, count, want, way)
                : SearchForBind(first, half, want, way) is var lower and not 0 ? lower
                    : SearchForBind(first + half, count - half, want, way);
            if (port != 0)
                return (port, way == PortWay.SearchedAgain ? RuleBook.AutobindReuse : RuleBook.EphemeralPortFree);
        }
        return (0, RuleBook.EphemeralPortsExhausted);
    }

    /// <summary>
    /// connect() without a port: even offsets first; with IP_LOCAL_PORT_RANGE one after the other. Source: __inet_hash_connect(),
    /// net/ipv4/inet_hashtables.c.
    /// </summary>
    /// <param name="isFree">Whether the port can carry this connection.</param>
    /// <returns>The port; 0 when none is free.</returns>
    public ushort ForConnect(SimulatedSocket socket, Func<ushort, bool> isFree)
    {
        var (first, count, isLocal) = RangeOf(socket);
        if (isLocal && system.Kernel.Has(KernelChanges.OwnRangeOneByOne))
            return Search(first, _next, count, 1, isFree);
        count = WithoutLastOfOdd(count);
        return Search(first, _next, count, 2, isFree) is var even and not 0 ? even : Search(first, 1, count, 2, isFree);
    }

    /// <summary>UDP: any port of the range (udp_lib_get_port()).</summary>
    /// <returns>The port and the rule that lets it; port 0 when none is free.</returns>
    public (ushort Port, Rule Rule) ForUdp(SimulatedSocket socket, AskingSocket want)
    {
        var (first, count, _) = RangeOf(socket);
        var port = Search(first, _next, count, 1, candidate => IsFreeForUdp(candidate, want with { Port = candidate }));
        return (port, port == 0 ? RuleBook.EphemeralPortsExhausted : RuleBook.EphemeralPortFree);
    }

    /// <summary>No single socket may be in the way: unlike with a named port, none that shares ends the walk.</summary>
    private bool IsFreeForUdp(ushort port, in AskingSocket want)
    {
        if (system.UdpPortOf(port) is not { } list)
            return true;
        foreach (var (_, traits) in list.Sockets)
        {
            if (PairRules.Settle(want, traits).Ruling.Conflicts)
                return false;
        }
        return true;
    }

    private ushort SearchForBind(int first, int ports, in AskingSocket asked, PortWay way)
    {
        var want = asked;
        bool IsFree(ushort port) =>
            system.TcpPortOf(port) is not { } found || found.Bucket.Decide(want with { Port = port }, null, way).Outcome == Outcome.Allowed;
        var count = WithoutLastOfOdd(ports);
        return Search(first, _next | 1, count, 2, IsFree) is var odd and not 0 ? odd : Search(first, 0, count, 2, IsFree);
    }

    /// <summary>TCP searches an even number of ports, or a single one.</summary>
    private static int WithoutLastOfOdd(int count) => Math.Max(count & ~1, 1);

    private ushort Search(int first, int offset, int count, int step, Func<ushort, bool> isFree)
    {
        for (var tried = 0; tried < count; tried += step)
        {
            var port = (ushort)(first + (offset + tried) % count);
            if (system.Settings.IsReserved(port) || system.Avoided.Contains(port) || !isFree(port))
                continue;
            _next += 2;
            return port;
        }
        return 0;
    }

    /// <summary>The range, and whether the socket has its own (inet_sk_get_local_port_range()).</summary>
    private (int First, int Count, bool IsLocal) RangeOf(SimulatedSocket socket)
    {
        var range = system.Settings.LocalPorts;
        var (own, ownLast) = socket.PortRange;
        var first = range.Contains(own) ? own : range.First;
        var last = range.Contains(ownLast) ? ownLast : range.Last;
        return (first, last - first + 1, own != 0 || ownLast != 0);
    }
}
