using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

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
