using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Tests.Diagnosing;

public class ListenerPlanTests
{
    [Theory]
    [InlineData("127.0.0.1", Fact.No, "127.0.0.1", true)]
    [InlineData("127.0.0.1", Fact.No, "127.0.0.2", false)]
    [InlineData("127.0.0.1", Fact.No, "0.0.0.0", true)]
    [InlineData("127.0.0.1", Fact.No, "::", false)]
    [InlineData("0.0.0.0", Fact.No, "127.0.0.2", true)]
    [InlineData("0.0.0.0", Fact.No, "::1", false)]
    [InlineData("::", Fact.No, "10.0.0.1", true)]
    [InlineData("::", Fact.Unknown, "10.0.0.1", true)]
    [InlineData("::", Fact.Yes, "10.0.0.1", false)]
    [InlineData("::", Fact.Yes, "::1", true)]
    [InlineData("::1", Fact.No, "::", true)]
    [InlineData("::1", Fact.No, "0.0.0.0", false)]
    [InlineData("::ffff:127.0.0.1", Fact.No, "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", Fact.No, "::1", false)]
    [InlineData("127.0.0.1", Fact.No, "::ffff:127.0.0.1", true)]
    public void Serves_AsTheKernelLooksListenersUp(string local, Fact v6Only, string address, bool serves)
    {
        Assert.True(IpAddress.TryParse(local, out var held) && IpAddress.TryParse(address, out _));
        Assert.True(IpAddress.TryParse(address, out var asked));
        var listener = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Family = held.Family, V6Only = v6Only, Local = new IpEndpoint(held, 80) };
        Assert.Equal(serves, ListenerPlan.Serves(listener, asked));
    }

    // Tried with a veth: connect() to 127.0.0.1 is refused.
    [Theory]
    [InlineData("0.0.0.0", 2u, "127.0.0.1", false)]
    [InlineData("0.0.0.0", 1u, "127.0.0.1", true)]
    [InlineData("0.0.0.0", 2u, "10.0.0.1", true)]
    [InlineData("::", 2u, "::1", false)]
    public void Serves_BoundToAnInterface_NotWhatComesByLo(string local, uint device, string address, bool serves)
    {
        Assert.True(IpAddress.TryParse(local, out var held) & IpAddress.TryParse(address, out var asked));
        var listener = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Family = held.Family, Local = new IpEndpoint(held, 80), DeviceIndex = device };
        Assert.Equal(serves, ListenerPlan.Serves(listener, asked));
    }

    // Tried with two veth pairs, one of them in a VRF.
    [Theory]
    [InlineData("fe80::1", 2u, 2u, 0u, true)]
    [InlineData("fe80::1", 3u, 2u, 0u, false)]
    [InlineData("::", 0u, 2u, 0u, true)]
    [InlineData("::", 3u, 2u, 0u, false)]
    [InlineData("::", 9u, 2u, 9u, true)]
    [InlineData("fe80::1", 3u, 0u, 0u, true)]
    public void Serves_AskedAboutAnInterface_WhatIsBoundToItOrNone(string local, uint device, uint asked, uint vrf, bool serves)
    {
        Assert.True(IpAddress.TryParse(local, out var held) & IpAddress.TryParse("fe80::1", out var address));
        var listener = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Family = held.Family, Local = new IpEndpoint(held, 80), DeviceIndex = device };
        Assert.Equal(serves, ListenerPlan.Serves(listener, address, asked, vrf));
    }

    [Theory]
    [InlineData(Protocol.Tcp, 0u, 0u, true)]
    [InlineData(Protocol.Tcp, 128u, 128u, true)]
    [InlineData(Protocol.Tcp, 129u, 128u, false)]
    [InlineData(Protocol.Unix, 0u, 0u, true)]
    [InlineData(Protocol.Unix, 1u, 0u, false)]
    public void Accepts_UntilTheQueueIsFull(Protocol protocol, uint waiting, uint backlog, bool accepts) => Assert.Equal(
        accepts,
        ListenerPlan.Accepts(new HeldSocket { Protocol = protocol, State = TcpSocketState.Listen, ReceiveQueue = waiting, SendQueue = backlog }));
}
