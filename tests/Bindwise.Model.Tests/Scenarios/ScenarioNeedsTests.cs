using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Tests.Scenarios;

/// <summary>What the steps of a scenario tell of the namespace that it needs.</summary>
public sealed class ScenarioNeedsTests
{
    private static readonly IpAddress Loopback = IpAddress.LoopbackIPv4;

    [Fact]
    public void Needs_OfNoSteps_AreNone()
    {
        var needs = ScenarioNeeds.Of(new Scenario("", []));
        Assert.True(needs is { Ports: [], Sysctls: [], UsesPortZero: false, TouchesRange: false, NamesPair: false });
    }

    [Fact]
    public void Ports_OfEveryStepThatNamesOne_AreAscendingAndOnce()
    {
        var needs = ScenarioNeeds.Of(new Scenario("",
        [
            new BindStep("a", Loopback, 8001), new ConnectStep("a", Loopback, 7), new ConnectStep("a", default, 0) { To = "b" },
            new SendStep("a", 1) { To = new IpEndpoint(Loopback, 9) }, new SendStep("a", 1), new BindStep("b", Loopback, 7),
        ]));
        Assert.Equal(new ushort[] { 7, 9, 8001 }, needs.Ports.ToArray());
        Assert.False(needs.UsesPortZero);
    }

    [Fact]
    public void PortZero_IsBoundOnly()
    {
        Assert.True(ScenarioNeeds.Of(new Scenario("", [new BindStep("a", Loopback, 0)])) is { UsesPortZero: true, Ports: [] });
        Assert.False(ScenarioNeeds.Of(new Scenario("", [new ConnectStep("a", Loopback, 0)])).UsesPortZero);
    }

    public static IEnumerable<object[]> OneStepAlone => new TheoryData<Step, bool>()
    {
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4), false },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Process = "p" }, true },
        { new StateStep("a"), false },
        { new NameStep("a"), false },
        { new HoldStep("a"), true },
        { new RepeatStep("a", SegmentKind.Fin), true },
        { new StreamStep("a", "b", 1), true },
        { new SignalStep("p", ProcessSignal.Kill), true },
        { new ExitStep("p"), true },
        { new RetryStep(new ListenStep("a"), 1, 2), true },
    };

    [Theory]
    [MemberData(nameof(OneStepAlone))]
    internal void Alone_IsWhatMeddlesWithMoreThanItsOwnSockets(Step step, bool isAlone) =>
        Assert.Equal(isAlone, ScenarioNeeds.Of(new Scenario("", [step])).IsAlone);

    [Fact]
    public void Ports_OfAnAttempt_Count() =>
        Assert.Equal((ushort)7, Assert.Single(ScenarioNeeds.Of(new Scenario("", [new RetryStep(new BindStep("a", Loopback, 7), 1, 2)])).Ports));

    public static IEnumerable<object[]> OneStep => new TheoryData<Step, bool, bool>()
    {
        { new SysctlStep("net.ipv4.ip_local_port_range", "1 2"), true, false },
        { new SysctlStep("net.ipv4.ip_local_reserved_ports", ""), true, false },
        { new SysctlStep("net.ipv4.tcp_tw_reuse", "1"), false, false },
        { new SetStep("a", SocketOption.LocalPortRange, new(1)), true, false },
        { new SetStep("a", SocketOption.BindToDevice, new(0, "v1")), false, true },
        { new SetStep("a", SocketOption.BindToDevice, new(0, "lo")), false, false },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "v0" }, false, true },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4), false, false },
        { new BindStep("a", Loopback, 1) { Scope = "v0" }, false, true },
    };

    [Theory]
    [MemberData(nameof(OneStep))]
    internal void RangeAndPair_OfOneStep_AreTold(Step step, bool touchesRange, bool namesPair)
    {
        var needs = ScenarioNeeds.Of(new Scenario("", [step]));
        Assert.Equal((touchesRange, namesPair), (needs.TouchesRange, needs.NamesPair));
    }
}
