using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>
/// Keeps out of random scenarios what no rule can decide (docs/divergences.md), step by step: the generator drops a step that is
/// refused, the shrinker a whole candidate. It takes what may have happened for what has, so it refuses too much rather than too little.
/// </summary>
internal sealed class UndecidableStepFilter
{
    /// <summary>
    /// So many bytes at most before a connection's four-tuple may come again: an initial sequence number grows by one in 64 ns
    /// (secure_tcp_seq), and a SYN over a TIME_WAIT must lie after all that was sent.
    /// </summary>
    private const int FewBytes = 200;

    private readonly Dictionary<string, SocketTrace> _open = [];
    private readonly AutomaticPortFilter _ports = new();
    private readonly WaitFilter _waiting = new();
    private bool _mayBindForeign;
    private bool _mayRepeatTuple;
    private bool _hasDevice;
    private int _bytes;
    private int _streamBytes;

    /// <summary>Why a scenario cannot be decided, with the step; null when it can.</summary>
    public static string? ReasonOf(Scenario scenario)
    {
        var filter = new UndecidableStepFilter();
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            if (filter.Add(scenario.Steps[index]) is { } reason)
                return $"step {index}: {reason}";
        }
        return null;
    }

    /// <summary>Adds a step. Null when it is decided; otherwise why not, and then it is not added.</summary>
    public string? Add(Step step)
    {
        if (step is SocketStep { Socket: var name } and not OpenStep)
            return _open.TryGetValue(name, out var socket) ? OnSocket(socket, (SocketStep)step) : null;
        switch (step)
        {
            case OpenStep open:
                return Open(open);
            case WaitStep wait:
                if (_waiting.OfWait(wait.Seconds) is { } unclear)
                    return unclear;
                _waiting.Wait(wait.Seconds);
                return null;
            case SysctlStep sysctl:
                return Write(sysctl);
            default:
                return null;
        }
    }

    private string? OnSocket(SocketTrace socket, SocketStep step)
    {
        switch (step)
        {
            case SetStep set:
                return Set(socket, set);
            case BindStep bind:
                return Bind(socket, bind);
            case ListenStep:
                return Listen(socket);
            case ConnectStep connect:
                return Connect(socket, connect);
            case AcceptStep accept:
                Accept(socket, accept.As);
                return null;
            case SendStep send:
                return Send(socket, send);
            case DisconnectStep or ShutdownStep:
                socket.IsDisturbed = true;
                return null;
            case CloseStep or AbortStep:
                _open.Remove(step.Socket);
                return null;
            default:
                return null;
        }
    }

    private string? Open(OpenStep open)
    {
        var socket = new SocketTrace(open.Protocol, open.Family);
        if (open.Device is { } device)
        {
            if (open.Protocol == Protocol.Udp && _ports.OfUneven() is { } uneven)
                return uneven;
            BindToDevice(socket, device);
        }
        _open[open.Socket] = socket;
        return null;
    }

    private string? Set(SocketTrace socket, SetStep set)
    {
        if (socket.Protocol == Protocol.Udp)
        {
            if (_ports.OfUneven() is { } uneven)
                return uneven;
            _ports.BeUneven();
        }
        var isOn = set.Value.Number != 0;
        switch (set.Option)
        {
            case SocketOption.ReuseAddress:
                socket.ReuseAddress |= isOn;
                break;
            case SocketOption.ReusePort:
                socket.ReusePort |= isOn;
                break;
            case SocketOption.Freebind or SocketOption.FreebindIPv6 or SocketOption.Transparent:
                socket.MayBindForeign |= isOn;
                break;
            case SocketOption.BindToDevice when set.Value.Text is { Length: > 0 } device:
                BindToDevice(socket, device);
                break;
            case SocketOption.LocalPortRange:
                if (PortRangeWord.Read(set.Value) is { } word)
                    socket.PortRange = word;
                break;
        }
        return null;
    }

    private string? Bind(SocketTrace socket, BindStep bind)
    {
        var reason = bind.Port == 0 ? _ports.OfChoice(socket, isBind: true, bind.Address) : _ports.OfNamed(socket.Protocol, bind.Port);
        if (socket.Protocol == Protocol.Udp && !bind.Address.IsAny)
        {
            reason ??= _ports.OfUneven();
            if (reason is null)
                _ports.BeUneven();
        }
        if (reason is not null)
            return reason;
        if (bind.Scope is { } scope)
            BindToDevice(socket, scope);
        socket.HasForeignSource |= !Destinations.IsLocal(bind.Address)
            && (socket.MayBindForeign || _mayBindForeign || Destinations.IsOneToMany(bind.Address));
        _ports.Name(socket.Protocol, bind.Port);
        socket.Claim(bind.Address, bind.Port);
        if (bind.Port == 0)
            ChoosePort(socket, bind.Address);
        return null;
    }

    private string? Listen(SocketTrace socket)
    {
        if (socket.Protocol == Protocol.Udp)
            return null;
        var reason = _ports.OfChoice(socket, isBind: true, default)
            ?? (socket.MayBeMapped ? "a listener that has been connected to IPv4 before" : null);
        if (reason is not null)
            return reason;
        ChoosePort(socket, Wildcard(socket));
        socket.MayListen = true;
        return null;
    }

    private string? Connect(SocketTrace socket, ConnectStep connect)
    {
        List<IpEndpoint> destinations = [];
        if (connect.To is null)
            destinations.Add(new IpEndpoint(connect.Address, connect.Port));
        else if (!_open.TryGetValue(connect.To, out var target))
            return null;
        else if (OfTarget(socket, target) is { } unclear)
            return unclear;
        else
            destinations.AddRange(Places(target));
        var reason = OfSource(socket);
        foreach (var destination in destinations)
            reason ??= OfDestination(socket, destination) ?? (socket.Protocol == Protocol.Tcp ? OfListeners(destination.Port) : null);
        // An interface keeps connections of one four-tuple apart at their end only: at the other the new one meets the old one's window,
        // or, after 4 ms, no longer (secure_tcp_seq(), tcp_in_window()).
        if (socket.Protocol == Protocol.Tcp && _hasDevice && (MayRepeatTuple(socket) || !socket.HasDevice))
            reason ??= "a four-tuple that an interface may keep apart from itself";
        if (socket.Protocol == Protocol.Tcp && _streamBytes > FewBytes && MayRepeatTuple(socket))
            reason ??= "a four-tuple that may come again after many bytes";
        if (reason is not null)
            return reason;
        _mayRepeatTuple |= socket.Protocol == Protocol.Tcp && MayRepeatTuple(socket);
        _hasDevice |= socket.Protocol == Protocol.Tcp && socket.HasDevice;
        foreach (var destination in destinations)
        {
            _ports.Name(socket.Protocol, destination.Port);
            socket.Reach(destination);
            socket.MayBeMapped |= IsMapped(socket, destination.Address);
        }
        ChoosePort(socket, Wildcard(socket));
        socket.IsDisturbed = true;
        return null;
    }

    private string? Send(SocketTrace socket, SendStep send)
    {
        if (_bytes + send.Bytes > ScenarioLimits.BytesInAll)
            return "more bytes than all sends may amount to";
        if (socket.Protocol == Protocol.Tcp)
        {
            if (send.To is not null || (_mayRepeatTuple && _streamBytes + send.Bytes > FewBytes))
                return "many bytes on a four-tuple that may come again";
            _streamBytes += send.Bytes;
        }
        else if (OfDatagram(socket, send) is { } reason)
            return reason;
        _bytes += send.Bytes;
        if (socket.Protocol != Protocol.Udp)
            return null;
        if (send.To is { } to)
            _ports.Name(Protocol.Udp, to.Port);
        // The port comes first: also where the send then fails for want of a destination (inet_send_prepare()).
        ChoosePort(socket, Wildcard(socket));
        return null;
    }

    private string? OfDatagram(SocketTrace socket, SendStep send)
    {
        if (send.To is { } to)
            return OfSource(socket) ?? OfDestination(socket, to) ?? OfReceivers(socket, to.Port);
        var reason = _ports.OfChoice(socket, isBind: false, Wildcard(socket));
        foreach (var destination in socket.Destinations)
            reason ??= OfReceivers(socket, destination.Port);
        // What a wildcard meant at connect() may lie behind another interface by now.
        var isDecided = !socket.HasForeignSource && (!socket.IsAway || socket.Destinations.All(destination =>
            !destination.Address.IsAny && Destinations.IsDecidedAtOnce(destination.Address, socket.Devices)));
        return reason ?? (isDecided ? null : "a datagram from elsewhere");
    }

    private void Accept(SocketTrace listener, string name)
    {
        var child = listener.Child();
        // The accept may fail: then the name's old socket, if both hosts leave it, is still what it was.
        if (_open.TryGetValue(name, out var old))
            child.Inherit(old);
        _open[name] = child;
    }

    private string? Write(SysctlStep sysctl)
    {
        if ((_ports.OfSysctl(sysctl) ?? _waiting.OfSysctl(sysctl)) is { } reason)
            return reason;
        _ports.Write(sysctl);
        _waiting.Write(sysctl);
        _mayBindForeign |= sysctl.Name.EndsWith(".ip_nonlocal_bind", StringComparison.Ordinal) && sysctl.Value != "0";
        return null;
    }

    private void ChoosePort(SocketTrace socket, IpAddress address)
    {
        socket.HasAutomaticPort = true;
        foreach (var port in _ports.Choose(socket))
            socket.Claim(address, port);
    }

    private void BindToDevice(SocketTrace socket, string device)
    {
        socket.Devices.Add(device);
        if (socket.Protocol == Protocol.Udp)
            _ports.BeUneven();
    }

    // What is connected from a port that the scenario, or a narrow range, fixes may meet its own past.
    private bool MayRepeatTuple(SocketTrace socket) => socket.HasKnownPort() || _ports.IsNarrow(socket);

    private string? OfSource(SocketTrace socket)
    {
        if (socket.IsAway && socket.Protocol == Protocol.Tcp)
            return "a connection from an interface other than lo";
        return socket.HasForeignSource ? "a connection from an address that no answer finds"
            : _ports.OfChoice(socket, isBind: false, Wildcard(socket));
    }

    private string? OfDestination(SocketTrace socket, IpEndpoint destination)
    {
        if (_ports.OfNamed(socket.Protocol, destination.Port) is { } named)
            return named;
        // tcp_v6_connect() sets icsk_af_ops to ipv6_mapped and only its own failure sets it back: a SYN to IPv6 is then never answered.
        if (socket.MayBeMapped && destination.Address.Family == IpFamily.IPv6 && !destination.Address.IsMapped)
            return "a connection to IPv6 by a socket that has been connected to IPv4 before";
        var isDecided = socket.Protocol == Protocol.Udp ? Destinations.IsDecidedAtOnce(destination.Address, socket.Devices)
            : Destinations.IsLocal(destination.Address);
        if (isDecided)
            return null;
        return socket.HasDevice || !Destinations.IsUnreachable(destination.Address) ? "a destination that may be on a link" : null;
    }

    // Where a socket may be found; what was bound in vain, and then got a port of the kernel's choice, is at the wildcard.
    private static IEnumerable<IpEndpoint> Places(SocketTrace target)
    {
        foreach (var claim in target.Claims)
            yield return claim with { Address = Destinations.Reached(claim.Address) };
        if (target.HasAutomaticPort)
            yield return new IpEndpoint(Destinations.Reached(Wildcard(target)), 0);
    }

    // To :: goes where the socket is bound: to 127.0.0.1, if to a mapped address.
    private static bool IsMapped(SocketTrace socket, IpAddress destination) =>
        socket.Protocol == Protocol.Tcp
            && (destination.IsMapped || (destination.IsAny && destination.Family == IpFamily.IPv6 && socket.MayHoldMapped()));

    private static string? OfTarget(SocketTrace socket, SocketTrace target)
    {
        if (!target.HasAutomaticPort)
            return null;
        if (target.IsDisturbed || target.MayListen != (socket.Protocol == Protocol.Tcp))
            return "a connection to a random port that another socket may get";
        return target.Protocol == Protocol.Udp && (target.ReuseAddress || target.ReusePort) ? "a random port that may be shared" : null;
    }

    // reuseport_select_sock() picks by a keyed hash.
    private string? OfListeners(ushort port)
    {
        var listeners = _open.Values.Where(socket => socket.Protocol == Protocol.Tcp && socket.MayListen && socket.MayHold(port)).ToList();
        return listeners.Exists(static listener => listener.ReusePort) && !AreApart(listeners)
            ? "a connection that one of several SO_REUSEPORT listeners gets" : null;
    }

    private string? OfReceivers(SocketTrace sender, ushort port)
    {
        var receivers = _open.Values.Where(socket => socket.Protocol == Protocol.Udp && socket.MayHold(port)).ToList();
        // The sender gets its port first, and it may be the very one that it sends to.
        var mayJoin = !receivers.Contains(sender) && receivers.Count > 0 && _ports.MayBe(sender, port);
        return AreApart(receivers) && !mayJoin ? null : "a datagram that one of several sockets gets";
    }

    private static bool AreApart(List<SocketTrace> sockets)
    {
        for (var first = 0; first < sockets.Count; first++)
        {
            for (var second = first + 1; second < sockets.Count; second++)
            {
                if (!sockets[first].IsApartFrom(sockets[second]))
                    return false;
            }
        }
        return true;
    }

    private static IpAddress Wildcard(SocketTrace socket) => socket.Family == IpFamily.IPv4 ? IpAddress.AnyIPv4 : IpAddress.AnyIPv6;
}
