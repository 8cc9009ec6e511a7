using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

/// <summary>open, options, bind, listen.</summary>
internal static class ServerSteps
{
    // 127.0.0.11
    private const uint FirstOfCrowd = 0x7f00000b;

    public static void Play(StepEmitter director, ServerTemplate serve)
    {
        if (director.Open(serve.Socket, serve.Socket.IsIPv6) is not { } actor || serve.Depth == ServerProgress.Open)
            return;
        if (serve.Depth != ServerProgress.ListenUnbound)
            Bind(director, actor, serve.Spot);
        if (serve.Between is { } between)
            director.Try(new SetStep(actor.Name, between.Name, between.Value));
        // A UDP socket that is told to listen is a mistake that one in a few makes.
        var isMistaken = actor.Protocol == Protocol.Udp && serve.Spot.Slot % 8 != 0;
        if (serve.Depth is ServerProgress.Listen or ServerProgress.ListenUnbound && !isMistaken)
            Listen(director, actor);
    }

    // They are not of the cast: nothing else happens to them, so that they stay more than ten.
    public static void Play(StepEmitter director, ManyUdpSocketsTemplate crowd)
    {
        var family = director.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;
        for (var index = 0; index < crowd.Count; index++)
        {
            var name = $"f{index}";
            var address = new IpAddress(IpFamily.IPv4, FirstOfCrowd + (uint)index);
            director.Try(new OpenStep(name, Protocol.Udp, family));
            director.Try(new SetStep(name, SocketOption.ReuseAddress, OptionValue.Flag(true)));
            director.Try(new BindStep(name, director.IsIPv6 ? address.AsIPv6 : address, director.OwnPort(0)));
        }
    }

    /// <summary>Binds a socket.</summary>
    public static void Bind(StepEmitter director, OpenSocket actor, BindPoint spot)
    {
        var (place, port) = (director.PlaceOf(spot, actor.IsIPv6), director.PortOf(spot));
        if (!director.Try(new BindStep(actor.Name, place.Address, port) { Scope = place.Scope }) || actor.IsBound)
            return;
        actor.Place = place;
        actor.Port = port;
        actor.HasAutomaticPort = port == 0;
    }

    /// <summary>Makes a socket listen.</summary>
    public static void Listen(StepEmitter director, OpenSocket actor)
    {
        if (!director.Try(new ListenStep(actor.Name)) || actor.Protocol == Protocol.Udp)
            return;
        actor.HasAutomaticPort |= !actor.IsBound;
        actor.IsListening = !actor.IsConnected;
    }
}

/// <summary>open, options, perhaps bind, connect, accept.</summary>
internal static class ClientSteps
{
    private static readonly IpAddress[] LoopbackIPv4 = Addresses("127.0.0.1", "127.0.0.1", "127.0.0.2", "0.0.0.0", "127.0.0.1", "127.0.0.6");
    private static readonly IpAddress[] LoopbackIPv6 = Addresses("::1", "::ffff:127.0.0.1", "::1", "::", "::ffff:127.0.0.2", "::ffff:127.0.0.1", "::ffff:0.0.0.0");

    public static void Play(StepEmitter director, ClientTemplate visit)
    {
        var target = Target(director, visit.Target, visit.Socket.Protocol);
        var isIPv6 = FamilyFor(target, visit.Socket.IsIPv6);
        var client = visit.Source == ClientBinding.Present ? director.Cast.Pick(visit.Socket.Name, actor => actor.Protocol == visit.Socket.Protocol && actor is { IsConnected: false, IsListening: false }) : null;
        if (client is null && director.Open(visit.Socket, isIPv6) is { } opened)
        {
            client = opened;
            BindSource(director, client, visit, target);
        }
        if (client is null || !Connect(director, client, target, visit.Way, visit.Odd) || !visit.IsAccepted)
            return;
        if (target is { IsListening: true, Waiting.Count: > 0 })
            Accept(director, target, visit.Way);
    }

    /// <summary>Whom to connect to: a listener, or else any socket that is bound; null for nobody.</summary>
    public static OpenSocket? Target(StepEmitter director, int ordinal, Protocol protocol) =>
        (ordinal % 8 != 0 ? director.Cast.Pick(ordinal / 8, actor => actor.IsListening && actor.Protocol == protocol) : null)
        ?? director.Cast.Pick(ordinal / 8, actor => actor.IsBound && (actor.Protocol == protocol || ordinal % 16 == 0));

