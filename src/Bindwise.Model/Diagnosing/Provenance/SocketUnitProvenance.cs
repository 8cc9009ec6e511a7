using System.Globalization;
using System.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Which socket unit a service manager holds a socket for: the one that lists its address (systemd.socket(5)).</summary>
internal static class SocketUnitProvenance
{
    /// <summary>The unit; null for another process than a service manager, and where no unit lists the address.</summary>
    public static SocketUnitUse? Of(ProcessRecord process, HeldSocket socket, Snapshot snapshot)
    {
        var units = snapshot.SocketUnits.Where(u => u.ManagerId == process.Id && u.Listens.Any(l => Lists(l, u.V6Only, socket)))
            .OrderBy(static u => u.IsEnabled ? 0 : 1).ThenBy(static u => u.Name, StringComparer.Ordinal).ToList();
        if (units.Count == 0)
            return null;
        var likely = units.Where(u => u.IsEnabled == units[0].IsEnabled).ToList();
        return new SocketUnitUse(likely[0].Name, likely[0].Service, process.Id != 1, [.. likely.Skip(1).Select(static u => u.Name)]);
    }

    /// <summary>Whether a line of a unit opens this socket.</summary>
    internal static bool Lists(SocketUnitListen listen, bool? v6Only, HeldSocket socket)
    {
        var text = listen.Address;
        if (text.StartsWith('@'))
            text = AbstractName.Spell(Encoding.UTF8.GetBytes(text[1..]));
        if (text.StartsWith('/') || text.StartsWith('@'))
            return socket.Protocol == Protocol.Unix && socket.Path == text;
        if (listen.Kind != (socket.Protocol == Protocol.Udp ? SocketUnitKind.Datagram : SocketUnitKind.Stream) || socket.Protocol == Protocol.Unix)
            return false;
        // A bare port: [::], with IPv4 unless BindIPv6Only= says otherwise; 0.0.0.0 where the host has no IPv6.
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port == socket.Local.Port
                && (socket.Local.Address == IpAddress.AnyIPv6 ? Agrees(v6Only, socket.V6Only) : socket.Local.Address == IpAddress.AnyIPv4 && v6Only != true);
        }
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port != socket.Local.Port)
            return false;
        var host = text[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        var scope = host.IndexOf('%', StringComparison.Ordinal);
        return IpAddress.TryParse(scope < 0 ? host : host[..scope], out var address) && address == socket.Local.Address;
    }

    private static bool Agrees(bool? told, Fact held) => told is null || held == Fact.Unknown || held == (told.Value ? Fact.Yes : Fact.No);
}
