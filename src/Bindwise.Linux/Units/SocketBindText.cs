using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Units;

/// <summary>
/// A value of SocketBindAllow= or SocketBindDeny= (systemd.resource-control(5)): <c>any</c>, or <c>[FAMILY:][PROTOCOL:][PORTS]</c>. Pure.
/// </summary>
internal static class SocketBindText
{
    /// <summary>The rule; null for a text that systemd would not take either.</summary>
    internal static SocketBindRule? Parse(bool allows, string text)
    {
        IpFamily? family = null;
        Protocol? protocol = null;
        PortRange? ports = null;
        if (text == "any")
            return new SocketBindRule(allows, null, null, null, Line(allows, text));
        var parts = text.Split(':').AsSpan();
        if (parts is ["ipv4" or "ipv6", ..])
        {
            family = parts[0] == "ipv4" ? IpFamily.IPv4 : IpFamily.IPv6;
            parts = parts[1..];
        }
        if (parts is ["tcp" or "udp", ..])
        {
            protocol = parts[0] == "tcp" ? Protocol.Tcp : Protocol.Udp;
            parts = parts[1..];
        }
        if (parts is [not "any" and var range] && (ports = PortsOf(range)) is null)
            return null;
        return parts.Length > 1 ? null : new SocketBindRule(allows, family, protocol, ports, Line(allows, text));
    }

    private static PortRange? PortsOf(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        return ushort.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && ushort.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from > 0 && from <= to
            ? new PortRange(from, to)
            : null;
    }

    private static string Line(bool allows, string text) => $"{(allows ? "SocketBindAllow" : "SocketBindDeny")}={text}";
}
