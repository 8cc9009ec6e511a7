using Bindwise.Fuzz.Generating.Templates;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Emitting;

/// <summary>open, options, bind, listen.</summary>
internal static class ServerSteps
{
    // 127.0.0.11
    private const uint FirstOfCrowd = 0x7f00000b;

    public static void Play(StepEmitter emitter, ServerTemplate serve)
    {
        if (emitter.Open(serve.Socket, serve.Socket.IsIPv6) is not { } socket || serve.Depth == ServerProgress.Open)
            return;
        if (serve.Depth != ServerProgress.ListenUnbound)
            Bind(emitter, socket, serve.Point);
        if (serve.Between is { } between)
            emitter.Try(new SetStep(socket.Name, between.Name, between.Value));
        // A UDP socket that is told to listen is a mistake that one in a few makes.
        var isMistaken = socket.Protocol == Protocol.Udp && serve.Point.Slot % 8 != 0;
        if (serve.Depth is ServerProgress.Listen or ServerProgress.ListenUnbound && !isMistaken)
            Listen(emitter, socket);
    }

    // They are not among the open sockets: nothing else happens to them, so that they stay more than ten.
    public static void Play(StepEmitter emitter, ManyUdpSocketsTemplate crowd)
    {
        var family = emitter.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;
        for (var index = 0; index < crowd.Count; index++)
        {
            var name = $"f{index}";
            var address = new IpAddress(IpFamily.IPv4, FirstOfCrowd + (uint)index);
            emitter.Try(new OpenStep(name, Protocol.Udp, family));
            emitter.Try(new SetStep(name, SocketOption.ReuseAddress, OptionValue.Flag(true)));
            emitter.Try(new BindStep(name, emitter.IsIPv6 ? address.AsIPv6 : address, emitter.OwnPort(0)));
        }
    }

    /// <summary>Binds a socket.</summary>
    public static void Bind(StepEmitter emitter, OpenSocket socket, BindPoint point)
    {
        var (address, port) = (emitter.PlaceOf(point, socket.IsIPv6), emitter.PortOf(point));
        if (!emitter.Try(new BindStep(socket.Name, address.Address, port) { Scope = address.Scope }) || socket.IsBound)
            return;
        socket.Address = address;
        socket.Port = port;
        socket.HasAutomaticPort = port == 0;
    }

    /// <summary>Makes a socket listen.</summary>
    public static void Listen(StepEmitter emitter, OpenSocket socket)
    {
        if (!emitter.Try(new ListenStep(socket.Name)) || socket.Protocol == Protocol.Udp)
            return;
        socket.HasAutomaticPort |= !socket.IsBound;
        socket.IsListening = !socket.IsConnected;
    }
}

/// <summary>open, options, perhaps bind, connect, accept.</summary>
internal static class ClientSteps
{
    private static readonly IpAddress[] LoopbackIPv4 =
        Addresses("127.0.0.1", "127.0.0.1", "127.0.0.2", "0.0.0.0", "127.0.0.1", "127.0.0.6");
    private static readonly IpAddress[] LoopbackIPv6 =
        Addresses("::1", "::ffff:127.0.0.1", "::1", "::", "::ffff:127.0.0.2", "::ffff:127.0.0.1", "::ffff:0.0.0.0");

    public static void Play(StepEmitter emitter, ClientTemplate visit)
    {
        var target = Target(emitter, visit.Target, visit.Socket.Protocol);
        var isIPv6 = FamilyFor(target, visit.Socket.IsIPv6);
        var client = visit.Source == ClientBinding.Present ? emitter.Sockets.Pick(visit.Socket.Name,
            socket => socket.Protocol == visit.Socket.Protocol && socket is { IsConnected: false, IsListening: false }) : null;
        if (client is null && emitter.Open(visit.Socket, isIPv6) is { } opened)
        {
            client = opened;
            BindSource(emitter, client, visit, target);
        }
        if (client is null || !Connect(emitter, client, target, visit.Way, visit.Odd) || !visit.IsAccepted)
            return;
        if (target is { IsListening: true, Waiting.Count: > 0 })
            Accept(emitter, target, visit.Way);
    }

    /// <summary>Whom to connect to: a listener, or else any socket that is bound; null for nobody.</summary>
    public static OpenSocket? Target(StepEmitter emitter, int ordinal, Protocol protocol) =>
        (ordinal % 8 != 0 ? emitter.Sockets.Pick(ordinal / 8, socket => socket.IsListening && socket.Protocol == protocol) : null)
        ?? emitter.Sockets.Pick(ordinal / 8, socket => socket.IsBound && (socket.Protocol == protocol || ordinal % 16 == 0));

