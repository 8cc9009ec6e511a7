using System.Buffers.Binary;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.KernelServices;

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
        if (message.Payload.Length < GenericMessage.SizeBytes)
            return;
        ushort port = 0;
        byte inner = 0, kind = 0;
        IpAddress? local = null;
        var attributes = new NetlinkAttributeReader(message.Payload[GenericMessage.SizeBytes..]);
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
            services.Add(new KernelService { Kind = KernelServiceKind.Fou, Name = kind == TypeGue ? "GUE" : $"foo-over-UDP (IP protocol {inner})", Protocol = Protocol.Udp, Port = port, Address = local, Source = "FOU_CMD_GET (ip fou show)" });
    }

    public void Restart() => services.RemoveAll(static s => s.Kind == KernelServiceKind.Fou);
}
