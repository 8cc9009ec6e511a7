namespace Bindwise.Model.Targets.Grammar;

/// <summary>Targets of the form <c>[HOST:]PORT[/PROTOCOL]</c> (the grammar stands above <see cref="TargetParser"/>).</summary>
internal static class EndpointGrammar
{
    /// <summary>IFNAMSIZ without the closing NUL (netdevice(7)).</summary>
    private const int MaxScopeChars = 15;

    /// <param name="text">One word without blanks.</param>
    /// <param name="offset">Where it stands in what the user typed.</param>
    public static ParseResult<Target> Parse(string text, int offset)
    {
        // PORT=8080, #8080, and a sentence's own punctuation.
        if (text[(text.LastIndexOf('=') + 1)..].TrimStart('#').TrimEnd(',', ';', '.') is var bare && bare.Length < text.Length
            && Parse(bare, offset) is { Value: { Port: not null } or { Service: not null, Host: not null } })
            return Fault.At(offset, $"a target stands by itself; write {Fault.Show(bare)}");
        if (text.AsSpan().IndexOfAny(',', ';') is >= 0 and var cut)
            return Fault.At(offset + cut,
                $"give each as a target of its own: {Fault.Show(text.Replace(',', ' ').Replace(';', ' ').Trim())}");
        if (text.IndexOf("->", StringComparison.Ordinal) is > 0 and var arrow)
            return Fault.At(offset + arrow, "only the side before the arrow is a target; write "
                + Fault.Show(text[..arrow] + (text.EndsWith("/udp", StringComparison.OrdinalIgnoreCase) ? "/udp" : "")));
        var slash = text.LastIndexOf('/');
        if (slash < 0)
            return Assumed(ParsePlace(text, text, Protocol.Tcp, offset));

        var place = text[..slash];
        return text[(slash + 1)..].ToUpperInvariant() switch
        {
            "TCP" or "UDP" when place.Contains('/', StringComparison.Ordinal) => WrongProtocol(text, slash, offset),
            "TCP" => ParsePlace(place, text, Protocol.Tcp, offset),
            "UDP" => ParsePlace(place, text, Protocol.Udp, offset),
            _ => WrongProtocol(text, slash, offset),
        };
    }

    /// <summary>Reads the host of a target or a URL: everything before the colon of the port.</summary>
    /// <param name="host">The host; brackets and scope included.</param>
    /// <param name="offset">Where it stands in what the user typed.</param>
    /// <param name="port">The port after it, for the corrected example.</param>
    public static HostPart ParseHost(string host, int offset, string port)
    {
        if (host is "")
            return default;
        if (host is "*" or "+")
            return new("*", null, null);
        if (host[0] == '[')
            return ParseBrackets(host, offset, port);
        if (InetAton.TryParse(host, out var address))
            return IsTwoPorts(host)
                ? Wrong(offset,
                    $"{Fault.Quote(host + ":" + port)} looks like a mapping of two ports; give one of them, as in: bindwise why {host}")
                : new(host, address, null);
        if (host.Contains('%', StringComparison.Ordinal))
            return Wrong(offset + host.IndexOf('%', StringComparison.Ordinal),
                "a scope belongs to an IPv6 address in brackets, as in [fe80::1%eth0]:8080; for an interface use --device");
        if (IsProtocol(host))
            return Wrong(offset, $"the protocol comes after the port; write {Fault.Show(port)}/{Fault.Show(host.AsSpan(0, 3))}");
        if (host.Equals("port", StringComparison.OrdinalIgnoreCase))
            return Wrong(offset, $"a port stands by itself; write {Fault.Show(port)}");
        if (HostText.IsMeantAsIPv4(host))
            return Wrong(offset, $"{Fault.Quote(host)} is not an IPv4 address; write one such as 127.0.0.1:{Fault.Show(port)}");
        return HostText.IsPlausibleName(host) ? new(host, null, null)
            : Wrong(offset, $"{Fault.Quote(host)} is no host name; write one in ASCII letters, digits and hyphens, such as localhost:"
                + $"{Fault.Show(port)}");
    }

    private static ParseResult<Target> Assumed(ParseResult<Target> read) =>
        read.Value is { } target ? new(target with { IsProtocolAssumed = true }) : read;

