using System.Collections.Immutable;
using Bindwise.Model.Listing;

namespace Bindwise.Model.Tests.Listing;

public sealed class PortListerTests
{
    private static readonly HostSettings Settings = new() { LocalPortFirst = 32768, LocalPortLast = 60999, ReservedPorts = [new PortRange(50000, 50009)] };

    [Fact]
    public void List_BothFamiliesOfOneProcess_AreOneLine()
    {
        var port = Assert.Single(List([Listener(1, "127.0.0.1", 3000), Listener(2, "::1", 3000)], [new Holder(1, 7, 3), new Holder(2, 7, 4)], Process(7)).Ports);
        Assert.Equal("127.0.0.1,[::1]", Addresses(port));
        Assert.Equal(("app", 1), (port.Name, port.OwnerCount));
        Assert.Empty(port.Warnings);
    }

    [Fact]
    public void List_OneFamilyEachOfTwoPrograms_AreTwoLinesAndTheIPv4OneIsShadowed()
    {
        var ports = List([Listener(1, "127.0.0.1", 3000), Listener(2, "::1", 3000)], [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "vite")).Ports;
        Assert.Equal(["localhost may lead to vite (pid 8) on [::1]", ""], ports.Select(Warnings));
    }

    // localhost is 127.0.0.1 alone of 127.0.0.0/8.
    [Theory]
    [InlineData("127.0.0.2", false)]
    [InlineData("0.0.0.0", true)]
    public void List_IPv4OfAnotherLoopbackAddress_IsNotWhereLocalhostLeads(string address, bool isShadowed)
    {
        var ports = List([Listener(1, address, 3000), Listener(2, "::1", 3000)], [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "vite")).Ports;
        Assert.Equal([isShadowed ? "localhost may lead to vite (pid 8) on [::1]" : "", ""], ports.Select(Warnings));
    }

    [Fact]
    public void List_WildcardBesideASpecificAddress_IsShadowed()
    {
        var ports = List([Listener(1, "0.0.0.0", 3000), Listener(2, "127.0.0.1", 3000)], [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "vite")).Ports;
        Assert.Equal(["vite (pid 8) gets what is sent to 127.0.0.1", ""], ports.Select(Warnings));
    }

    [Fact]
    public void List_IPv6WildcardOfBothFamiliesBesideTheIPv4One_LosesIPv4()
    {
        var ports = List([Listener(1, "::", 3000, Fact.No), Listener(2, "0.0.0.0", 3000)], [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "vite")).Ports;
        Assert.Equal("vite (pid 8) gets what is sent over IPv4", Warnings(ports.Single(static port => port.Name == "app")));
    }

    // Of what is sent to these each socket gets a copy.
    [Theory]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::fb")]
    public void List_WildcardBesideAMulticastOrBroadcastAddress_LosesNothing(string address)
    {
        var wildcard = address.Contains(':', StringComparison.Ordinal) ? "::" : "0.0.0.0";
        ImmutableArray<HeldSocket> sockets = [Listener(1, wildcard, 5353) with { Protocol = Protocol.Udp }, Listener(2, address, 5353) with { Protocol = Protocol.Udp }];
        Assert.Equal(["", ""], List(sockets, [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "avahi")).Ports.Select(Warnings));
    }

    [Theory]
    [InlineData(Fact.No, "vite (pid 8) gets what is sent to 127.0.0.1")]
    [InlineData(Fact.Yes, "")]
    public void List_IPv6WildcardBesideAnIPv4Address_IsShadowedIfItTakesIPv4(Fact v6Only, string warning)
    {
        var ports = List([Listener(1, "::", 3000, v6Only), Listener(2, "127.0.0.1", 3000)], [new Holder(1, 7, 3), new Holder(2, 8, 3)], Process(7), Process(8, "vite")).Ports;
        Assert.Equal(warning, Warnings(ports.Single(static port => port.Name == "app")));
    }

    // The name and the id are one process's; the program for which it is kept finds the line too.
    [Theory]
    [InlineData("run --hold -- node /srv/web.js", "web.js")]
    [InlineData("pick --hold-leases 0ms --until-listening 3 npm 3000", "npm")]
    [InlineData("serve", "bindwise")]
    public void List_SocketThatIsKept_IsOfTheProcessThatKeepsIt(string command, string word)
    {
        var keeper = Process(7, "bindwise") with { Arguments = ["bindwise", .. command.Split(' ')] };
        Assert.Equal("bindwise", Assert.Single(List([Listener(1, "0.0.0.0", 3000)], [new Holder(1, 7, 3)], [], false, PortFilter.Parse([word]).Value!, keeper).Ports).Name);
    }

