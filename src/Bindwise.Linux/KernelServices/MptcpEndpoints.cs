using System.Globalization;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

/// <summary>MPTCP endpoints with a port (MPTCP_PM_CMD_GET_ADDR, linux/mptcp_pm.h), called by their ids.</summary>
internal readonly struct MptcpEndpoints(List<KernelService> services) : IMessageVisitor
{
    internal const string Family = "mptcp_pm";
    internal const byte Get = 3;
    internal const ushort AttributeEndpoint = 1;
    internal const ushort EndpointId = 2;
    internal const ushort EndpointIPv4 = 3;
    internal const ushort EndpointIPv6 = 4;
    internal const ushort EndpointPort = 5;

    public void Visit(in NetlinkMessage message)
    {
        if (message.Payload.Length < GenericMessage.SizeBytes)
            return;
        var attributes = new NetlinkAttributeReader(message.Payload[GenericMessage.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeEndpoint)
                Add(value);
        }
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.MptcpEndpoint);

    private void Add(ReadOnlySpan<byte> endpoint)
    {
        ushort port = 0;
        byte id = 0;
        IpAddress? address = null;
        var attributes = new NetlinkAttributeReader(endpoint);
        while (attributes.TryNext(out var type, out var value))
        {
            switch (type)
            {
                case EndpointId when value.Length == 1:
                    id = value[0];
                    break;
                case EndpointIPv4 when value.Length == 4:
                case EndpointIPv6 when value.Length == 16:
                    address = IpAddress.FromBytes(value);
                    break;
                // In the host's order, unlike a port of TCP.
                case EndpointPort when value.Length == sizeof(ushort):
                    port = MemoryMarshal.Read<ushort>(value);
                    break;
            }
        }
        if (port != 0)
            services.Add(new KernelService { Kind = KernelServiceKind.MptcpEndpoint, Name = id.ToString(CultureInfo.InvariantCulture), Protocol = Protocol.Tcp, Port = port, Address = address, Source = "MPTCP_PM_CMD_GET_ADDR (ip mptcp endpoint show)" });
    }
}