    /// <summary>Connects a socket to a target; null for a port where perhaps nobody is.</summary>
    public static bool Connect(StepEmitter director, OpenSocket client, OpenSocket? target, int way, BindAddress? odd)
    {
        ConnectStep step;
        if (odd is { } place)
            step = new ConnectStep(client.Name, place.Address, director.OwnPort(way));
        else if (target is not null && target.Port == 0)
            step = new ConnectStep(client.Name, default, 0) { To = target.Name };
        else if (target is not null && way % 16 == 0)
            step = new ConnectStep(client.Name, default, 0) { To = target.Name };
        else
            step = new ConnectStep(client.Name, Destination(client.IsIPv6, target, way), way % 97 == 0 ? (ushort)0 : target?.Port ?? director.OwnPort(way));
        if (!director.Try(step))
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
    public static void Accept(StepEmitter director, OpenSocket listener, int ordinal)
    {
        // Now and then into a name that is open.
        var name = ordinal % 13 == 0 ? OpenSockets.AnyName(ordinal / 13) : director.Cast.FreeName(ordinal);
        if (name is null || name == listener.Name || !director.Try(new AcceptStep(listener.Name, name)))
            return;
        var client = listener.Waiting.TryDequeue(out var waiting) ? waiting : null;
        var child = new OpenSocket(name, listener.Protocol, listener.IsIPv6) { Place = listener.Place, Port = listener.Port, IsConnected = client is not null, Peer = client };
        director.Cast.Enter(child);
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
        if (target?.Place is not { } place || place.Address.IsAny || place.Address.AsIPv4 is { IsAny: true } || way % 7 == 0)
        {
            // An AF_INET listener is found at mapped addresses only.
            var address = loopbacks[way % loopbacks.Length];
            return target is { IsIPv6: false } && isIPv6 ? LoopbackIPv4[way % LoopbackIPv4.Length].AsIPv6 : address;
        }
        return isIPv6 ? place.Address.AsIPv6 : place.Address.AsIPv4 ?? place.Address;
    }

    private static bool FamilyFor(OpenSocket? target, bool drawn)
    {
        if (target?.Place is not { } place || place.Address.IsAny)
            return target is null ? drawn : target.IsIPv6 && drawn;
        return place.Address.AsIPv4 is null || drawn;
    }

    private static void BindSource(StepEmitter director, OpenSocket client, ClientTemplate visit, OpenSocket? target)
    {
        switch (visit.Source)
        {
            case ClientBinding.Fixed:
                ServerSteps.Bind(director, client, SourceSpot(visit, target, PortKind.Own));
                break;
            case ClientBinding.Zero:
                ServerSteps.Bind(director, client, SourceSpot(visit, target, PortKind.Zero));
                break;
            case ClientBinding.AddressOnly:
                director.Try(new SetStep(client.Name, SocketOption.BindAddressNoPort, OptionValue.Flag(true)));
                ServerSteps.Bind(director, client, SourceSpot(visit, target, PortKind.Zero));
                break;
        }
    }

    // The last of the scenario's ports, where there is another for the server.
    private static BindPoint SourceSpot(ClientTemplate visit, OpenSocket? target, PortKind kind) =>
        visit.Spot with { Port = kind, Odd = target is null ? visit.Spot.Odd : null };

    private static IpAddress[] Addresses(params string[] texts) => Array.ConvertAll(texts, static text => BindAddress.Of(text).Address);
}

/// <summary>send and receive.</summary>
internal static class TransferSteps
{
    public static void Play(StepEmitter director, TransferTemplate talk)
    {
        if (talk.To is { } to && director.Cast.Pick(talk.Pair, static actor => actor.Protocol == Protocol.Udp) is { } sender)
        {
            SendTo(director, sender, to, talk);
            return;
        }
        if (director.Cast.Pick(talk.Pair, static actor => actor.IsConnected) is not { } first)
            return;
        var (from, receiver) = talk.IsFromPeer && first.Peer is { IsConnected: true } peer ? (peer, first) : (first, first.Peer);
        if (!director.Try(new SendStep(from.Name, talk.Bytes)))
            return;
        if (receiver is not null)
            receiver.Unread += talk.Bytes;
        else
            from.Underway += talk.Bytes;
        if (talk.IsRead && receiver is not null)
            Receive(director, receiver, talk.Bytes);
    }

