using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>The tables of gestures for one outline.</summary>
internal sealed class GestureTables
{
    private static readonly Gen<Place?> Nowhere = Gen.Constant<Place?>(null);
    private static readonly Gen<Place?> OftenForeign = OddOf(40, Places.Foreign);

    private readonly Outline _outline;
    private readonly Gen<Spot> _spots;

    public GestureTables(Outline outline)
    {
        _outline = outline;
        _spots = Spots(outline);
        var protocols = outline.Theme switch
        {
            Theme.Udp or Theme.NarrowUdp or Theme.SpreadUdp or Theme.Crowd => Gen.Constant(Protocol.Udp),
            Theme.Mixed => Gen.Elements(Protocol.Tcp, Protocol.Udp),
            Theme.OwnRange => Chance.Table((3, Protocol.Tcp), (1, Protocol.Udp)),
            _ => Chance.Table((98, Protocol.Tcp), (2, Protocol.Udp)),
        };
        var (tcp, udp) = (SocketDraws.Of(outline, Protocol.Tcp), SocketDraws.Of(outline, Protocol.Udp));
        var sockets = protocols.SelectMany(protocol => protocol == Protocol.Tcp ? tcp : udp);
        var options = SocketDraws.AnyOption(outline);
        AnyServe = Serves(sockets, options);
        AnyVisit = Visits(sockets);
        FixedVisit = AnyVisit.Select(static visit => (Gesture)((Visit)visit with { Source = Source.Fixed }));
        Any = Gen.Frequency(
            (26, AnyServe), (24, AnyVisit), (14, Gestures.AnyPart), (9, Ends()), (7, Changes(options)), (10, Pokes()),
            (outline.Theme == Theme.Udp ? 18 : 10, Talks(outline)),
            (outline.HasSettings ? 2 : 0, Settings.Any.Select(static step => (Gesture)new Write(step))),
            (outline.IsNarrow ? 4 : 0, Gestures.ShortPauses));
    }

    /// <summary>A new server.</summary>
    public Gen<Gesture> AnyServe { get; }

    /// <summary>A new client.</summary>
    public Gen<Gesture> AnyVisit { get; }

    /// <summary>A new client whose own port is one of the scenario's.</summary>
    public Gen<Gesture> FixedVisit { get; }

    /// <summary>Any gesture.</summary>
    public Gen<Gesture> Any { get; }

    private static Gen<Spot> Spots(Outline outline)
    {
        var odds = outline.Theme == Theme.SpreadUdp ? Gen.Constant<Place?>(null) : OddOf(5, Places.Odd);
        var ports = outline.IsNarrow
            ? Chance.Table((outline.Theme == Theme.SpreadUdp ? 0 : 60, PortKind.Own), (40, PortKind.Zero))
            : Chance.Table((975, PortKind.Own), (15, PortKind.Zero), (outline.HasUsers ? 200 : 8, PortKind.Privileged));
        return
            from slot in Chance.Ordinal
            from odd in odds
            from port in ports
            from portSlot in Chance.Ordinal
            select new Spot(slot, odd, port, portSlot);
    }

    private Gen<Gesture> Serves(Gen<SocketDraw> sockets, Gen<Option> options)
    {
        var foreignSpots =
            from spot in _spots
            from foreign in OftenForeign
            select foreign is null ? spot : spot with { Odd = foreign };
        var depths = _outline.Theme == Theme.SpreadUdp
            ? Gen.Constant(Depth.Bind)
            : Chance.Table((66, Depth.Listen), (27, Depth.Bind), (4, Depth.ListenUnbound), (3, Depth.Open));
        var betweens = Chance.Perhaps(9, options);
        return
            from socket in sockets
            from spot in MayBeForeign(socket) ? foreignSpots : _spots
            from depth in depths
            from between in betweens
            select (Gesture)new Serve(socket, spot, depth, between);
    }

    private Gen<Gesture> Visits(Gen<SocketDraw> sockets)
    {
        var sources = Chance.Table(
            (63, Source.Automatic), (25, Source.Fixed), (2, Source.AddressOnly), (_outline.IsNarrow ? 6 : 1, Source.Zero), (7, Source.Present));
        var odds = OddOf(4, Places.OddDestination);
        var accepts = Chance.Of(85);
        return
            from socket in sockets
            from source in sources
            from spot in _spots
            from target in Chance.Ordinal
            from way in Chance.Ordinal
            from odd in odds
            from isAccepted in accepts
            select (Gesture)new Visit(socket, source, spot, target, way, odd, isAccepted);
    }

    private static Gen<Gesture> Talks(Outline outline)
    {
        var sizes = Chance.Table(
            (30, 1), (30, 10), (30, 100), (6, 1000), (3, 5000), (1, 20_000), (outline.Theme is Theme.Udp or Theme.Mixed ? 3 : 0, 0));
        var reads = Chance.Of(55);
        var odds = OddOf(5, Places.OddDestination);
        var datagrams = Chance.Perhaps(
            40,
            from way in Chance.Ordinal
            from portSlot in Chance.Ordinal
            from odd in odds
            select new IpEndpointDraw(way, portSlot, odd));
        return
            from pair in Chance.Ordinal
            from isFromPeer in Chance.Half
            from bytes in sizes
            from isRead in reads
            from to in datagrams
            select (Gesture)new Talk(pair, isFromPeer, bytes, isRead, to);
    }

    private static Gen<Gesture> Ends() =>
        from who in Chance.Ordinal
        from isListener in Chance.Half
        from ending in Gestures.AnyEnding
        select (Gesture)new End(who, isListener, ending);

    private static Gen<Gesture> Changes(Gen<Option> options) =>
        from who in Chance.Ordinal
        from option in options
        select (Gesture)new Change(who, option);

    private Gen<Gesture> Pokes()
    {
        var calls = Chance.Table(
            (24, Call.Bind), (18, Call.Listen), (16, Call.Connect), (6, Call.Accept), (12, Call.Send), (8, Call.Receive), (20, Call.End));
        var anyNames = Chance.Of(20);
        var odds = OddOf(25, Places.OddDestination);
        return
            from call in calls
            from who in Chance.Ordinal
            from isAnyName in anyNames
            from spot in _spots
            from way in Chance.Ordinal
            from odd in odds
            from ending in Gestures.AnyEnding
            select (Gesture)new Poke(call, who, isAnyName, spot, way, odd, ending);
    }

    private static bool MayBeForeign(SocketDraw socket) => Array.Exists(
        socket.Options, static option => option.Name is SocketOption.Freebind or SocketOption.FreebindIPv6 or SocketOption.Transparent);

    private static Gen<Place?> OddOf(int percent, Gen<Place> places)
    {
        var some = places.Select(static place => (Place?)place);
        return Chance.Of(percent).SelectMany(drawn => drawn ? some : Nowhere);
    }
}
