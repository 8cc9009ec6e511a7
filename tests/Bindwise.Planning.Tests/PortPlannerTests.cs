using System.Collections.Immutable;
using Bindwise.Model.Planning;

namespace Bindwise.Planning.Tests;

/// <summary>What the rule model says of pairs of ports.</summary>
public sealed class PortPlannerTests
{
    private static readonly IpAddress Loopback = IpAddress.LoopbackIPv4;

    [Fact]
    public void Tcp_TwoListeners_CollideWhereTheirAddressesMeet()
    {
        Assert.Equal("BW004", Rule(Bind(IpAddress.AnyIPv4), Bind(Loopback)));
        Assert.Equal("BW004", Rule(Bind(IpAddress.AnyIPv6, v6Only: false), Bind(Loopback)));
        Assert.Null(Rule(Bind(IpAddress.AnyIPv6, v6Only: true), Bind(IpAddress.AnyIPv4)));
        Assert.Null(Rule(Bind(Loopback), Bind(IpAddress.LoopbackIPv6)));
        Assert.Null(Rule(Bind(Loopback), Bind(Loopback) with { Protocol = Protocol.Udp }));
    }

    [Fact]
    public void Tcp_ReusePort_SharesForOneUserOnly()
    {
        var mine = Bind(Loopback) with { ReusePort = true, UserId = 1 };
        Assert.Null(Rule(mine, mine));
        Assert.Equal("BW009", Rule(mine, mine with { UserId = 2 }));
        Assert.Equal("BW004", Rule(mine, mine with { ReusePort = false }));
    }

    [Fact]
    public void Udp_ReuseAddress_SharesAndIsWarnedOf()
    {
        var bind = Bind(Loopback) with { Protocol = Protocol.Udp, ReuseAddress = true };
        Assert.Null(Rule(bind, bind));
        Assert.Equal("BW022", Rule(bind, bind with { ReuseAddress = false }));
        Assert.Contains(Check(Port(1, bind), Port(2, bind)).Remarks, static remark => remark.Id == "shared" && remark.Text.Contains("BW020", StringComparison.Ordinal));
        // The newest of equals: without SO_REUSEPORT nothing is spread.
        Assert.Contains(Check(Port(1, bind), Port(2, bind)).Remarks, static remark => remark.Text.EndsWith(": the one that starts last gets every datagram to 127.0.0.1", StringComparison.Ordinal));
        // The options let it pass before the addresses are looked at: nothing is shared.
        Assert.DoesNotContain(Check(Port(1, bind), Port(2, bind with { Address = IpAddress.LoopbackIPv6 })).Remarks, static remark => remark.Id == "shared");
    }

    [Fact]
    public void Devices_ThatDiffer_KeepSocketsApart()
    {
        Assert.Null(Rule(Bind(IpAddress.AnyIPv4) with { Device = "eth0" }, Bind(IpAddress.AnyIPv4) with { Device = "eth1" }));
        Assert.Equal("BW004", Rule(Bind(IpAddress.AnyIPv4) with { Device = "eth0" }, Bind(IpAddress.AnyIPv4)));
    }

    [Fact]
    public void UnixAddresses_CollideByPathAndName()
    {
        Assert.Equal("BW051", Rule(new BindRequest { Protocol = Protocol.Unix, Path = "/run/a" }, new BindRequest { Protocol = Protocol.Unix, Path = "/run/a" }));
        Assert.Equal("BW052", Rule(new BindRequest { Protocol = Protocol.Unix, Path = "@a" }, new BindRequest { Protocol = Protocol.Unix, Path = "@a" }));
        Assert.Null(Rule(new BindRequest { Protocol = Protocol.Unix, Path = "/run/a" }, new BindRequest { Protocol = Protocol.Unix, Path = "/run/b" }));
    }

    [Fact]
    public void Ranges_CollideInTheirCommonPart()
    {
        var conflict = Assert.Single(Check(Port(1, Bind(Loopback, 8000)) with { Count = 11 }, Port(2, Bind(Loopback, 8005)) with { Count = 100 }).Conflicts);
        Assert.Equal("8005-8010/tcp", conflict.Target);
        Assert.Empty(Check(Port(1, Bind(Loopback, 8000)) with { Count = 5 }, Port(2, Bind(Loopback, 8005))).Conflicts);
    }