    /// <summary>Connects a socket to a target; null for a port where perhaps nobody is.</summary>
    public static bool Connect(StepEmitter emitter, OpenSocket client, OpenSocket? target, int way, BindAddress? odd)
    {
        ConnectStep step;
        if (odd is { } address)
            step = new ConnectStep(client.Name, address.Address, emitter.OwnPort(way));
        else if (target is not null && target.Port == 0)
            step = new ConnectStep(client.Name, default, 0) { To = target.Name };
        else if (target is not null && way % 16 == 0)
            step = new ConnectStep(client.Name, default, 0) { To = target.Name };
        else
            step = new ConnectStep(client.Name, Destination(client.IsIPv6, target, way),
                way % 97 == 0 ? (ushort)0 : target?.Port ?? emitter.OwnPort(way));
        if (!emitter.Try(step))
            return false;
        client.HasAutomaticPort |= !client.IsBound && client.Protocol == Protocol.Udp;
        client.IsConnected |= client.Protocol == Protocol.Udp;
        if (odd is not null || target is null)
            return true;
        client.IsConnected |= target.IsListening;
        if (target.Protocol == Protocol.Udp)
            client.Peer = target;
        else if (target.IsListening)
            target.Waiting.Enqueue(client);
        return true;
    }

    /// <summary>Accepts the next connection of a listener.</summary>
    public static void Accept(StepEmitter emitter, OpenSocket listener, int ordinal)
    {
        // Now and then into a name that is open.
        var name = ordinal % 13 == 0 ? OpenSockets.AnyName(ordinal / 13) : emitter.Sockets.FreeName(ordinal);
        if (name is null || name == listener.Name || !emitter.Try(new AcceptStep(listener.Name, name)))
            return;
        var client = listener.Waiting.TryDequeue(out var waiting) ? waiting : null;
        var child = new OpenSocket(name, listener.Protocol, listener.IsIPv6)
        {
            Address = listener.Address,
            Port = listener.Port,
            IsConnected = client is not null,
            Peer = client
        };
        emitter.Sockets.Enter(child);
        if (client is null)
            return;
        client.Peer = child;
        child.Unread = client.Underway;
        client.Underway = 0;
    }

    /// <summary>Where a socket of a family finds a target.</summary>
    public static IpAddress Destination(bool isIPv6, OpenSocket? target, int way)
    {
        var loopbacks = isIPv6 ? LoopbackIPv6 : LoopbackIPv4;
        if (target?.Address is not { } address || address.Address.IsAny || address.Address.AsIPv4 is { IsAny: true } || way % 7 == 0)
        {
            // An AF_INET listener is found at mapped addresses only.
            return target is { IsIPv6: false } && isIPv6 ? LoopbackIPv4[way % LoopbackIPv4.Length].AsIPv6
                : loopbacks[way % loopbacks.Length];
        }
        return isIPv6 ? address.Address.AsIPv6 : address.Address.AsIPv4 ?? address.Address;
    }

    private static bool FamilyFor(OpenSocket? target, bool drawn)
    {
        if (target?.Address is not { } address || address.Address.IsAny)
            return target is null ? drawn : target.IsIPv6 && drawn;
        return address.Address.AsIPv4 is null || drawn;
    }

    private static void BindSource(StepEmitter emitter, OpenSocket client, ClientTemplate visit, OpenSocket? target)
    {
        switch (visit.Source)
        {
            case ClientBinding.Fixed:
                ServerSteps.Bind(emitter, client, SourceSpot(visit, target, PortKind.Own));
                break;
            case ClientBinding.Zero:
                ServerSteps.Bind(emitter, client, SourceSpot(visit, target, PortKind.Zero));
                break;
            case ClientBinding.AddressOnly:
                emitter.Try(new SetStep(client.Name, SocketOption.BindAddressNoPort, OptionValue.Flag(true)));
                ServerSteps.Bind(emitter, client, SourceSpot(visit, target, PortKind.Zero));
                break;
        }
    }

    // The last of the scenario's ports, where there is another for the server.
    private static BindPoint SourceSpot(ClientTemplate visit, OpenSocket? target, PortKind kind) =>
        visit.Point with { Port = kind, Odd = target is null ? visit.Point.Odd : null };

    private static IpAddress[] Addresses(params string[] texts) => Array.ConvertAll(texts, static text => BindAddress.Of(text).Address);
}

/// <summary>send and receive.</summary>
internal static class TransferSteps
{
    public static void Play(StepEmitter emitter, TransferTemplate talk)
    {
        if (talk.To is { } to && emitter.Sockets.Pick(talk.Pair, static socket => socket.Protocol == Protocol.Udp) is { } sender)
        {
            SendTo(emitter, sender, to, talk);
            return;
        }
        if (emitter.Sockets.Pick(talk.Pair, static socket => socket.IsConnected) is not { } first)
            return;
        var (from, receiver) = talk.IsFromPeer && first.Peer is { IsConnected: true } peer ? (peer, first) : (first, first.Peer);
        if (!emitter.Try(new SendStep(from.Name, talk.Bytes)))
            return;
        if (receiver is not null)
            receiver.Unread += talk.Bytes;
        else
            from.Underway += talk.Bytes;
        if (talk.IsRead && receiver is not null)
            Receive(emitter, receiver, talk.Bytes);
    }

