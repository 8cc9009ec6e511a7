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
