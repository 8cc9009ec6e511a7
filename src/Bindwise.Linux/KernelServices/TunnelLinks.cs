using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Interfaces that open UDP sockets when they are set up, from a dump of all interfaces (IFLA_LINKINFO). One that is down has no socket;
/// one whose socket is in another network namespace (IFLA_LINK_NETNSID) has none here.
/// </summary>
internal sealed class TunnelLinks
{
    /// <summary>More than these are not taken: a host of network functions may have thousands.</summary>
    internal const int MaximumLinks = 1 << 14;

    internal const ushort VxlanPort = 15;
    internal const ushort GenevePort = 5;
    internal const ushort BareudpPort = 1;
    internal const ushort AmtMode = 1;
    internal const ushort AmtRelayPort = 2;
    internal const ushort AmtGatewayPort = 3;
    internal const ushort AmtLocalAddress = 5;

    /// <summary>Fixed by 3GPP TS 29.060 and TS 29.281 (GTP0_PORT, GTP1U_PORT of include/net/gtp.h).</summary>
    private static readonly ushort[] GtpPorts = [3386, 2152];

    private readonly List<KernelService> _services = [];
    private readonly List<string> _wireGuard = [];

    /// <summary>The interfaces whose kind and settings tell their port.</summary>
    internal IReadOnlyList<KernelService> Services => _services;

    /// <summary>The names of WireGuard interfaces that are up: their port is told by another interface of the kernel.</summary>
    internal IReadOnlyList<string> WireGuard => _wireGuard;

    /// <summary>Forgets everything: the dump begins again.</summary>
    internal void Clear()
    {
        _services.Clear();
        _wireGuard.Clear();
    }

    /// <summary>Takes a RTM_NEWLINK message; anything else is passed over.</summary>
    internal void Add(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != LinkMessage.MessageNew || _services.Count + _wireGuard.Count >= MaximumLinks
            || !MemoryMarshal.TryRead<LinkMessage>(payload, out var link) || (link.Flags & LinkMessage.FlagUp) == 0)
            return;
        var name = "";
        ReadOnlySpan<byte> info = default;
        var attributes = new NetlinkAttributeReader(payload[LinkMessage.SizeBytes..]);
        while (attributes.TryNext(out var attribute, out var value))
        {
            if (attribute == LinkMessage.AttributeName)
                name = KernelText.Decode(value.TrimEnd((byte)0));
            else if (attribute == LinkMessage.AttributeInfo)
                info = value;
            else if (attribute == LinkMessage.AttributeLinkNamespace)
                return;
        }
        if (!info.IsEmpty && name.Length > 0)
            AddKind(name, info);
    }

    private void AddKind(string name, ReadOnlySpan<byte> info)
    {
        ReadOnlySpan<byte> kind = default, data = default;
        var attributes = new NetlinkAttributeReader(info);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == LinkMessage.InfoKind)
                kind = value.TrimEnd((byte)0);
            else if (type == LinkMessage.InfoData)
                data = value;
        }
        if (kind.SequenceEqual("vxlan"u8))
            AddPort(KernelServiceKind.Vxlan, name, data, VxlanPort);
        else if (kind.SequenceEqual("geneve"u8))
            AddPort(KernelServiceKind.Geneve, name, data, GenevePort);
        else if (kind.SequenceEqual("bareudp"u8))
            AddPort(KernelServiceKind.Bareudp, name, data, BareudpPort);
        else if (kind.SequenceEqual("amt"u8))
            AddAmt(name, data);
        else if (kind.SequenceEqual("wireguard"u8))
            _wireGuard.Add(name);
        else if (kind.SequenceEqual("gtp"u8))
        {
            foreach (var port in GtpPorts)
                Add(KernelServiceKind.Gtp, name, port, null);
        }
    }

    private void AddPort(KernelServiceKind kind, string name, ReadOnlySpan<byte> data, ushort wanted)
    {
        var attributes = new NetlinkAttributeReader(data);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == wanted && value.Length == sizeof(ushort))
                Add(kind, name, BinaryPrimitives.ReadUInt16BigEndian(value), null);
        }
    }

    /// <summary>A relay (mode 1) listens on the relay's port, a gateway (mode 0) on its own.</summary>
    private void AddAmt(string name, ReadOnlySpan<byte> data)
    {
        uint mode = 0;
        ushort relay = 0, gateway = 0;
        IpAddress? local = null;
        var attributes = new NetlinkAttributeReader(data);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AmtMode && value.Length == sizeof(uint))
                mode = MemoryMarshal.Read<uint>(value);
            else if (type == AmtRelayPort && value.Length == sizeof(ushort))
                relay = BinaryPrimitives.ReadUInt16BigEndian(value);
            else if (type == AmtGatewayPort && value.Length == sizeof(ushort))
                gateway = BinaryPrimitives.ReadUInt16BigEndian(value);
            else if (type == AmtLocalAddress && value.Length == sizeof(uint))
                local = IpAddress.FromBytes(value);
        }
        Add(KernelServiceKind.Amt, name, mode == 1 ? relay : gateway, local);
    }

    private void Add(KernelServiceKind kind, string name, ushort port, IpAddress? address)
    {
        if (port != 0)
            _services.Add(new KernelService { Kind = kind, Name = name, Protocol = Protocol.Udp, Port = port, Address = address, Source = "rtnetlink (ip -d link)" });
    }
}

/// <summary>Feeds the dump of interfaces.</summary>
internal readonly struct TunnelLinkDump(TunnelLinks links) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => links.Add(message.Header.Type, message.Payload);

    public void Restart() => links.Clear();
}
