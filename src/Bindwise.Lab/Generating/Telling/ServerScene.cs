using Bindwise.Lab.Generating.Drawing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Telling;

/// <summary>open, options, bind, listen.</summary>
internal static class ServerScene
{
    public static void Play(Director director, Serve serve)
    {
        if (director.Open(serve.Socket, serve.Socket.IsIPv6) is not { } actor || serve.Depth == Depth.Open)
            return;
        if (serve.Depth != Depth.ListenUnbound)
            Bind(director, actor, serve.Spot);
        if (serve.Between is { } between)
            director.Try(new SetStep(actor.Name, between.Name, between.Value));
        // A UDP socket that is told to listen is a mistake that one in a few makes.
        var isMistaken = actor.Protocol == Model.Addresses.Protocol.Udp && serve.Spot.Slot % 8 != 0;
        if (serve.Depth is Depth.Listen or Depth.ListenUnbound && !isMistaken)
            Listen(director, actor);
    }

    /// <summary>Binds a socket.</summary>
    public static void Bind(Director director, Actor actor, Spot spot)
    {
        var (place, port) = (director.PlaceOf(spot, actor.IsIPv6), director.PortOf(spot));
        if (!director.Try(new BindStep(actor.Name, place.Address, port) { Scope = place.Scope }) || actor.IsBound)
            return;
        actor.Place = place;
        actor.Port = port;
        actor.HasAutomaticPort = port == 0;
    }

    /// <summary>Makes a socket listen.</summary>
    public static void Listen(Director director, Actor actor)
    {
        if (!director.Try(new ListenStep(actor.Name)) || actor.Protocol == Model.Addresses.Protocol.Udp)
            return;
        actor.HasAutomaticPort |= !actor.IsBound;
        actor.IsListening = !actor.IsConnected;
    }
}
