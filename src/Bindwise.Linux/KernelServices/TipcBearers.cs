using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

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
        if (message.Payload.Length < GenericMessage.SizeBytes)
            return;
        var attributes = new NetlinkAttributeReader(message.Payload[GenericMessage.SizeBytes..]);
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
            // struct sockaddr_storage: family, then the port in network order, then the address (IPv6: behind its flow label).
            if (type != UdpLocal || value.Length < 28)
                continue;
            var address = MemoryMarshal.Read<ushort>(value) switch
            {
                (ushort)IpFamily.IPv4 => IpAddress.FromBytes(value.Slice(4, 4)),
                (ushort)IpFamily.IPv6 => IpAddress.FromBytes(value.Slice(8, 16)),
                _ => (IpAddress?)null,
            };
            services.Add(new KernelService { Kind = KernelServiceKind.Tipc, Name = name, Protocol = Protocol.Udp, Port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]), Address = address, Source = "TIPC_NL_BEARER_GET (tipc bearer list)" });
        }
    }
}
