namespace Bindwise.Model.Targets.Grammar;

/// <summary>Several colons without brackets: an IPv6 address, one with a port, or two ports. What it could be, and how to write it.</summary>
internal static class Ambiguity
{
    /// <summary>Says which readings a text with two or more colons has.</summary>
    /// <param name="place">The text, without brackets and protocol.</param>
    public static string Explain(string place)
    {
        var percent = place.IndexOf('%', StringComparison.Ordinal);
        if (percent > 0 && HostText.TryParseIPv6(place.AsSpan(0, percent), out _))
            return ExplainScope(place, percent);

        var colon = place.LastIndexOf(':');
        // "::8080": the first two colons are the address, not the last one.
        var head = place.AsSpan(0, colon) is ":" ? "::" : place[..colon];
        var tail = place[(colon + 1)..];
        var withPort = HostText.TryParseIPv6(head, out _) && PortText.TryParseNumber(tail, out _) ? $"[{head}]:{tail}" : null;
        var isAddress = HostText.TryParseIPv6(place, out _);
        return (withPort, isAddress) switch
        {
            (not null, true) => $"{Fault.Quote(place)} is ambiguous; write {withPort} for port {tail} at {head}, or [{place}]:PORT for the address {place}",
            (not null, false) => $"an IPv6 address with a port needs brackets; write {withPort}",
            (null, true) => $"{Fault.Quote(place)} is an IPv6 address without a port; write [{place}]:8080",
            _ => ExplainTwoPorts(place),
        };
    }

    private static string ExplainScope(string place, int percent)
    {
        var colon = place.IndexOf(':', percent);
        return colon < 0 ? $"{Fault.Quote(place)} has no port; write [{Fault.Show(place)}]:8080"
            : $"an IPv6 address with a port needs brackets; write [{Fault.Show(place.AsSpan(0, colon))}]:{Fault.Show(place.AsSpan(colon + 1))}";
    }

    private static string ExplainTwoPorts(string place)
    {
        var first = place.IndexOf(':', StringComparison.Ordinal);
        var second = place.IndexOf(':', first + 1);
        var port = place.AsSpan(first + 1, second - first - 1);
        if (place.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            return $"two slashes follow the scheme of a URL; write {Fault.Show(place.AsSpan(0, first))}://{Fault.Show(place.AsSpan(first + 1))}";
        return first > 0 && PortText.TryParseNumber(port, out _)
            ? $"{Fault.Quote(place)} has more than one port; write {Fault.Show(place.AsSpan(0, second))}"
            : $"{Fault.Quote(place)} is neither HOST:PORT nor an IPv6 address; write 127.0.0.1:8080 or [::1]:8080";
    }
}