    [Fact]
    public void List_ConnectionsAlone_AreOfTheProcessThatHasOne()
    {
        ImmutableArray<ConnectionTally> tallies =
        [
            new(Protocol.Tcp, 9000, null, [new StateCount(TcpSocketState.Established, 2)], Inode: 1),
            new(Protocol.Tcp, 9001, null, [new StateCount(TcpSocketState.TimeWait, 4)]),
            new(Protocol.Tcp, 40000, null, [new StateCount(TcpSocketState.Established, 1)], Inode: 1),
        ];
        var ports = List([], [new Holder(1, 7, 3)], tallies, true, PortFilter.TcpAndUdp, Process(7)).Ports;
        Assert.Equal(["9000 app 1", "9001  0", "40000  0"], ports.Select(static port => $"{port.Port} {port.Name} {port.OwnerCount}"));
        Assert.Equal([9000, 40000], List([], [new Holder(1, 7, 3)], tallies, true, PortFilter.Parse(["tcp", "7"]).Value!, Process(7)).Ports.Select(static port => (int)port.Port!));
    }

    [Fact]
    public void List_WorkersThatOneProgramForked_AreOneLine()
    {
        var port = Assert.Single(List(
            [Listener(1, "0.0.0.0", 80), Listener(2, "0.0.0.0", 80)], [new Holder(1, 11, 3), new Holder(2, 12, 3)],
            Process(10), Process(11) with { ParentId = 10 }, Process(12) with { ParentId = 10 }).Ports);
        Assert.Equal((2, 2), (port.Sockets.Length, port.OwnerCount));
    }

    [Fact]
    public void List_TwoProgramsOnOneAddress_ShareAndHaveNoCountOfConnections()
    {
        var ports = List(
            [Listener(1, "0.0.0.0", 80), Listener(2, "0.0.0.0", 80)], [new Holder(1, 7, 3), new Holder(2, 8, 3)],
            [new ConnectionTally(Protocol.Tcp, 80, IpAddress.AnyIPv4, [new StateCount(TcpSocketState.Established, 5)])], false, PortFilter.TcpAndUdp, Process(7), Process(8, "vite")).Ports;
        Assert.Equal(["shares its connections with vite (pid 8)", "shares its connections with app (pid 7)"], ports.Select(Warnings));
        Assert.All(ports, static port => Assert.Null(port.Connections));
    }

    [Fact]
    public void List_ListenersOnBothFamiliesAndOnIPv6Alone_ShareUnevenly()
    {
        var ports = List(
            [Listener(1, "::", 80), Listener(2, "::", 80, Fact.Yes)], [new Holder(1, 7, 3), new Holder(2, 8, 3)],
            Process(7), Process(8, "vite")).Ports;
        Assert.Equal("shares [::] with vite (pid 8) unevenly: the first to listen gets all IPv6 connections", Warnings(ports[0]));
    }

    [Theory]
    [InlineData('T', false, "suspended (Ctrl+Z)")]
    [InlineData('t', false, "stopped by a debugger")]
    [InlineData('S', true, "executable deleted")]
    [InlineData('T', true, "suspended (Ctrl+Z); executable deleted")]
    public void List_OwnerInAnOddState_SaysSo(char state, bool isDeleted, string warning) =>
        Assert.Equal(warning, Warnings(Assert.Single(List([Listener(1, "127.0.0.1", 80)], [new Holder(1, 7, 3)], Process(7) with { State = state, ExecutableDeleted = isDeleted }).Ports)));

    [Theory]
    [InlineData(40000, "in the ephemeral range")]
    [InlineData(50005, "")]
    [InlineData(30000, "")]
    public void List_Listener_IsWarnedOfTheEphemeralRangeUnlessReserved(int port, string warning) =>
        Assert.Equal(warning, Warnings(Assert.Single(List([Listener(1, "127.0.0.1", port)], [new Holder(1, 7, 3)], Process(7)).Ports)));

    [Theory]
    [InlineData(3, 0, "open to the network, all 3 connections are from loopback")]
    [InlineData(1, 0, "open to the network, its only connection is from loopback")]
    [InlineData(3, 1, "")]
    [InlineData(0, 0, "")]
    public void List_Wildcard_IsWarnedOfOnlyWhereAllConnectionsAreLocal(int connections, int outside, string warning)
    {
        ImmutableArray<ConnectionTally> tallies = connections == 0 ? [] : [new ConnectionTally(Protocol.Tcp, 80, IpAddress.AnyIPv4, [new StateCount(TcpSocketState.Established, connections)]) { FromOutside = outside }];
        var port = Assert.Single(List([Listener(1, "0.0.0.0", 80)], [new Holder(1, 7, 3)], tallies, false, PortFilter.TcpAndUdp, Process(7)).Ports);
        Assert.Equal((connections, warning), (port.Connections, Warnings(port)));
    }

