using System.Collections.Immutable;
using Bindwise.Model.Events;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Events;

[Trait("Seed", "any")]
public sealed class CensusEventsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Step_OfTheFirstCensus_TellsNothing() => Assert.Empty(Play([Listener(1, "0.0.0.0", 80)]));

    [Fact]
    public void Step_OfASocketThatLasts_TellsItAtTheSecondLookWithTheTimeOfTheFirst()
    {
        var told = Assert.Single(Play([], [Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80)]));
        Assert.Equal((PortEventKind.Listen, "0.0.0.0:80", 101, "program", Noon.AddSeconds(1)),
            (told.Kind, told.Address!, told.ProcessId, told.Program!, told.Time));
        Assert.Equal((Protocol.Tcp, 33u, 77ul), (told.Protocol!.Value, told.UserId!.Value, told.NetworkNamespace!.Value));
    }

    [Fact]
    public void Step_OfASocketOfOneLook_TellsNothing() => Assert.Empty(Play([], [Listener(1, "0.0.0.0", 80)], []));

    [Fact]
    public void Step_OfABoundSocketThatListensLater_TellsBoth() =>
        Assert.Equal(["Bind", "Listen", "Closed"], Kinds([], [Bound(1)], [Bound(1)], [Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80)], []));

    [Fact]
    public void Step_OfAnEnd_NamesWhoHadIt()
    {
        // Nobody was seen to hold it in the last look any more.
        var told = Play([Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80) with { Holder = null }], []);
        Assert.Equal((PortEventKind.Closed, 101), (Assert.Single(told).Kind, told[0].ProcessId));
    }

    [Fact]
    public void Step_OfAnotherHolder_NamesBoth()
    {
        var told = Assert.Single(Play([Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80, pid: 202)], [Listener(1, "0.0.0.0", 80, pid: 202)]));
        Assert.Equal((PortEventKind.OwnerChanged, 202, 101), (told.Kind, told.ProcessId, told.PreviousProcessId!.Value));
    }

    [Fact]
    public void Step_OfManyTimeWaits_TellsThemOnceUntilTheyFell()
    {
        static HostCensus With(int count) => Census(0) with { TimeWaits = count == 0 ? [] : [new PortTimeWaits(80, count, 1)] };
        var told = Reported([With(0), With(999), With(1000), With(2000), With(751), With(1200), With(750), With(1001), With(0), With(1000)]);
        Assert.Equal([1000, 1001, 1000], told.Select(static one => (int)one.Count));
        Assert.All(told, static one => Assert.Equal((PortEventKind.TimeWaitHigh, "0.0.0.0:80"), (one.Kind, one.Address!)));
    }

    // Of the only listener's address, where there is one.
    [Theory]
    [InlineData("127.0.0.7", null, "127.0.0.7:80")]
    [InlineData("::1", null, "[::1]:80")]
    [InlineData("127.0.0.7", "127.0.0.8", "0.0.0.0:80")]
    public void Step_OfManyTimeWaits_NamesWhereItIsServed(string one, string? other, string address)
    {
        ImmutableArray<CensusSocket> listeners = [Listener(1, one, 80), .. other is null ? [] : new[] { Listener(2, other, 80) }];
        HostCensus With(int second, int count) => Census(second, [.. listeners]) with { TimeWaits = [new PortTimeWaits(80, count, 1)] };
        Assert.Equal(address, Assert.Single(Reported([With(0, 0), With(1, 1000)]), static told => told.Kind == PortEventKind.TimeWaitHigh).Address);
    }

    [Fact]
    public void Step_OfARangeThatRunsOut_NamesTheDestinationOnceUntilItFell()
    {
        static HostCensus With(int ports) => Census(0) with
        {
            EphemeralPorts = 1000,
            Destinations = [new Bindwise.Model.Events.CensusDestination(new IpEndpoint(new IpAddress(IpFamily.IPv4, 0x0a000001), 443), ports, 0)],
        };
        var told = Reported([With(0), With(799), With(800), With(601), With(900), With(599), With(800)]);
        Assert.Equal([800, 800], told.Select(static one => (int)one.Count));
        Assert.All(told, static one => Assert.Equal((PortEventKind.RangeHigh, "10.0.0.1:443"), (one.Kind, one.Address!)));
    }

    [Fact]
    public void Step_OfAFullQueue_TellsTheListenerAndHowManyWithAPauseBetween()
    {
        static HostCensus With(int second, long drops) =>
            Census(second, Listener(1, "0.0.0.0", 80) with { Drops = drops }, Listener(2, "0.0.0.0", 81)) with { ListenOverflows = drops };
        var told = Reported([With(0, 5), With(1, 5), With(2, 8), With(3, 10), With(12, 10), With(13, 10), With(50, 10)], areTimed: true);
        Assert.Equal([3, 2], told.Select(static one => (int)one.Count));
        Assert.All(told, static one => Assert.Equal((PortEventKind.QueueOverflow, "0.0.0.0:80"), (one.Kind, one.Address!)));
    }

    [Fact]
    public void Step_OfDropsWithoutAnOverflow_TellsNothing() =>
        Assert.Empty(Play([Listener(1, "0.0.0.0", 80)], [Listener(1, "0.0.0.0", 80) with { Drops = 7 }]));

    [Theory]
    [InlineData("0.0.0.0", Fact.No, "127.0.0.1", "0.0.0.0:80")]
    [InlineData("127.0.0.1", Fact.No, "0.0.0.0", "0.0.0.0:80")]
    [InlineData("::", Fact.No, "127.0.0.1", "[::]:80")]
    [InlineData("::", Fact.No, "0.0.0.0", "[::]:80")]
    [InlineData("::", Fact.Yes, "127.0.0.1", null)]
    [InlineData("::", Fact.Yes, "::1", "[::]:80")]
    [InlineData("0.0.0.0", Fact.No, "::1", null)]
    [InlineData("127.0.0.1", Fact.No, "127.0.0.2", null)]
    [InlineData("0.0.0.0", Fact.No, "224.0.0.251", null)]
    public void Step_OfAMoreSpecificListener_NamesWhoLosesClients(string first, Fact isV6Only, string second, string? loser)
    {
        var old = Listener(1, first, 80, isV6Only: isV6Only);
        var fresh = Listener(2, second, 80, pid: 202);
        var told = Play([old], [old, fresh], [old, fresh], [old, fresh]).Where(static one => one.Kind == PortEventKind.Shadowed).ToList();
        Assert.Equal(loser is null ? [] : [loser], told.Select(static one => one.Address!));
    }

    [Fact]
    public void Step_OfTwoListenersOfOneProcess_TellsNoShadow() =>
        Assert.Equal(["Listen"], Kinds([Listener(1, "0.0.0.0", 80)],
            [Listener(1, "0.0.0.0", 80), Listener(2, "127.0.0.1", 80)], [Listener(1, "0.0.0.0", 80), Listener(2, "127.0.0.1", 80)]));

    [Fact]
    public void Step_OfALookThatLeftSocketsOut_TellsNoEnd()
    {
        var first = Census(0, Listener(1, "0.0.0.0", 80));
        Assert.Empty(Reported([first, Census(1) with { SocketsOmitted = 1 }]));
    }

    [Fact]
    public void Step_OfAnyCensuses_TellsEachSocketsBeginningAndEndInTurn()
    {
        Prop.ForAll(Gen.Choose(0, 15).ListOf().ToArbitrary(), looks =>
        {
            var open = new HashSet<string>();
            var isFirst = true;
            var state = new CensusEventsState();
            var second = 0;
            foreach (var bits in looks)
            {
                CensusSocket[] sockets = [.. Enumerable.Range(0, 4).Where(bit => (bits >> bit & 1) != 0).Select(bit => Listener((ulong)bit + 1, "10.0.0.1", (ushort)(80 + bit)))];
                (state, var events) = CensusEvents.Step(state, Census(second++, sockets));
                if (isFirst)
                    open.UnionWith(sockets.Select(static one => one.Socket.Local.ToString()));
                isFirst = false;
                foreach (var one in events)
                    Assert.True(one.Kind == PortEventKind.Listen ? open.Add(one.Address!) : one.Kind == PortEventKind.Closed && open.Remove(one.Address!));
                Assert.Equal(sockets.Length, state.Sockets.Count);
                Assert.True(open.Count <= 4);
            }
        }).Holds();
    }

    private static List<PortEvent> Play(params CensusSocket[][] looks) => Reported([.. looks.Select(static (sockets, second) => Census(second, sockets))], areTimed: true);

    private static string[] Kinds(params CensusSocket[][] looks) => [.. Play(looks).Select(static one => one.Kind.ToString())];

    private static List<PortEvent> Reported(HostCensus[] censuses, bool areTimed = false)
    {
        var state = new CensusEventsState();
        var told = new List<PortEvent>();
        for (var i = 0; i < censuses.Length; i++)
        {
            (state, var events) = CensusEvents.Step(state, areTimed ? censuses[i] : censuses[i] with { TakenAt = Noon.AddSeconds(i) });
            told.AddRange(events);
        }
        return told;
    }

    private static HostCensus Census(int second, params CensusSocket[] sockets) =>
        new() { TakenAt = Noon.AddSeconds(second), NetworkNamespace = 77, Sockets = [.. sockets] };

    private static CensusSocket Listener(ulong cookie, string address, ushort port, int pid = 101, Fact isV6Only = Fact.No)
    {
        Assert.True(IpAddress.TryParse(address, out var local));
        return new CensusSocket(new HeldSocket
        {
            Protocol = Protocol.Tcp,
            Family = local.Family,
            State = TcpSocketState.Listen,
            Local = new IpEndpoint(local, port),
            V6Only = isV6Only,
            UserId = 33,
            Cookie = cookie,
        }, new CensusHolder(pid, "program", 0));
    }

    private static CensusSocket Bound(ulong cookie) =>
        Listener(cookie, "0.0.0.0", 80) is var one ? one with { Socket = one.Socket with { State = TcpSocketState.Bound } } : one;
}