    [Theory]
    [InlineData(32768, "in-ephemeral-range")]
    [InlineData(60999, "in-ephemeral-range")]
    [InlineData(61000, null)]
    [InlineData(80, "privileged-port")]
    [InlineData(6000, "browser-blocked")]
    [InlineData(8080, null)]
    public void Ports_OfInterest_AreWarnedOf(int port, string? id) =>
        Assert.Equal(id is null ? [] : [id], Check(Port(1, Bind(Loopback, port)) with { IsForBrowsers = true }).Remarks.Select(static remark => remark.Id));

    [Fact]
    public void Settings_OfTheHost_Count()
    {
        var settings = new HostSettings { UnprivilegedPortStart = 0, LocalPortFirst = 1024, LocalPortLast = 9000, ReservedPorts = [new PortRange(8080, 8080)] };
        Assert.Empty(PortPlanner.Check([Port(1, Bind(Loopback, 80)), Port(2, Bind(Loopback, 8080))], new PlanCircumstances { Settings = settings }).Remarks);
        Assert.Equal("in-ephemeral-range", Assert.Single(PortPlanner.Check([Port(1, Bind(Loopback, 8081))], new PlanCircumstances { Settings = settings }).Remarks).Id);
    }

    [Fact]
    public void Running_ListenerOfThisHost_IsInTheWay()
    {
        var held = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(Loopback, 8080), Inode = 1, ReuseAddress = Fact.Yes, ReusePort = Fact.No, UserId = 5 };
        var listing = new PortListing { Ports = [new ListedPort { Protocol = Protocol.Tcp, Port = 8080, Name = "nginx", Sockets = [held] }] };
        var plan = PortPlanner.Check([Port(1, Bind(IpAddress.AnyIPv4)), Port(2, Bind(IpAddress.LoopbackIPv6))], new PlanCircumstances { Running = listing });
        var conflict = Assert.Single(plan.Conflicts);
        Assert.Equal(("nginx", "BW004", 1, 8080), (conflict.Running?.Name, conflict.Rule.Id, conflict.First.Location.Line, conflict.Port));
    }

    /// <summary>The listing tells no options: where the rules need them, one look at the host tells, or else a bind() that it tried.</summary>
    [Theory]
    [InlineData(TcpSocketState.Bound, false, Fact.Yes, null, null)]
    [InlineData(TcpSocketState.Bound, false, Fact.No, null, "BW005")]
    [InlineData(TcpSocketState.Bound, false, Fact.Unknown, 0, null)]
    [InlineData(TcpSocketState.Bound, false, Fact.Unknown, 98, "BW005")]
    [InlineData(TcpSocketState.Bound, false, Fact.Unknown, null, "p1 may collide with nginx on 8080/tcp: whether its socket there lets others share the port cannot be seen")]
    [InlineData(TcpSocketState.Bound, false, Fact.Unknown, 13, "p1 may collide with nginx on 8080/tcp: whether its socket there lets others share the port cannot be seen")]
    [InlineData(TcpSocketState.Listen, true, Fact.Yes, null, null)]
    [InlineData(TcpSocketState.Listen, true, Fact.No, null, "BW004")]
    [InlineData(TcpSocketState.Listen, false, Fact.Yes, null, "BW004")]
    public void Running_SocketOfUnknownOptions_IsLookedAt(TcpSocketState state, bool reusePort, Fact option, int? errno, string? expected)
    {
        var listed = new HeldSocket { Protocol = Protocol.Tcp, State = state, Local = new IpEndpoint(Loopback, 8080), Inode = 1, Cookie = 7, UserId = 5 };
        var bind = Bind(IpAddress.AnyIPv4) with { ReusePort = reusePort, UserId = 5 };
        var looks = 0;
        var plan = PortPlanner.Check([Port(1, bind)], new PlanCircumstances { Running = Listing("nginx", listed), ReadSnapshot = ReadSnapshot });
        Assert.Equal(expected, plan.Conflicts.Select(static one => one.Rule.Id).Concat(plan.Remarks.Where(static one => one.Id == "likely-conflict").Select(static one => one.Text)).SingleOrDefault());
        // SO_REUSEADDR changes nothing for a listener.
        Assert.Equal(state == TcpSocketState.Listen && !reusePort ? 0 : 1, looks);

        Snapshot? ReadSnapshot(BindRequest asked)
        {
            looks++;
            Assert.Equal(bind, asked);
            return new Snapshot
            {
                TakenAt = default,
                Sockets = [listed with { ReuseAddress = option, ReusePort = option }],
                Probes = errno is { } number ? [new ProbeResult(bind with { UserId = 0 }, number)] : [],
            };
        }
    }

    [Fact]
    public void Running_UnixSocket_IsFoundByItsFile()
    {
        var held = new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "n.sock", FileInode = 3, Inode = 1 };
        var bind = new BindRequest { Protocol = Protocol.Unix, Path = "/run/n.sock" };
        var looks = new List<string?>();
        var circumstances = new PlanCircumstances
        {
            Running = Listing("nginx", held),
            ReadSnapshot = asked =>
            {
                looks.Add(asked.Path);
                return new Snapshot { TakenAt = default, Sockets = [held], UnixPath = new UnixPathRecord { Path = asked.Path!, Exists = true, IsSocket = true, FileInode = 3 } };
            },
        };
        var conflict = Assert.Single(PortPlanner.Check([Port(1, bind), Port(2, bind with { Path = "n.sock" })], circumstances).Conflicts);
        Assert.Equal(("nginx", "BW051", "/run/n.sock"), (conflict.Running?.Name, conflict.Rule.Id, conflict.Target));
        Assert.Equal(["/run/n.sock"], looks);
        var replacing = PortPlanner.Check([Port(1, bind) with { ReplacesFile = true }], circumstances);
        Assert.Empty(replacing.Conflicts);
        Assert.Equal("p1 takes /run/n.sock from nginx of this host, which gets no connection then; it puts its socket in place of what is there, so no bind() fails", Assert.Single(replacing.Remarks, static one => one.Id == "replaces").Text);
    }

    [Fact]
    public void Assumed_AndPreferredPorts_AreNoConflicts()
    {
        Assert.Equal("likely-conflict", Assert.Single(Check(Port(1, Bind(Loopback)) with { Certainty = PlanCertainty.Assumed }, Port(2, Bind(Loopback))).Remarks).Id);
        Assert.Equal("other-port", Assert.Single(Check(Port(1, Bind(Loopback)) with { Certainty = PlanCertainty.Preferred }, Port(2, Bind(Loopback))).Remarks).Id);
    }

    [Fact]
    public void Conflicts_AreCut_AndSaidToBe()
    {
        var plan = PortPlanner.Check([.. Enumerable.Range(1, 100).Select(static line => Port(line, Bind(Loopback)))], new PlanCircumstances());
        Assert.Equal((PortPlanner.MostConflicts, true), (plan.Conflicts.Length, plan.IsCut));
    }

    private static PortListing Listing(string name, HeldSocket held) => new()
    {
        Ports = [new ListedPort { Protocol = held.Protocol, Port = held.Protocol == Protocol.Unix ? null : held.Local.Port, Name = name, Sockets = [held] }],
    };

    private static string? Rule(BindRequest one, BindRequest other)
    {
        var (first, second) = (Check(Port(1, one), Port(2, other)).Conflicts, Check(Port(1, other), Port(2, one)).Conflicts);
        Assert.Equal(first.Select(static conflict => conflict.Rule.Id), second.Select(static conflict => conflict.Rule.Id));
        return first.SingleOrDefault()?.Rule.Id;
    }

    private static PortPlan Check(params PlannedPort[] ports) => PortPlanner.Check(ports, new PlanCircumstances());

    private static BindRequest Bind(IpAddress address, int port = 8080, bool? v6Only = null) =>
        new() { Protocol = Protocol.Tcp, Address = address, Port = (ushort)port, ReuseAddress = true, V6Only = v6Only };

    private static PlannedPort Port(int line, BindRequest bind) =>
        new() { Format = "test", Location = new PlanLocation("a", line), Name = "p" + line, Text = "t", Binds = ImmutableArray.Create(bind) };
}