    [Fact]
    public void List_AllConnections_SumsTheEphemeralRangeUpAndTheOthersByPort()
    {
        ImmutableArray<ConnectionTally> tallies =
        [
            new(Protocol.Tcp, 80, IpAddress.AnyIPv4, [new StateCount(TcpSocketState.TimeWait, 9), new StateCount(TcpSocketState.Established, 2)]),
            new(Protocol.Tcp, 9000, null, [new StateCount(TcpSocketState.TimeWait, 4)]),
            new(Protocol.Tcp, 40000, null, [new StateCount(TcpSocketState.TimeWait, 1)]),
            new(Protocol.Tcp, 40007, null, [new StateCount(TcpSocketState.Established, 1)]),
        ];
        var ports = List([Listener(1, "0.0.0.0", 80)], [], tallies, true, PortFilter.TcpAndUdp).Ports;
        Assert.Equal(["80/tcp", "9000/tcp", "40000-40007/tcp"], ports.Select(PortColumns.Target));
        Assert.Equal((2, 9), (ports[0].Connections, ports[0].TimeWaits));
        Assert.Equal([new StateCount(TcpSocketState.Established, 2), new StateCount(TcpSocketState.TimeWait, 9)], ports[0].States.ToArray());
        Assert.Equal((0, 4), (ports[1].Connections, ports[1].TimeWaits));
        Assert.Equal((1, 1, 2), (ports[2].Connections, ports[2].TimeWaits, ports[2].PortCount));
        var asked = List([], [], tallies, true, PortFilter.Parse([":40007"]).Value!).Ports;
        Assert.Equal("40007/tcp", PortColumns.Target(Assert.Single(asked)));
    }

    [Fact]
    public void List_AllConnections_OfWhatAcceptsNone_AreNotCounted()
    {
        ImmutableArray<HeldSocket> sockets =
        [
            Listener(1, "0.0.0.0", 80), Listener(2, "0.0.0.0", 81) with { State = TcpSocketState.Bound },
            Listener(3, "0.0.0.0", 82) with { Protocol = Protocol.Udp, State = TcpSocketState.Close }, Listener(4, "0.0.0.0", 83) with { Protocol = Protocol.Udp, State = TcpSocketState.Close },
        ];
        ImmutableArray<ConnectionTally> tallies =
            [new(Protocol.Udp, 83, IpAddress.AnyIPv4, [new StateCount(TcpSocketState.Established, 2)]), new(Protocol.Tcp, 81, null, [new StateCount(TcpSocketState.TimeWait, 4)])];
        var ports = List(sockets, [], tallies, true, PortFilter.TcpAndUdp).Ports.Where(static port => !port.Sockets.IsEmpty);
        Assert.Equal([(80, 0), (81, null), (82, null), (83, 2)], ports.Select(static port => ((int)port.Port!, port.Connections)));
    }

    [Fact]
    public void List_QueuesThatWereNotTold_AreNone()
    {
        var survey = Survey([Listener(1, "0.0.0.0", 80)], [], [], false);
        var (told, untold) = (PortLister.List(survey, PortFilter.TcpAndUdp).Ports[0], PortLister.List(survey with { AreQueuesUnknown = true }, PortFilter.TcpAndUdp).Ports[0]);
        Assert.Equal((0L, 0L, null, null), (told.Queue, told.Backlog, untold.Queue, untold.Backlog));
    }

    [Fact]
    public void List_Sockets_StandByProtocolPortAndName()
    {
        HeldSocket Unix(ulong inode, string path, byte type) => Listener(inode, "0.0.0.0", 0) with { Protocol = Protocol.Unix, Path = path, SocketType = type };
        var ports = List(
            [Unix(1, "/run/b", 5), Listener(9, "0.0.0.0", 90), Listener(8, "::", 80), Listener(7, "0.0.0.0", 90) with { Protocol = Protocol.Udp, State = TcpSocketState.Close },
                Unix(3, "/run/a", 2), Unix(2, "/run/a", 1), Listener(5, "127.0.0.1", 80), Unix(4, "/run/a", 2)], []).Ports;
        Assert.Equal(["80/tcp 5 8", "90/tcp 9", "90/udp 7", "/run/a 2", "/run/a 3 4", "/run/b 1"],
            ports.Select(static port => $"{PortColumns.Target(port)} {string.Join(' ', port.Sockets.Select(static socket => socket.Inode))}"));
    }

