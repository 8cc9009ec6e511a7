using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Native;
using static Bindwise.Linux.Tests.KernelServices.Attributes;

namespace Bindwise.Linux.Tests.KernelServices;

public sealed class TunnelLinksTests
{
    private const ushort Name = 3;
    private const ushort Info = 18;
    private const ushort LinkNamespace = 37;

    // What Linux 6.18 tells of `ip link add v0 type vxlan id 5 dstport 4789`, up; attributes that are not looked at are cut out.
    private const string CapturedVxlan =
        "0000010002000000431001000000000007000300763000002c0012000a00010076786c616e0000001c000200080001000500000006000f0012b500000500120001000000";

    [Fact]
    public void Add_VxlanAsThisKernelTellsIt_HasItsPort()
    {
        var service = Assert.Single(Read(Convert.FromHexString(CapturedVxlan)).Services);
        Assert.Equal((KernelServiceKind.Vxlan, "v0", (ushort?)4789), (service.Kind, service.Name, service.Port));
    }

    [Theory]
    [InlineData("geneve", 5, KernelServiceKind.Geneve)]
    [InlineData("bareudp", 1, KernelServiceKind.Bareudp)]
    [InlineData("vxlan", 15, KernelServiceKind.Vxlan)]
    internal void Add_TunnelWithAPort_IsTakenWhenUp(string kind, int attribute, KernelServiceKind expected)
    {
        byte[] Message(bool isUp, params byte[][] more) => Link(isUp, [Words(Name, "t0"), Nest(Info, Words(1, kind), Nest(2, Network16((ushort)attribute, 6081))), .. more]);
        var service = Assert.Single(Read(Message(true)).Services);
        Assert.Equal((expected, "t0", (ushort?)6081), (service.Kind, service.Name, service.Port));
        Assert.Empty(Read(Message(false)).Services);
        // Its socket is in another network namespace.
        Assert.Empty(Read(Message(true, Host32(LinkNamespace, 0))).Services);
    }

    [Theory]
    [InlineData(0, 2269)]
    [InlineData(1, 2268)]
    public void Add_AmtInterface_HasThePortOfItsMode(int mode, int port)
    {
        var service = Assert.Single(Read(Link(true, Words(Name, "amt0"), Nest(Info, Words(1, "amt"),
            Nest(2, Host32(1, (uint)mode), Network16(2, 2268), Network16(3, 2269), Of(5, 10, 0, 0, 1))))).Services);
        Assert.Equal(((ushort?)port, "10.0.0.1"), (service.Port, service.Address?.ToString()));
    }

    [Fact]
    public void Add_GtpInterface_HasBothPortsOfTheStandard() =>
        Assert.Equal([3386, 2152], Read(Link(true, Words(Name, "gtp0"), Nest(Info, Words(1, "gtp")))).Services.Select(static s => (int)s.Port!));

    [Fact]
    public void Add_WireGuardInterface_IsLeftToBeAsked()
    {
        var links = Read(Link(true, Words(Name, "wg0"), Nest(Info, Words(1, "wireguard"))));
        Assert.Empty(links.Services);
        Assert.Equal(["wg0"], links.WireGuard);
    }

    [Fact]
    public void Add_BytesCutAnywhere_NeverThrows()
    {
        var whole = Convert.FromHexString(CapturedVxlan);
        for (var length = 0; length <= whole.Length; length++)
            Assert.True(Read(whole[..length]).Services.Count <= 1);
    }

    private static TunnelLinks Read(byte[] payload)
    {
        var links = new TunnelLinks();
        links.Add(LinkMessage.MessageNew, payload);
        return links;
    }
}