    private static ParseResult<Target> ParsePlace(string place, string text, Protocol protocol, int offset)
    {
        var colons = place.AsSpan().Count(':');
        if (place.StartsWith('['))
            return ParseBracketed(place, text, protocol, offset);
        if (colons == 0)
            return ParseBarePort(place, text, protocol, offset);
        if (colons == 1)
        {
            var colon = place.IndexOf(':', StringComparison.Ordinal);
            if (place[(colon + 1)..].ToUpperInvariant() is "TCP" or "UDP" && PortText.TryParseNumber(place.AsSpan(0, colon), out _))
                return Fault.At(offset + colon, $"a slash stands before the protocol; write {place.Replace(':', '/')}");
            return Join(ParseHost(place[..colon], offset, place[(colon + 1)..]), place[(colon + 1)..], text, protocol, offset + colon + 1);
        }
        return place.StartsWith(":::", StringComparison.Ordinal) && colons == 3
            ? Join(new("::", IpAddress.AnyIPv6, null), place[3..], text, protocol, offset + 3)
            : Fault.At(offset, Ambiguity.Explain(place));
    }

    private static ParseResult<Target> Join(HostPart host, string portText, string text, Protocol protocol, int portOffset)
    {
        if (host.Error is not null)
            return new(null, host.Error, host.Column);
        var port = PortText.Parse(portText);
        return port.Error is null ? new(host.ToTarget(text, protocol, port)) : Fault.At(portOffset, port.Error);
    }

    private static ParseResult<Target> ParseBracketed(string place, string text, Protocol protocol, int offset)
    {
        var closing = place.IndexOf(']', StringComparison.Ordinal);
        if (closing < 0)
            return Fault.At(offset + place.Length, $"the closing bracket is missing; write [::1]:8080");
        var host = place[..(closing + 1)];
        if (closing + 1 == place.Length || place[closing + 1] != ':')
        {
            var read = ParseHost(host, offset, "8080");
            return read.Error is not null ? new(null, read.Error, read.Column)
                : Fault.At(offset + closing + 1, $"{Fault.Quote(place)} has no port; write {Fault.Show(host)}:8080");
        }
        var port = place[(closing + 2)..];
        if (port.IndexOf(':', StringComparison.Ordinal) is > 0 and var second)
            return Fault.At(offset + closing + 2 + second,
                $"{Fault.Quote(place)} has more than one port; write {Fault.Show(place.AsSpan(0, closing + 2 + second))}");
        return Join(ParseHost(host, offset, port), port, text, protocol, offset + closing + 2);
    }

    private static HostPart ParseBrackets(string host, int offset, string port)
    {
        if (host[^1] != ']')
            return Wrong(offset, $"the closing bracket is missing; write [::1]:{Fault.Show(port)}");
        var inner = host[1..^1];
        var percent = inner.IndexOf('%', StringComparison.Ordinal);
        var bare = percent < 0 ? inner : inner[..percent];
        if (!HostText.TryParseIPv6(bare, out var address))
            return InetAton.TryParse(bare, out _) || (HostText.IsPlausibleName(bare) && !HostText.IsMeantAsIPv4(bare))
                ? Wrong(offset, $"brackets are for IPv6 addresses; write {Fault.Show(bare)}:{Fault.Show(port)}")
                : Wrong(offset + 1, $"{Fault.Quote(bare)} is not an IPv6 address; write one such as [::1]:{Fault.Show(port)}");
        if (percent < 0)
            return new(bare, address, null);
        var scope = inner[(percent + 1)..];
        return scope.Length is 0 or > MaxScopeChars || scope.AsSpan().IndexOfAny("[]/:") >= 0
            ? Wrong(offset + percent + 2,
                $"{Fault.Quote(scope)} names no interface; write one after the %, as in [fe80::1%eth0]:{Fault.Show(port)}")
            : new(bare, address, scope);
    }

    /// <summary>One word without a colon: a port or a service; anything else is a host whose port is missing.</summary>
    private static ParseResult<Target> ParseBarePort(string place, string text, Protocol protocol, int offset)
    {
        var isHost = place is "*" or "+" || place.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (place.Contains('.', StringComparison.Ordinal) && (InetAton.TryParse(place, out _) || HostText.IsPlausibleName(place)));
        // BIND and Unbound print addresses so.
        if (place.AsSpan().IndexOfAny('#', '@') is > 0 and var sign && HostText.TryParseDottedQuad(place.AsSpan(0, sign), out _))
            return Fault.At(offset + sign,
                $"a colon stands between address and port; write {Fault.Show(place.AsSpan(0, sign))}:{Fault.Show(place.AsSpan(sign + 1))}");
        if (isHost && PathGrammar.IsNamedAsSocket(place))
            return Fault.At(offset, $"{Fault.Quote(place)} has no port; for a UNIX socket write ./{Fault.Show(place)}");
        return isHost
            ? Fault.At(offset + place.Length, $"{Fault.Quote(place)} has no port; write {Fault.Show(place)}:8080")
            : Join(default, place, text, protocol, offset);
    }