    /// <summary>Sends where a datagram may find a socket.</summary>
    public static void SendTo(StepEmitter emitter, OpenSocket sender, DatagramTarget to, TransferTemplate talk)
    {
        var target = emitter.Sockets.Pick(to.Way, static socket => socket.Protocol == Protocol.Udp && socket.Port != 0);
        var address = to.Odd?.Address ?? ClientSteps.Destination(sender.IsIPv6, target, to.Way);
        var port = target?.Port ?? emitter.OwnPort(to.PortSlot);
        if (!emitter.Try(new SendStep(sender.Name, talk.Bytes) { To = new IpEndpoint(address, port) }))
            return;
        sender.HasAutomaticPort |= !sender.IsBound;
        if (target is null)
            return;
        if (to.Odd is null)
        {
            target.Unread += talk.Bytes;
            if (talk.IsRead)
                Receive(emitter, target, talk.Bytes);
        }
        else if (talk.IsRead && emitter.TryWaitInVain())
        {
            emitter.Try(new ReceiveStep(target.Name, Math.Max(1, talk.Bytes)));
        }
    }

    /// <summary>Receives what is there, or, seldom, what is not.</summary>
    public static void Receive(StepEmitter emitter, OpenSocket receiver, int bytes)
    {
        if (receiver.IsConnected && receiver.Unread == 0 && !emitter.TryWaitInVain())
            return;
        if (emitter.Try(new ReceiveStep(receiver.Name, Math.Max(1, bytes))))
            receiver.Unread = Math.Max(0, receiver.Unread - bytes);
    }
}

/// <summary>close, abort, shutdown, disconnect.</summary>
internal static class CloseSteps
{
    public static void Play(StepEmitter emitter, ConnectionEndTemplate part)
    {
        if (emitter.Sockets.Pick(part.Pair, static socket => socket.IsConnected) is not { } first)
            return;
        var second = first.Peer;
        foreach (var (isPeer, ending) in part.Endings)
        {
            if ((isPeer ? second : first) is { } socket)
                Play(emitter, socket.Name, ending);
        }
    }

    public static void Play(StepEmitter emitter, SocketEndTemplate end)
    {
        var socket = (end.IsListener ? emitter.Sockets.Pick(end.Who, static socket => socket.IsListening) : null)
            ?? emitter.Sockets.Pick(end.Who, static _ => true);
        if (socket is not null)
            Play(emitter, socket.Name, end.Ending);
    }

    /// <summary>Ends a socket one way.</summary>
    public static void Play(StepEmitter emitter, string name, CloseWay ending)
    {
        Step step = ending switch
        {
            CloseWay.Close => new CloseStep(name),
            CloseWay.Abort => new AbortStep(name),
            CloseWay.ShutWrite => new ShutdownStep(name, ShutdownHow.Write),
            CloseWay.ShutRead => new ShutdownStep(name, ShutdownHow.Read),
            CloseWay.ShutBoth => new ShutdownStep(name, ShutdownHow.Both),
            _ => new DisconnectStep(name),
        };
        if (!emitter.Try(step) || emitter.Sockets.Find(name) is not { } socket)
            return;
        if (ending is CloseWay.Close or CloseWay.Abort)
            emitter.Sockets.Leave(name);
        else if (socket.IsListening && ending != CloseWay.ShutWrite)
            socket.IsListening = false;
        else if (ending == CloseWay.Disconnect)
            socket.IsConnected = false;
    }
}

/// <summary>One call on any socket, in whatever state it is; now and then on a name without one.</summary>
internal static class ArbitraryCallSteps
{
    private const int Bytes = 10;

    public static void Play(StepEmitter emitter, ArbitraryCallTemplate poke)
    {
        var name = poke.IsAnyName ? OpenSockets.AnyName(poke.Who)
            : emitter.Sockets.Pick(poke.Who, static _ => true)?.Name ?? OpenSockets.AnyName(poke.Who);
        // Without a socket of the name every step gives ENOSOCK; it is told as one of a stranger.
        var socket = emitter.Sockets.Find(name) ?? new OpenSocket(name, Protocol.Tcp, isIPv6: poke.Way % 2 == 0);
        switch (poke.Call)
        {
            case ArbitraryCall.Bind:
                ServerSteps.Bind(emitter, socket, poke.Point);
                break;
            case ArbitraryCall.Listen:
                ServerSteps.Listen(emitter, socket);
                break;
            case ArbitraryCall.Connect:
                ClientSteps.Connect(emitter, socket, ClientSteps.Target(emitter, poke.Way, socket.Protocol), poke.Way, poke.Odd);
                break;
            case ArbitraryCall.Accept:
                if (socket is { IsListening: false } or { Waiting.Count: > 0 } || emitter.TryWaitInVain())
                    ClientSteps.Accept(emitter, socket, poke.Way);
                break;
            case ArbitraryCall.Send:
                emitter.Try(new SendStep(name, Bytes));
                break;
            case ArbitraryCall.Receive:
                TransferSteps.Receive(emitter, socket, Bytes);
                break;
            case ArbitraryCall.End:
                CloseSteps.Play(emitter, name, poke.Ending);
                break;
        }
    }
}
