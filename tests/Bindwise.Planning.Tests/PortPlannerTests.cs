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