    private static bool IsProtocol(string word) => word.ToUpperInvariant() is "TCP" or "UDP" or "TCP4" or "TCP6" or "UDP4" or "UDP6";

    private static ParseResult<Target> WrongProtocol(string text, int slash, int offset)
    {
        var place = text[..slash];
        var suffix = text[(slash + 1)..];
        if (text.StartsWith("http:/", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https:/", StringComparison.OrdinalIgnoreCase))
            return Fault.At(offset,
                $"two slashes follow the scheme of a URL; write {Fault.Show(text.Replace(":/", "://", StringComparison.Ordinal))}");
        if (text.StartsWith("~/", StringComparison.Ordinal))
            return Fault.At(offset,
                $"the shell has not replaced the ~; write the path from the root, as in /home/me/{Fault.Show(text.AsSpan(2))}");
        if (place.EndsWith("/tcp", StringComparison.OrdinalIgnoreCase) || place.EndsWith("/udp", StringComparison.OrdinalIgnoreCase))
            return Fault.At(offset + slash, $"nothing follows the protocol; write {Fault.Show(place)}");
        if (IsProtocol(place))
            return Fault.At(offset, $"the protocol comes after the port; write {Fault.Show(suffix)}/{Fault.Show(place.AsSpan(0, 3))}");
        if (suffix == "")
            return Fault.At(offset + slash,
                $"the protocol after the slash is missing; write {Fault.Show(place)}/tcp or {Fault.Show(place)}/udp");
        var looksLikePath = place.Contains('/', StringComparison.Ordinal) || suffix.Contains('.', StringComparison.Ordinal)
            || !place.AsSpan().ContainsAnyInRange('0', '9');
        return Fault.At(offset + slash + 1, looksLikePath
            ? $"{Fault.Quote(text)} is not a target; for a path write ./{Fault.Show(text)}, for a port only what stands before the slash"
            : $"{Fault.Quote(suffix)} is not a protocol that bindwise knows; write {Fault.Show(place)}/tcp or {Fault.Show(place)}/udp");
    }

    /// <summary>inet_aton reads 8080 as 0.0.31.144: nobody who writes 8080:80 means that.</summary>
    private static bool IsTwoPorts(string host) => PortText.TryParseNumber(host, out var number) && number != 0;

    private static HostPart Wrong(int offset, string error) => new(null, null, null, error, offset + 1);
}

/// <summary>
/// Several colons without brackets: an IPv6 address, one with a port, or two ports. What it could be, and how to write it.
/// </summary>
internal static class Ambiguity
{
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
            (not null, true) =>
                $"{Fault.Quote(place)} is ambiguous; write {withPort} for port {tail} at {head}, or [{place}]:PORT for the address {place}",
            (not null, false) => $"an IPv6 address with a port needs brackets; write {withPort}",
            (null, true) => $"{Fault.Quote(place)} is an IPv6 address without a port; write [{place}]:8080",
            _ => ExplainTwoPorts(place),
        };
    }

    private static string ExplainScope(string place, int percent)
    {
        var colon = place.IndexOf(':', percent);
        return colon < 0 ? $"{Fault.Quote(place)} has no port; write [{Fault.Show(place)}]:8080"
            : $"an IPv6 address with a port needs brackets; write [{Fault.Show(place.AsSpan(0, colon))}]:"
                + $"{Fault.Show(place.AsSpan(colon + 1))}";
    }

    private static string ExplainTwoPorts(string place)
    {
        var first = place.IndexOf(':', StringComparison.Ordinal);
        var second = place.IndexOf(':', first + 1);
        var port = place.AsSpan(first + 1, second - first - 1);
        if (place.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            return $"two slashes follow the scheme of a URL; write {Fault.Show(place.AsSpan(0, first))}://"
                + $"{Fault.Show(place.AsSpan(first + 1))}";
        return first > 0 && PortText.TryParseNumber(port, out _)
            ? $"{Fault.Quote(place)} has more than one port; write {Fault.Show(place.AsSpan(0, second))}"
            : $"{Fault.Quote(place)} is neither HOST:PORT nor an IPv6 address; write 127.0.0.1:8080 or [::1]:8080";
    }
}
