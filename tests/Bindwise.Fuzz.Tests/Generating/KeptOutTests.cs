using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests.Generating;

public sealed class KeptOutTests
{
    private const string Range = "net.ipv4.ip_local_port_range";

    public static IEnumerable<object[]> Undecided => new TheoryData<string, Step[]>()
    {
        { "a connection to two SO_REUSEPORT listeners", [.. Listener("a", "0.0.0.0", 80, reusePort: true), .. Listener("b", "127.0.0.1", 80, reusePort: true), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "the same, one of them without it by now", [.. Listener("a", "0.0.0.0", 80, reusePort: true), ReusePort("a", false), .. Listener("b", "0.0.0.0", 80), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "the same, by the listener's name", [.. Listener("a", "::", 80, reusePort: true), .. Listener("b", "::", 80, reusePort: true), Tcp("c"), new ConnectStep("c", default, 0) { To = "a" }] },
        { "a datagram to two sockets", [.. Udp("a", "0.0.0.0", 53), .. Udp("b", "127.0.0.1", 53), new OpenStep("c", Protocol.Udp, IpFamily.IPv4), new SendStep("c", 1) { To = Endpoint("127.0.0.1", 53) }] },
        { "the same, connected", [.. Udp("a", "0.0.0.0", 53), .. Udp("b", "::", 53), new OpenStep("c", Protocol.Udp, IpFamily.IPv4), To("c", "127.0.0.1", 53), new SendStep("c", 1)] },
        { "a datagram to a port that its sender is given too", [new SysctlStep(Range, "40000 40000"), .. Udp("a", "0.0.0.0", 40000), new OpenStep("c", Protocol.Udp, IpFamily.IPv4), new SendStep("c", 1) { To = Endpoint("127.0.0.1", 40000) }] },
        { "a free choice, then an ephemeral port", [Tcp("a"), Bind("a", "127.0.0.1", 0), Tcp("b"), Bind("b", "127.0.0.1", 40000)] },
        { "an ephemeral port, then a free choice", [Tcp("b"), Bind("b", "127.0.0.1", 40000), Tcp("a"), To("a", "127.0.0.1", 80)] },
        { "a connection to an ephemeral port by a free choice", [Tcp("a"), To("a", "127.0.0.1", 40000), Tcp("b"), To("b", "127.0.0.1", 80)] },
        { "a free choice, then a narrow one", [Tcp("a"), Bind("a", "127.0.0.1", 0), new SysctlStep(Range, "40000 40001"), Tcp("b"), Bind("b", "127.0.0.1", 0)] },
        { "a range of four", [new SysctlStep(Range, "40000 40003")] },
        { "a range that is not small", [new SysctlStep(Range, "20000 50000")] },
        { "connect within IP_LOCAL_PORT_RANGE of two", [Tcp("a"), OwnRange("a", 40000, 40001), To("a", "127.0.0.1", 80)] },
        { "UDP, one of two ports, at an address", [new SysctlStep(Range, "40000 40001"), .. Udp("a", "127.0.0.1", 0)] },
        { "UDP, one of two ports, then one of them by name", [new SysctlStep(Range, "40000 40001"), .. Udp("a", "0.0.0.0", 0), .. Udp("b", "127.0.0.1", 40000)] },
        { "the same at the wildcard", [new SysctlStep(Range, "40000 40001"), .. Udp("a", "0.0.0.0", 0), .. Udp("b", "0.0.0.0", 40000)] },
        { "UDP, one of two ports, by connect", [new SysctlStep(Range, "40000 40001"), new OpenStep("a", Protocol.Udp, IpFamily.IPv4), To("a", "127.0.0.1", 53)] },
        { "IPv6 after IPv4", [Tcp6("a"), To("a", "::ffff:127.0.0.1", 80), To("a", "::1", 80)] },
        { "the same with a wildcard", [Tcp6("a"), Bind("a", "::ffff:127.0.0.1", 80), To("a", "::", 80), new DisconnectStep("a"), To("a", "::1", 80)] },
        { "the same by a listener's name", [Tcp6("a"), new ListenStep("a"), Tcp6("c"), To("c", "::ffff:127.0.0.1", 80), new ConnectStep("c", default, 0) { To = "a" }] },
        { "a listener after IPv4", [Tcp6("a"), To("a", "::ffff:127.0.0.1", 80), new ListenStep("a")] },
        { "IPv6 by an accepted socket", [.. Listener("a", "::", 80), new AcceptStep("a", "b"), new DisconnectStep("b"), To("b", "::1", 80)] },
        { "a connection from v0", [new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "v0" }, To("a", "127.0.0.1", 80)] },
        { "a connection from lo to where no route goes", [new OpenStep("a", Protocol.Tcp, IpFamily.IPv4) { Device = "lo" }, To("a", "10.9.9.9", 80)] },
        { "a connection to a group", [Tcp("a"), To("a", "224.0.0.5", 80)] },
        { "a connection from a foreign address", [Tcp("a"), Set("a", SocketOption.Freebind), Bind("a", "10.9.9.9", 80), To("a", "127.0.0.1", 80)] },
        { "the same by sysctl", [new SysctlStep("net.ipv4.ip_nonlocal_bind", "1"), Tcp("a"), Bind("a", "10.9.9.9", 80), To("a", "127.0.0.1", 80)] },
        { "a connection to the random port of a socket that was shut down", [Tcp("a"), new ListenStep("a"), new ShutdownStep("a", ShutdownHow.Both), Tcp("c"), new ConnectStep("c", default, 0) { To = "a" }] },
        { "a datagram from v0 to a neighbour", [UdpOn("a", "v0"), new SendStep("a", 1) { To = Endpoint("192.0.2.2", 53) }] },
        { "a datagram from v0 to v1's address", [UdpOn("a", "v0"), new SendStep("a", 1) { To = Endpoint("198.51.100.1", 53) }] },
        { "a datagram from v0 to loopback", [UdpOn("a", "v0"), new SendStep("a", 1) { To = Endpoint("127.0.0.1", 53) }] },
        { "a datagram to where the wildcard was before", [new OpenStep("a", Protocol.Udp, IpFamily.IPv4), To("a", "0.0.0.0", 53), new SetStep("a", SocketOption.BindToDevice, new OptionValue(0, "v0")), new SendStep("a", 1)] },
        { "a wait into the end of TIME_WAIT", [new WaitStep(61)] },
        { "two waits into it", [new WaitStep(30), new WaitStep(32)] },
        { "a wait into tcp_tw_reuse_delay", [new WaitStep(1)] },
        { "a wait into another tcp_tw_reuse_delay", [new SysctlStep("net.ipv4.tcp_tw_reuse_delay", "2000"), new WaitStep(1.2m)] },
        { "a wait into tcp_fin_timeout", [new SysctlStep("net.ipv4.tcp_fin_timeout", "2"), new WaitStep(3)] },
        { "more bytes than a window", [.. Udp("a", "127.0.0.1", 53), To("a", "127.0.0.1", 53), new SendStep("a", 20_000), new SendStep("a", 20_000)] },
        { "many bytes before a four-tuple comes again", [.. Listener("a", "127.0.0.1", 80), Tcp("c"), Bind("c", "127.0.0.1", 81), To("c", "127.0.0.1", 80), new SendStep("c", 5_000)] },
    };

    public static IEnumerable<object[]> Decided => new TheoryData<string, Step[]>()
    {
        { "a connection to one SO_REUSEPORT listener", [.. Listener("a", "0.0.0.0", 80, reusePort: true), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "after the other one was closed", [.. Listener("a", "0.0.0.0", 80, reusePort: true), .. Listener("b", "0.0.0.0", 80, reusePort: true), new CloseStep("a"), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "to one of two at addresses of their own", [.. Listener("a", "127.0.0.1", 80, reusePort: true), .. Listener("b", "127.0.0.2", 80, reusePort: true), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "to a listener beside one that is only bound", [.. Listener("a", "0.0.0.0", 80, reusePort: true), Tcp("b"), ReusePort("b", true), Bind("b", "0.0.0.0", 80), Tcp("c"), To("c", "127.0.0.1", 80)] },
        { "a narrow range of three", [new SysctlStep(Range, "40000 40002"), Tcp("a"), Bind("a", "127.0.0.1", 0), Tcp("b"), Bind("b", "127.0.0.1", 40000), To("b", "127.0.0.1", 80)] },
        { "a range that is refused", [new SysctlStep(Range, "50000 20000"), Tcp("a"), Bind("a", "127.0.0.1", 0)] },
        { "UDP, alike, on two ports", [new SysctlStep(Range, "40000 40001"), .. Udp("a", "0.0.0.0", 0), .. Udp("b", "0.0.0.0", 0), .. Udp("c", "0.0.0.0", 0)] },
        { "connect within IP_LOCAL_PORT_RANGE of one", [Tcp("a"), OwnRange("a", 40000, 40000), To("a", "127.0.0.1", 80)] },
        { "IPv4 after IPv6", [Tcp6("a"), To("a", "::1", 80), To("a", "::ffff:127.0.0.1", 80)] },
        { "a foreign address that is refused", [Tcp("a"), Bind("a", "10.9.9.9", 80), To("a", "127.0.0.1", 80)] },
        { "a datagram from v0 to its address, a group, a broadcast and the wildcard", [UdpOn("a", "v0"), .. Array.ConvertAll<string, Step>(["192.0.2.1", "224.0.0.1", "192.0.2.255", "0.0.0.0"], to => new SendStep("a", 1) { To = Endpoint(to, 53) })] },
        { "a connection to a random port", [Tcp("a"), new ListenStep("a"), Tcp("c"), new ConnectStep("c", default, 0) { To = "a" }] },
        { "waits clear of all timers", [new WaitStep(0.1m), new WaitStep(0.1m), new WaitStep(1.2m), new WaitStep(66)] },
        { "steps on names without a socket", [To("a", "224.0.0.5", 80), Bind("a", "127.0.0.1", 40000), Tcp("b"), Bind("b", "127.0.0.1", 0)] },
    };

    [Theory]
    [MemberData(nameof(Undecided))]
    internal void ReasonOf_WhatNoRuleDecides_IsGiven(string what, Step[] steps)
    {
        var reason = UndecidableStepFilter.ReasonOf(new Scenario(what, [.. steps]));
        Assert.NotNull(reason);
        Assert.StartsWith($"step {steps.Length - 1}: ", reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Decided))]
    internal void ReasonOf_WhatIsDecided_IsNull(string what, Step[] steps) => Assert.Null(UndecidableStepFilter.ReasonOf(new Scenario(what, [.. steps])));

    private static OpenStep Tcp(string name) => new(name, Protocol.Tcp, IpFamily.IPv4);

    private static OpenStep Tcp6(string name) => new(name, Protocol.Tcp, IpFamily.IPv6);

    private static OpenStep UdpOn(string name, string device) => new(name, Protocol.Udp, IpFamily.IPv4) { Device = device };

    private static Step[] Udp(string name, string address, ushort port) =>
        [new OpenStep(name, Protocol.Udp, Address(address).Family), Bind(name, address, port)];

    private static Step[] Listener(string name, string address, ushort port, bool reusePort = false) =>
        [new OpenStep(name, Protocol.Tcp, Address(address).Family), ReusePort(name, reusePort), Bind(name, address, port), new ListenStep(name)];

    private static SetStep Set(string name, SocketOption option) => new(name, option, OptionValue.Flag(true));

    private static SetStep ReusePort(string name, bool on) => new(name, SocketOption.ReusePort, OptionValue.Flag(on));

    private static SetStep OwnRange(string name, ushort first, ushort last) => new(name, SocketOption.LocalPortRange, PortRangeWord.Of(first, last));

    private static BindStep Bind(string name, string address, ushort port) => new(name, Address(address), port);

    private static ConnectStep To(string name, string address, ushort port) => new(name, Address(address), port);

    private static IpEndpoint Endpoint(string address, ushort port) => new(Address(address), port);

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);
}
