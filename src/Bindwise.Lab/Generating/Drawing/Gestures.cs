using System.Collections.Concurrent;
using Bindwise.Model.Addresses;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>Draws gestures for a premise: what happens, and how often.</summary>
internal static class Gestures
{
    private static readonly ConcurrentDictionary<Outline, Tables> Known = [];

    private static readonly Gen<Ending> Endings = Chance.Table(
        (48, Ending.Close), (11, Ending.Abort), (20, Ending.ShutWrite), (6, Ending.ShutRead), (9, Ending.ShutBoth), (4, Ending.Disconnect));

    private static readonly Gen<Ending> GentleEndings = Chance.Table((80, Ending.Close), (20, Ending.ShutWrite));

    private static readonly Gen<Gesture> Parts = PartsOf(Chance.Table((25, 1), (40, 2), (20, 3), (15, 4)), Endings, percentSame: 30);

    /// <summary>The tables of an outline.</summary>
    public static Tables For(Outline outline) => Known.GetOrAdd(outline, static key => new Tables(key));

    /// <summary>The end of any connection.</summary>
    public static Gen<Gesture> AnyPart => Parts;

    /// <summary>The end of a connection that leaves a TIME_WAIT: both sides give up, in order.</summary>
    public static Gen<Gesture> BothPart { get; } = PartsOf(Chance.Table((70, 2), (30, 3)), GentleEndings, percentSame: 10);

    /// <summary>The end of one side, mostly: what is left is in FIN_WAIT2.</summary>
    public static Gen<Gesture> OnePart { get; } = PartsOf(Chance.Table((75, 1), (25, 2)), GentleEndings, percentSame: 50);

    /// <summary>The end of the listener.</summary>
    public static Gen<Gesture> ListenerEnds { get; } = Chance.Ordinal.Select(static who => (Gesture)new End(who, true, Ending.Close));

    /// <summary>More than ten UDP sockets on a port, by a margin: the kernel counts others in its hash slot too, by chance.</summary>
    public static Gen<Gesture> Crowds { get; } = Gen.Choose(12, 13).Select(static count => (Gesture)new Crowd(count));

    /// <summary>A wait that is short of tcp_tw_reuse_delay, or long enough.</summary>
    public static Gen<Gesture> ShortPauses { get; } = Chance.Table<Gesture>((1, new Pause(0.1m)), (4, new Pause(1.2m)));

    private static Gen<Gesture> PartsOf(Gen<int> counts, Gen<Ending> endings, int percentSame) =>
        from pair in Chance.Ordinal
        from count in counts
        from first in Chance.Of(50)
        from drawn in Chance.Of(percentSame).Zip(endings).ArrayOf(count)
        select (Gesture)new Part(pair, Alternate(drawn, first));

    // The sides take turns, unless a roll says otherwise.
    private static (bool IsPeer, Ending Ending)[] Alternate((bool IsSame, Ending Ending)[] endings, bool isPeer)
    {
        var result = new (bool IsPeer, Ending Ending)[endings.Length];
        for (var index = 0; index < endings.Length; index++)
        {
            if (index > 0 && !endings[index].IsSame)
                isPeer = !isPeer;
            result[index] = (isPeer, endings[index].Ending);
        }
        return result;
    }

    /// <summary>The tables of gestures for one outline.</summary>
    internal sealed class Tables
    {
        private readonly Outline _outline;

        public Tables(Outline outline)
        {
            _outline = outline;
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
            Any = Gen.Frequency(
                (26, AnyServe), (24, AnyVisit), (10, Talks(outline)), (14, Parts), (9, Ends()), (7, Changes(options)), (10, Pokes()),
                (outline.HasSettings ? 2 : 0, Settings.Any.Select(static step => (Gesture)new Write(step))),
                (outline.IsNarrow ? 4 : 0, ShortPauses));
        }

        /// <summary>A new server.</summary>
        public Gen<Gesture> AnyServe { get; }

