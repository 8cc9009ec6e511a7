using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.KernelServices;

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
        if (message.Payload.Length < GenericMessage.SizeBytes)
            return;
        var attributes = new NetlinkAttributeReader(message.Payload[GenericMessage.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeListenPort && value.Length == sizeof(ushort) && MemoryMarshal.Read<ushort>(value) is var port and not 0)
                Port = port;
        }
    }

    public void Restart() => Port = null;
}