    /// <summary>Sends where a datagram may find a socket.</summary>
    public static void SendTo(StepEmitter director, OpenSocket sender, DatagramTarget to, TransferTemplate talk)
    {
        var target = director.Cast.Pick(to.Way, static actor => actor.Protocol == Protocol.Udp && actor.Port != 0);
        var address = to.Odd?.Address ?? ClientSteps.Destination(sender.IsIPv6, target, to.Way);
        var port = target?.Port ?? director.OwnPort(to.PortSlot);
        if (!director.Try(new SendStep(sender.Name, talk.Bytes) { To = new IpEndpoint(address, port) }))
            return;
        sender.HasAutomaticPort |= !sender.IsBound;
        if (target is null || to.Odd is not null)
            return;
        target.Unread += talk.Bytes;
        if (talk.IsRead)
            Receive(director, target, talk.Bytes);
    }

    /// <summary>Receives what is there, or, seldom, what is not.</summary>
    public static void Receive(StepEmitter director, OpenSocket receiver, int bytes)
    {
        if (receiver.IsConnected && receiver.Unread == 0 && !director.TryWaitInVain())
            return;
        if (director.Try(new ReceiveStep(receiver.Name, Math.Max(1, bytes))))
            receiver.Unread = Math.Max(0, receiver.Unread - bytes);
    }
}

/// <summary>close, abort, shutdown, disconnect.</summary>
internal static class CloseSteps
{
    public static void Play(StepEmitter director, ConnectionEndTemplate part)
    {
        if (director.Cast.Pick(part.Pair, static actor => actor.IsConnected) is not { } first)
            return;
        var second = first.Peer;
        foreach (var (isPeer, ending) in part.Endings)
        {
            if ((isPeer ? second : first) is { } actor)
                Play(director, actor.Name, ending);
        }
    }

    public static void Play(StepEmitter director, SocketEndTemplate end)
    {
        var actor = (end.IsListener ? director.Cast.Pick(end.Who, static actor => actor.IsListening) : null) ?? director.Cast.Pick(end.Who, static _ => true);
        if (actor is not null)
            Play(director, actor.Name, end.Ending);
    }

    /// <summary>Ends a socket one way.</summary>
    public static void Play(StepEmitter director, string name, CloseWay ending)
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
        if (!director.Try(step) || director.Cast.Find(name) is not { } actor)
            return;
        if (ending is CloseWay.Close or CloseWay.Abort)
            director.Cast.Leave(name);
        else if (actor.IsListening && ending != CloseWay.ShutWrite)
            actor.IsListening = false;
        else if (ending == CloseWay.Disconnect)
            actor.IsConnected = false;
    }
}

/// <summary>One call on any socket, in whatever state it is; now and then on a name without one.</summary>
internal static class ArbitraryCallSteps
{
    private const int Bytes = 10;

    public static void Play(StepEmitter director, ArbitraryCallTemplate poke)
    {
        var name = poke.IsAnyName ? OpenSockets.AnyName(poke.Who) : director.Cast.Pick(poke.Who, static _ => true)?.Name ?? OpenSockets.AnyName(poke.Who);
        // Without a socket of the name every step gives ENOSOCK; it is told as one of a stranger.
        var actor = director.Cast.Find(name) ?? new OpenSocket(name, Protocol.Tcp, isIPv6: poke.Way % 2 == 0);
        switch (poke.Call)
        {
            case ArbitraryCall.Bind:
                ServerSteps.Bind(director, actor, poke.Spot);
                break;
            case ArbitraryCall.Listen:
                ServerSteps.Listen(director, actor);
                break;
            case ArbitraryCall.Connect:
                ClientSteps.Connect(director, actor, ClientSteps.Target(director, poke.Way, actor.Protocol), poke.Way, poke.Odd);
                break;
            case ArbitraryCall.Accept:
                if (actor is { IsListening: false } or { Waiting.Count: > 0 } || director.TryWaitInVain())
                    ClientSteps.Accept(director, actor, poke.Way);
                break;
            case ArbitraryCall.Send:
                director.Try(new SendStep(name, Bytes));
                break;
            case ArbitraryCall.Receive:
                TransferSteps.Receive(director, actor, Bytes);
                break;
            case ArbitraryCall.End:
                CloseSteps.Play(director, name, poke.Ending);
                break;
        }
    }
}