        /// <summary>A new client.</summary>
        public Gen<Gesture> AnyVisit { get; }

        /// <summary>Any gesture.</summary>
        public Gen<Gesture> Any { get; }

        private Gen<Spot> Spots()
        {
            var outline = _outline;
            return
                from slot in Chance.Ordinal
                from odd in outline.Theme == Theme.SpreadUdp ? Gen.Constant<Place?>(null) : OddOf(5, Places.Odd)
                from port in outline.IsNarrow
                    ? Chance.Table((outline.Theme == Theme.SpreadUdp ? 0 : 60, PortKind.Own), (40, PortKind.Zero))
                    : Chance.Table((975, PortKind.Own), (15, PortKind.Zero), (outline.HasUsers ? 200 : 8, PortKind.Privileged))
                from portSlot in Chance.Ordinal
                select new Spot(slot, odd, port, portSlot);
        }

        private Gen<Gesture> Serves(Gen<SocketDraw> sockets, Gen<Option> options) =>
            from socket in sockets
            from spot in Spots()
            from depth in _outline.Theme == Theme.SpreadUdp ? Gen.Constant(Depth.Bind) : Chance.Table((66, Depth.Listen), (27, Depth.Bind), (4, Depth.ListenUnbound), (3, Depth.Open))
            from between in Chance.Perhaps(9, options)
            select (Gesture)new Serve(socket, spot, depth, between);

        private Gen<Gesture> Visits(Gen<SocketDraw> sockets) =>
            from socket in sockets
            from source in Chance.Table((63, Source.Automatic), (25, Source.Fixed), (2, Source.AddressOnly), (_outline.IsNarrow ? 6 : 1, Source.Zero), (7, Source.Present))
            from spot in Spots()
            from target in Chance.Ordinal
            from way in Chance.Ordinal
            from odd in OddOf(4, Places.OddDestination)
            from isAccepted in Chance.Of(85)
            select (Gesture)new Visit(socket, source, spot, target, way, odd, isAccepted);

        private static Gen<Gesture> Talks(Outline outline) =>
            from pair in Chance.Ordinal
            from isFromPeer in Chance.Of(50)
            from bytes in Chance.Table((30, 1), (30, 10), (30, 100), (6, 1000), (3, 5000), (1, 20_000), (outline.Theme is Theme.Udp or Theme.Mixed ? 3 : 0, 0))
            from isRead in Chance.Of(55)
            from to in Chance.Perhaps(40, Datagrams)
            select (Gesture)new Talk(pair, isFromPeer, bytes, isRead, to);

        private static readonly Gen<IpEndpointDraw> Datagrams =
            from way in Chance.Ordinal
            from portSlot in Chance.Ordinal
            from odd in OddOf(5, Places.OddDestination)
            select new IpEndpointDraw(way, portSlot, odd);

        private static Gen<Gesture> Ends() =>
            from who in Chance.Ordinal
            from isListener in Chance.Of(50)
            from ending in Endings
            select (Gesture)new End(who, isListener, ending);

        private static Gen<Gesture> Changes(Gen<Option> options) =>
            from who in Chance.Ordinal
            from option in options
            select (Gesture)new Change(who, option);

        private Gen<Gesture> Pokes() =>
            from call in Chance.Table((24, Call.Bind), (18, Call.Listen), (16, Call.Connect), (6, Call.Accept), (12, Call.Send), (8, Call.Receive), (20, Call.End))
            from who in Chance.Ordinal
            from isAnyName in Chance.Of(20)
            from spot in Spots()
            from way in Chance.Ordinal
            from odd in OddOf(25, Places.OddDestination)
            from ending in Endings
            select (Gesture)new Poke(call, who, isAnyName, spot, way, odd, ending);

        private static Gen<Place?> OddOf(int percent, Gen<Place> places) =>
            Chance.Of(percent).SelectMany(drawn => drawn ? places.Select(static place => (Place?)place) : Gen.Constant<Place?>(null));
    }
}
