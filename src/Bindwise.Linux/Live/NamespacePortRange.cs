using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Bindwise.Linux.Live;

/// <summary>The range from which a new namespace gives out ports (net.ipv4.ip_local_port_range; ip_local_ports, net/ipv4/af_inet.c).</summary>
internal static class NamespacePortRange
{
    private const ushort First = 32768;
    private const ushort Last = 60999;

    /// <summary>Whether a port of the range is among them.</summary>
    internal static bool Includes(ImmutableArray<ushort> ports)
    {
        foreach (var port in ports)
        {
            if (port is >= First and <= Last)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Those of the range, as net.ipv4.ip_local_reserved_ports takes them: no automatic port then meets one that the scenario names. That
    /// changes which ports are given out and nothing else. Null when there are none.
    /// </summary>
    /// <param name="ports">Ascending.</param>
    internal static string? Reservation(ImmutableArray<ushort> ports)
    {
        StringBuilder? list = null;
        for (var index = 0; index < ports.Length; index++)
        {
            var first = ports[index];
            if (first is < First or > Last)
                continue;
            while (index + 1 < ports.Length && ports[index + 1] == ports[index] + 1)
                index++;
            list = list is null ? new StringBuilder() : list.Append(',');
            _ = list.Append(CultureInfo.InvariantCulture, $"{first}-{ports[index]}");
        }
        return list?.ToString();
    }
}
