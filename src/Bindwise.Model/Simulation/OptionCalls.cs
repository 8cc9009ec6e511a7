using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Simulation;

/// <summary>
/// setsockopt() (sk_setsockopt(), do_ip_setsockopt(), do_ipv6_setsockopt()). The rules read options live, so a change counts at once.
/// </summary>
internal sealed class OptionCalls(SimulatedSystem system)
{
    public Reply Set(SimulatedSocket socket, SocketOption option, OptionValue value)
    {
        var isOn = value.Number != 0;
        if (system.Other?.Set(socket, option, value) is { } reply)
            return reply;
        switch (option)
        {
            case SocketOption.ReuseAddress:
                socket.ReuseAddress = isOn;
                break;
            case SocketOption.ReusePort:
                socket.ReusePort = isOn;
                break;
            case SocketOption.V6Only or SocketOption.FreebindIPv6 when socket.Family == IpFamily.IPv4:
                return Refused("ENOPROTOOPT");
            case SocketOption.V6Only when socket.Port != 0:
                return Reply.Fail("EINVAL", ConnectionRuleBook.V6OnlyIsFixed);
            case SocketOption.V6Only:
                socket.V6Only = isOn;
                break;
            case SocketOption.BindToDevice:
                return BindToDevice(socket, value.Text ?? "");
            case SocketOption.Freebind or SocketOption.FreebindIPv6:
                socket.Freebind = isOn;
                break;
            case SocketOption.Transparent when isOn && socket.UserId != 0:
                return Refused("EPERM");
            case SocketOption.Transparent:
                socket.Transparent = isOn;
                break;
            case SocketOption.BindAddressNoPort:
                socket.AddressWithoutPort = isOn;
                break;
            case SocketOption.LocalPortRange when !system.Kernel.Has(KernelChanges.OwnPortRange):
                return Refused("ENOPROTOOPT");
            case SocketOption.LocalPortRange:
                return SetRange(socket, value);
            default:
                socket.LingerSeconds = value.Number < 0 ? null : (int)Math.Min(value.Number, int.MaxValue);
                break;
        }
        SimulatedSystem.Retrait(socket);
        return Reply.Ok();
    }

    /// <summary>SO_BINDTODEVICE: a bound socket needs CAP_NET_RAW to change it (sock_bindtoindex_locked()).</summary>
    public Reply BindToDevice(SimulatedSocket socket, string device)
    {
        if (system.Other is { } other)
            return other.Undocumented();
        var index = AddressRules.DeviceIndexOf(device, system.Around.Interfaces);
        if (device.Length > 0 && (index == 0 || char.IsAsciiDigit(device[0])))
            return Refused("ENODEV");
        if (socket.DeviceIndex != 0 && socket.UserId != 0)
            return Refused("EPERM");
        socket.DeviceIndex = index;
        socket.HasPeerRoute = false;
        SimulatedSystem.Retrait(socket);
        return Reply.Ok();
    }

    private static Reply SetRange(SimulatedSocket socket, OptionValue value)
    {
        var (first, last) = ((ushort)(value.Number & 0xffff), (ushort)(value.Number >> 16 & 0xffff));
        if (value.Text is { } text && !OptionRules.TryPortRange(text, out first, out last))
            return Refused("EINVAL");
        if (last != 0 && first > last)
            return Refused("EINVAL");
        socket.PortRange = (first, last);
        return Reply.Ok();
    }

    private static Reply Refused(string errno) => Reply.Fail(errno, ConnectionRuleBook.OptionRefused);
}
