using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using static Bindwise.Linux.Tests.KernelServices.Attributes;

namespace Bindwise.Linux.Tests.KernelServices;

/// <summary>Answers of families that this machine's kernel does not have, laid out by its headers (linux/wireguard.h, fou.h, l2tp.h, tipc_netlink.h).</summary>
public sealed class GenericAnswersTests
{
    [Fact]
    public void WireGuard_Device_TellsItsPortInTheHostsOrder()
    {
        var ports = new WireGuardPorts();
        ports.Visit(Message(Generic(Host32(1, 7), Words(2, "wg0"), Of(3, new byte[32]), Of(4, new byte[32]), Host32(5, 0), Host16(6, 51820), Host32(7, 0))));
        Assert.Equal((ushort?)51820, ports.Port);
    }

    [Fact]
    public void WireGuard_DeviceWithoutASocket_HasNoPort()
    {
        var ports = new WireGuardPorts();
        ports.Visit(Message(Generic(Host32(1, 7), Words(2, "wg0"), Host16(6, 0))));
        Assert.Null(ports.Port);
    }

    [Fact]
    public void Fou_Receivers_AreToldApart()
    {
        var services = new List<KernelService>();
        var receivers = new FouReceivers(services);
        receivers.Visit(Message(Generic(Of(2, 2), Network16(1, 5555), Of(3, 4), Of(4, 1))));
        receivers.Visit(Message(Generic(Of(2, 2), Network16(1, 6080), Of(3, 0), Of(4, 2), Of(6, 192, 0, 2, 1))));
        Assert.Equal(["foo-over-UDP (IP protocol 4) 5555 ", "GUE 6080 192.0.2.1"], services.Select(static s => $"{s.Name} {s.Port} {s.Address}"));
    }

    [Fact]
    public void L2tp_TunnelOverUdp_IsTakenAndOneOverIpIsNot()
    {
        var services = new List<KernelService>();
        var tunnels = new L2tpTunnels(services);
        tunnels.Visit(Message(Generic(Of(7, 3), Host32(9, 10), Host32(10, 11), Host16(2, 0), Host16(26, 1701), Host16(27, 1701), Of(24, 192, 0, 2, 1), Of(25, 192, 0, 2, 2))));
        tunnels.Visit(Message(Generic(Host32(9, 20), Host16(2, 1), Of(24, 192, 0, 2, 1))));
        var service = Assert.Single(services);
        Assert.Equal(("10", (ushort?)1701, "192.0.2.1"), (service.Name, service.Port, service.Address?.ToString()));
    }

    [Fact]
    public void Mptcp_EndpointsWithAPort_AreCalledByTheirIds()
    {
        var services = new List<KernelService>();
        var endpoints = new MptcpEndpoints(services);
        endpoints.Visit(Message(Generic(Nest(1, Host16(1, 2), Of(2, 3), Of(3, 192, 0, 2, 1), Host16(5, 8080), Host32(6, 1)))));
        endpoints.Visit(Message(Generic(Nest(1, Host16(1, 2), Of(2, 4), Of(3, 192, 0, 2, 2)))));
        var service = Assert.Single(services);
        Assert.Equal(("3", (ushort?)8080, "192.0.2.1"), (service.Name, service.Port, service.Address?.ToString()));
        endpoints.Restart();
        Assert.Empty(services);
    }

    [Fact]
    public void Tipc_UdpBearer_TellsItsLocalAddress()
    {
        var services = new List<KernelService>();
        var local = new byte[128];
        new byte[] { 2, 0, 0x17, 0xe6, 192, 0, 2, 1 }.CopyTo(local, 0);
        new TipcBearers(services).Visit(Message(Generic(Nest(1, Words(1, "udp:uplink"), Nest(4, Of(1, local), Of(2, new byte[128]))))));
        new TipcBearers(services).Visit(Message(Generic(Nest(1, Words(1, "eth:eth0")))));
        var service = Assert.Single(services);
        Assert.Equal(("udp:uplink", (ushort?)6118, "192.0.2.1"), (service.Name, service.Port, service.Address?.ToString()));
    }

    [Fact]
    public void Visit_BytesCutAnywhere_NeverThrows()
    {
        var whole = Generic(Nest(1, Words(1, "udp:x"), Nest(4, Of(1, new byte[128]))), Network16(1, 5555), Host16(6, 1), Host16(26, 7));
        for (var length = 0; length <= whole.Length; length++)
        {
            var services = new List<KernelService>();
            new TipcBearers(services).Visit(Message(whole[..length]));
            new FouReceivers(services).Visit(Message(whole[..length]));
            new MptcpEndpoints(services).Visit(Message(whole[..length]));
            new L2tpTunnels(services).Visit(Message(whole[..length]));
            new WireGuardPorts().Visit(Message(whole[..length]));
        }
    }

    private static NetlinkMessage Message(byte[] payload) => new(new NetlinkHeader { Type = 30 }, payload);
}
