using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Tests.Scenarios;

public class ScenarioBuilderTests
{
    [Fact]
    public void Build_EveryCall_IsTheStepThatTheTextSays()
    {
        var built = new ScenarioBuilder("all")
            .Tcp("a", user: 1000).Set("a", SocketOption.ReuseAddress).Bind("a", "127.0.0.1", 8080).Listen("a").Expect("ok")
            .Udp("u", IpFamily.IPv6).Bind("u", "fe80::1%v0", 53)
            .Tcp("c").Connect("c", "a").Accept("a", "s").Send("c", 100).Receive("s", 100).Shutdown("c", ShutdownHow.Write)
            .Connect("c", "127.0.0.1", 8080).Close("s")
            .Tcp("p", process: "shop").State("a").Expect("LISTEN").Signal("shop", ProcessSignal.Terminate).Exit("shop")
            .Build();
        const string Text = """
            scenario all
            a = tcp user 1000 reuseaddr 127.0.0.1:8080
            listen a      -> ok
            u = udp6 [fe80::1%v0]:53
            c = connect a; s = accept a; send c 100; receive s 100; shutdown c write
            connect c 127.0.0.1:8080; close s
            p = tcp in shop
            state a       -> LISTEN
            signal shop TERM; exit shop
            """;
        Assert.Equal(BindText.Parse(Text).Scenario, built);
    }

    [Fact]
    public void Build_StepThatNoFormCanSay_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new ScenarioBuilder().Tcp("").Build());
        Assert.Throws<ArgumentException>(() => new ScenarioBuilder().Bind("a", "localhost", 80));
        Assert.Throws<ArgumentException>(() => new ScenarioBuilder().Connect("a", "fe80::1%v0", 80));
    }

    [Theory]
    [MemberData(nameof(NotValid))]
    internal void FaultOf_ScenarioThatIsNotValid_NamesTheStep(Step step, string what)
    {
        var fault = ScenarioRules.FaultOf(new Scenario("", [new CloseStep("a"), step]))!;
        Assert.Equal(1, fault.Step);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
    }

    public static IEnumerable<object[]> NotValid() => new TheoryData<Step, string>()
    {
        { new OpenStep("a", Protocol.Unix, IpFamily.IPv4), "tcp or udp" },
        { new OpenStep("a", Protocol.Tcp, 0), "ipv4 or ipv6" },
        { new OpenStep("a\n", Protocol.Tcp, IpFamily.IPv4), "cannot be seen" },
        { new OpenStep(new string('a', 201), Protocol.Tcp, IpFamily.IPv4), "201 characters, more than 200" },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { User = uint.MaxValue }, "not a user id" },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "a/b" }, "not a known interface" },
        { new SetStep("a", (SocketOption)99, default), "none that scenarios know" },
        { new SetStep("a", SocketOption.ReuseAddress, new OptionValue(long.MaxValue)), "does not take" },
        { new SetStep("a", SocketOption.BindToDevice, new OptionValue(0, "..")), "not a known interface" },
        { new BindStep("a", default, 1), "no address" },
        { new BindStep("a", IpAddress.LoopbackIPv4, 1) { Scope = "lo" }, "has no scope" },
        { new ConnectStep("a", default, 1), "no address" },
        { ConnectStep.Toward("a", ""), "cannot be empty" },
        { new AcceptStep("a", ""), "cannot be empty" },
        { new SendStep("a", -1), "-1 bytes" },
        { new SendStep("a", int.MaxValue), "2147483647 bytes" },
        { new ReceiveStep("a", 0), "0 bytes" },
        { new ShutdownStep("a", (ShutdownHow)3), "read, write or both" },
        { new WaitStep(-0.001m), "out of range" },
        { new WaitStep(decimal.MaxValue), "out of range" },
        { new WaitStep(0.0001m), "finer than a millisecond" },
        { new SysctlStep("net.ipv4.nothing", "1"), "no sysctl" },
        { new SysctlStep("net.ipv4.tcp_tw_reuse", "0\n"), "no sysctl takes" },
        { new ExpectStep("OK"), "is not a result" },
        { new ExpectStep("ENOTSUP"), "write EOPNOTSUPP" },
        { new ExpectStep("[0::1]:80"), "write [::1]:80" },
        { new ExpectStep("ok") { Claimed = "yes" }, "is not a result" },
        { new RepeatStep("a", (SegmentKind)9), "data, syn, fin, ack or reset" },
        { new StreamStep("a", "b", 0), "out of range" },
        { new StreamStep("a", "", 1), "cannot be empty" },
        { new SignalStep("p", (ProcessSignal)1), "INT, TERM or KILL" },
        { new SignalStep("", ProcessSignal.Kill), "process's name cannot be empty" },
        { new ExitStep("a\u0007"), "cannot be seen" },
        { new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Process = "" }, "process's name cannot be empty" },
        { new RetryStep(new CloseStep("a"), 1, 2), "retry tries bind, listen or connect, not close" },
        { new RetryStep(new ListenStep(""), 1, 2), "cannot be empty" },
        { new RetryStep(new ListenStep("a"), 0, 2), "at least 10ms" },
        { new ExpectStep("ok") { Rule = "BW" }, "not a rule id" },
        { new ExpectStep("ok") { By = "" }, "cannot be empty" },
        { new ExpectStep("ok") { Steps = 0 }, "out of range" },
        { new ExpectStep("ok") { Steps = 2 }, "there is 1" },
    };
}
