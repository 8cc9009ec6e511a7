using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Routing;

namespace Bindwise.Linux.Tests.Routing;

/// <summary>Interfaces that this machine's kernel need not have.</summary>
public sealed class InterfaceTableTests
{
    /// <summary>A VRF may come after its interfaces in a dump; a bridge is no VRF, nor is what calls itself one by its name.</summary>
    [Fact]
    public void VrfOfAnInterface_IsItsMaster_IfThatIsOne()
    {
        var table = new InterfaceTable();
        table.Add(LinkMessage.MessageNew, Link(4, "d1", master: 6));
        table.Add(LinkMessage.MessageNew, Link(5, "port", master: 7));
        table.Add(LinkMessage.MessageNew, Link(6, "red", kind: "vrf"));
        table.Add(LinkMessage.MessageNew, Link(7, "vrf", kind: "bridge"));
        table.Add(LinkMessage.MessageNew, Link(8, "lo"));

        Assert.Equal([("d1", 6u), ("port", 0u), ("red", 6u), ("vrf", 0u), ("lo", 0u)], table.Build().Select(static link => (link.Name, link.VrfIndex)));
    }

    /// <summary>What a dump brought before it had to begin again is forgotten, VRFs included.</summary>
    [Fact]
    public void DumpThatBeginsAgain_KnowsNoVrfOfBefore()
    {
        var table = new InterfaceTable();
        table.Add(LinkMessage.MessageNew, Link(6, "red", kind: "vrf"));
        table.Clear(LinkMessage.MessageNew);
        table.Add(LinkMessage.MessageNew, Link(4, "d1", master: 6));

        Assert.Equal(0u, Assert.Single(table.Build()).VrfIndex);
    }

    private static byte[] Link(int index, string name, uint master = 0, string? kind = null) =>
    [
        .. MemoryMarshal.AsBytes<LinkMessage>([new LinkMessage { Index = index }]),
        .. kind is null ? [] : Attribute(LinkMessage.AttributeInfo, Attribute(LinkMessage.InfoKind, Encoding.UTF8.GetBytes(kind))),
        .. Attribute(LinkMessage.AttributeName, Encoding.UTF8.GetBytes(name + "\0")),
        .. master == 0 ? [] : Attribute(LinkMessage.AttributeMaster, BitConverter.GetBytes(master)),
    ];

    private static byte[] Attribute(ushort type, byte[] value) =>
    [
        .. MemoryMarshal.AsBytes<NetlinkAttributeHeader>([new NetlinkAttributeHeader { LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + value.Length), Type = type }]),
        .. value,
        .. new byte[(4 - (value.Length % 4)) % 4],
    ];
}