    [Theory]
    [InlineData(1000, 3, "1 line has no owner: it is another user's process, which you may not inspect. With sudo you see its name, pid, project and start.")]
    [InlineData(0, 3, "1 line has no owner: a process that may have it cannot be inspected from here, even as root.")]
    [InlineData(1000, 0, "1 line has no owner: no process shows the socket. bindwise why 80/tcp looks further.")]
    public void List_LineWithoutAnOwner_IsToldOnceWithWhatWouldShowIt(int user, int unreadable, string note)
    {
        var survey = Survey([Listener(1, "0.0.0.0", 80) with { UserId = 33 }], [], [], false);
        survey = survey with
        {
            Snapshot = survey.Snapshot with
            {
                Caller = new Caller { UserId = (uint)user },
                Coverage = new Coverage { OwnersRead = true, UnreadableProcesses = unreadable },
                Hints = [new CreatorHint
        {
            Inode = 1,
            UserName = "www-data",
        }]
            }
        };
        var listing = PortLister.List(survey, PortFilter.TcpAndUdp);
        Assert.Equal(note, Assert.Single(listing.Notes));
        var port = Assert.Single(listing.Ports);
        Assert.Equal((null, "www-data", unreadable > 0), (port.Name, port.UserName, port.IsOwnerHidden));
    }

    [Theory]
    [InlineData("it is a process that you may not inspect, probably your own (file capabilities, setuid, or not dumpable). With sudo you see its name, pid, project and start.", 1000u)]
    [InlineData("they are other users' processes, which you may not inspect. With sudo you see their names, pids, projects and starts.", 33u, 0u)]
    [InlineData("they are processes that you may not inspect, probably your own (file capabilities, setuid, or not dumpable). With sudo you see their names, pids, projects and starts.", 1000u, 1000u)]
    [InlineData("they are processes that you may not inspect, other users' and probably your own (file capabilities, setuid, or not dumpable). With sudo you see their names, pids, projects and starts.", 33u, 1000u)]
    public void List_LinesWithoutAnOwner_AreToldByWhoMadeTheSockets(string told, params uint[] users)
    {
        var survey = Survey([.. users.Select(static (user, i) => Listener((ulong)i + 1, "0.0.0.0", (ushort)(80 + i)) with { UserId = user })], [], [], false);
        var snapshot = survey.Snapshot with { Caller = new Caller { UserId = 1000 }, Coverage = new Coverage { OwnersRead = true, UnreadableProcesses = 3 } };

        var note = Assert.Single(PortLister.List(survey with { Snapshot = snapshot }, PortFilter.TcpAndUdp).Notes);

        Assert.Equal((users.Length == 1 ? "1 line has" : "2 lines have") + " no owner: " + told, note);
    }

    [Fact]
    public void Queue_OfSeveralSockets_IsThatOfTheFullest()
    {
        var port = Assert.Single(List(
            [Listener(1, "127.0.0.1", 80) with { ReceiveQueue = 5, SendQueue = 100 }, Listener(2, "::1", 80) with { ReceiveQueue = 4, SendQueue = 4 }],
            [new Holder(1, 7, 3), new Holder(2, 7, 4)], Process(7)).Ports);
        Assert.Equal((4L, 4L), (port.Queue, port.Backlog));
    }

    private static PortListing List(ImmutableArray<HeldSocket> sockets, ImmutableArray<Holder> holders, params ImmutableArray<ProcessRecord> processes) =>
        List(sockets, holders, [], false, PortFilter.TcpAndUdp, processes);

    private static PortListing List(
        ImmutableArray<HeldSocket> sockets, ImmutableArray<Holder> holders, ImmutableArray<ConnectionTally> tallies, bool all, PortFilter filter, params ImmutableArray<ProcessRecord> processes) =>
        PortLister.List(Survey(sockets, holders, tallies, all, processes), filter);

    private static PortSurvey Survey(
        ImmutableArray<HeldSocket> sockets, ImmutableArray<Holder> holders, ImmutableArray<ConnectionTally> tallies, bool all, params ImmutableArray<ProcessRecord> processes) =>
        new(new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Sockets = sockets, Holders = holders, Processes = processes, Settings = Settings }, tallies, all);

    private static HeldSocket Listener(ulong inode, string address, int port, Fact v6Only = Fact.No)
    {
        Assert.True(IpAddress.TryParse(address, out var parsed));
        return new HeldSocket
        {
            Protocol = Protocol.Tcp,
            Family = parsed.Family,
            State = TcpSocketState.Listen,
            Local = new IpEndpoint(parsed, (ushort)port),
            V6Only = parsed.Family == IpFamily.IPv6 ? v6Only : Fact.No,
            Inode = inode,
        };
    }

    private static ProcessRecord Process(int id, string name = "app") => new() { Id = id, Name = name, Executable = "/usr/bin/" + name, State = 'S', StartTicks = (ulong)id };

    private static string Addresses(ListedPort port) => string.Join(',', PortColumns.Addresses(port, static _ => null));

    private static string Warnings(ListedPort port) => string.Join("; ", port.Warnings.Select(static warning => warning.Text));
}
