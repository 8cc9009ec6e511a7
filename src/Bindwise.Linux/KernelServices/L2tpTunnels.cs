using System.Globalization;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>L2TP tunnels over UDP (L2TP_CMD_TUNNEL_GET, linux/l2tp.h). One that a daemon made has the daemon's socket, and is found as the daemon's.</summary>
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
        if (message.Payload.Length < GenericMessage.SizeBytes)
            return;
        ushort port = 0, encapsulation = OverUdp;
        uint tunnel = 0;
        IpAddress? local = null;
        var attributes = new NetlinkAttributeReader(message.Payload[GenericMessage.SizeBytes..]);
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
            services.Add(new KernelService { Kind = KernelServiceKind.L2tp, Name = tunnel.ToString(CultureInfo.InvariantCulture), Protocol = Protocol.Udp, Port = port, Address = local, Source = "L2TP_CMD_TUNNEL_GET (ip l2tp show tunnel)" });
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.L2tp);
}
