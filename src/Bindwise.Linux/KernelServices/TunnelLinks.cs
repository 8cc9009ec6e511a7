using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Text;

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
            _services.Add(new KernelService(kind, Protocol.Udp, Name: name, Port: port, Address: address,
                Source: "rtnetlink (ip -d link)"));
    }
}

internal readonly struct TunnelLinkDump(TunnelLinks links) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => links.Add(message.Header.Type, message.Payload);

    public void Restart() => links.Clear();
}

/// <summary>
/// L2TP tunnels over UDP (L2TP_CMD_TUNNEL_GET, linux/l2tp.h). One that a daemon made has the daemon's socket, and is found as the daemon's.
/// </summary>
internal readonly struct L2tpTunnels(List<KernelService> services) : IMessageVisitor
{
    internal const string Family = "l2tp";
    internal const byte TunnelGet = 4;
    internal const ushort AttributeEncapsulation = 2;
    internal const ushort AttributeTunnelId = 9;
    internal const ushort AttributeLocalIPv4 = 24;
    internal const ushort AttributeLocalPort = 26;
    internal const ushort AttributeLocalIPv6 = 31;

    /// <summary>L2TP_ENCAPTYPE_UDP; 1 is IP, which has no ports.</summary>
    private const ushort OverUdp = 0;

    public void Visit(in NetlinkMessage message)
    {
        if (!message.TryGenericAttributes(out var attributes))
            return;
        ushort port = 0, encapsulation = OverUdp;
        uint tunnel = 0;
        IpAddress? local = null;
        while (attributes.TryNext(out var type, out var value))
        {
            switch (type)
            {
                case AttributeEncapsulation when value.Length == sizeof(ushort):
                    encapsulation = MemoryMarshal.Read<ushort>(value);
                    break;
                case AttributeTunnelId when value.Length == sizeof(uint):
                    tunnel = MemoryMarshal.Read<uint>(value);
                    break;
                case AttributeLocalPort when value.Length == sizeof(ushort):
                    port = MemoryMarshal.Read<ushort>(value);
                    break;
                case AttributeLocalIPv4 when value.Length == 4:
                case AttributeLocalIPv6 when value.Length == 16:
                    local = IpAddress.FromBytes(value);
                    break;
            }
        }
        if (port != 0 && encapsulation == OverUdp)
            services.Add(new KernelService(KernelServiceKind.L2tp, Protocol.Udp, Name: tunnel.ToString(CultureInfo.InvariantCulture),
                Port: port, Address: local, Source: "L2TP_CMD_TUNNEL_GET (ip l2tp show tunnel)"));
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.L2tp);
}

/// <summary>The receivers of foo-over-UDP and GUE (FOU_CMD_GET, linux/fou.h).</summary>
internal readonly struct FouReceivers(List<KernelService> services) : IMessageVisitor
{
    internal const string Family = "fou";
    internal const byte Get = 3;
    internal const ushort AttributePort = 1;
    internal const ushort AttributeProtocol = 3;
    internal const ushort AttributeType = 4;
    internal const ushort AttributeLocalIPv4 = 6;
    internal const ushort AttributeLocalIPv6 = 7;
    private const byte TypeGue = 2;

    public void Visit(in NetlinkMessage message)
    {
        if (!message.TryGenericAttributes(out var attributes))
            return;
        ushort port = 0;
        byte inner = 0, kind = 0;
        IpAddress? local = null;
        while (attributes.TryNext(out var type, out var value))
        {
            switch (type)
            {
                case AttributePort when value.Length == sizeof(ushort):
                    port = BinaryPrimitives.ReadUInt16BigEndian(value);
                    break;
                case AttributeProtocol when value.Length == 1:
                    inner = value[0];
                    break;
                case AttributeType when value.Length == 1:
                    kind = value[0];
                    break;
                case AttributeLocalIPv4 when value.Length == 4:
                case AttributeLocalIPv6 when value.Length == 16:
                    local = IpAddress.FromBytes(value);
                    break;
            }
        }
        if (port != 0)
            services.Add(new KernelService(KernelServiceKind.Fou, Protocol.Udp,
                Name: kind == TypeGue ? "GUE" : $"foo-over-UDP (IP protocol {inner})", Port: port, Address: local,
                Source: "FOU_CMD_GET (ip fou show)"));
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.Fou);
}

/// <summary>
/// The port of a WireGuard interface (WG_CMD_GET_DEVICE, linux/wireguard.h). The answer tells the private key too: it is neither looked at
/// nor kept, and the caller wipes the buffer.
/// </summary>
internal struct WireGuardPorts : IMessageVisitor
{
    internal const string Family = "wireguard";
    internal const byte GetDevice = 0;
    internal const ushort AttributeName = 2;
    internal const ushort AttributeListenPort = 6;

    /// <summary>The port; null when the answer has none.</summary>
    internal ushort? Port { get; private set; }

    public void Visit(in NetlinkMessage message)
    {
        if (!message.TryGenericAttributes(out var attributes))
            return;
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeListenPort && value.Length == sizeof(ushort) && MemoryMarshal.Read<ushort>(value) is var port and not 0)
                Port = port;
        }
    }

    public void Restart() => Port = null;
}

/// <summary>UDP bearers of TIPC (TIPC_NL_BEARER_GET, linux/tipc_netlink.h).</summary>
internal readonly struct TipcBearers(List<KernelService> services) : IMessageVisitor
{
    internal const string Family = "TIPCv2";
    internal const byte BearerGet = 4;
    internal const ushort AttributeBearer = 1;
    internal const ushort BearerName = 1;
    internal const ushort BearerUdp = 4;
    internal const ushort UdpLocal = 1;

    public void Visit(in NetlinkMessage message)
    {
        if (!message.TryGenericAttributes(out var attributes))
            return;
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeBearer)
                Add(value);
        }
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.Tipc);

    private void Add(ReadOnlySpan<byte> bearer)
    {
        var name = "";
        ReadOnlySpan<byte> udp = default;
        var attributes = new NetlinkAttributeReader(bearer);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == BearerName)
                name = KernelText.Decode(value.TrimEnd((byte)0));
            else if (type == BearerUdp)
                udp = value;
        }
        var options = new NetlinkAttributeReader(udp);
        while (options.TryNext(out var type, out var value))
        {
            // struct sockaddr_storage: family, then the port in network order, then the address (IPv6: after its flow label).
            if (type != UdpLocal || value.Length < 28)
                continue;
            var address = MemoryMarshal.Read<ushort>(value) switch
            {
                (ushort)IpFamily.IPv4 => IpAddress.FromBytes(value.Slice(4, 4)),
                (ushort)IpFamily.IPv6 => IpAddress.FromBytes(value.Slice(8, 16)),
                _ => (IpAddress?)null,
            };
            services.Add(new KernelService(KernelServiceKind.Tipc, Protocol.Udp, Name: name,
                Port: BinaryPrimitives.ReadUInt16BigEndian(value[2..]), Address: address, Source: "TIPC_NL_BEARER_GET (tipc bearer list)"));
        }
    }
}
