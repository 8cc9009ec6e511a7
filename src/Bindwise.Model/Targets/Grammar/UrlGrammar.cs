namespace Bindwise.Model.Targets.Grammar;

/// <summary>URLs of what a server listens on: the scheme gives the port when none is written; user, path and query do not matter.</summary>
internal static class UrlGrammar
{
    private const string Separator = "://";

    private static readonly Dictionary<string, ushort> DefaultPorts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["http"] = 80,
        ["https"] = 443,
        ["ws"] = 80,
        ["wss"] = 443,
        ["ftp"] = 21,
        ["ssh"] = 22,
        ["redis"] = 6379,
        ["rediss"] = 6379,
        ["postgres"] = 5432,
        ["postgresql"] = 5432,
        ["mysql"] = 3306,
        ["amqp"] = 5672,
        ["amqps"] = 5671,
        ["mongodb"] = 27017,
        ["mqtt"] = 1883,
        ["nats"] = 4222,
        ["ldap"] = 389,
        ["ldaps"] = 636,
    };

    /// <summary>Reads a text that holds <c>://</c>.</summary>
    /// <param name="offset">Where it stands in what the user typed.</param>
    public static ParseResult<Target> Parse(string text, int offset)
    {
        var separator = text.IndexOf(Separator, StringComparison.Ordinal);
        // jdbc:postgresql://…: the last name counts.
        var scheme = text[(text.LastIndexOf(':', Math.Max(0, separator - 1), separator) + 1)..separator];
        if (!IsScheme(scheme))
            return Fault.At(offset, $"{Fault.Quote(text)} has no scheme before ://; write http://localhost:5000 or localhost:5000");

        var start = separator + Separator.Length;
        var rest = text[start..];
        if (scheme.Equals("npipe", StringComparison.OrdinalIgnoreCase))
            return Fault.At(offset, "a named pipe of Windows is no socket: it has no port, and this host has none");
        // ZeroMQ's ipc:// is a path too.
        if (scheme.ToUpperInvariant() is "UNIX" or "IPC")
            return PathGrammar.FromPath(rest, text, offset);
        if (rest.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return PathGrammar.FromPath(rest["unix:".Length..], text, offset);
        if (scheme.Equals("file", StringComparison.OrdinalIgnoreCase))
            return Fault.At(offset, $"a file: URL is no target; for a UNIX socket write its path: {Fault.Show(rest)}");
        if (scheme.EndsWith("+unix", StringComparison.OrdinalIgnoreCase))
            return Fault.At(offset, $"{Fault.Quote(text)} holds an encoded path; write the path itself, as in /run/app.sock");

        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var user = authority.LastIndexOf('@');
        if (authority.AsSpan().IndexOfAny(',', ';') is >= 0 and var cut)
            return Fault.At(offset + start + cut, $"give each URL as a target of its own: {Fault.Show(text.AsSpan(0, start + cut))} …");
        return ParseAuthority(text, scheme, authority[(user + 1)..], offset + start + user + 1);
    }

    private static ParseResult<Target> ParseAuthority(string text, string scheme, string authority, int offset)
    {
        var closing = authority.LastIndexOf(']');
        if (closing < 0 && authority.StartsWith('['))
            return Fault.At(offset, $"the closing bracket is missing; write {Fault.Show(scheme)}://[::1]:8080");
        var colon = authority.LastIndexOf(':');
        var hasPort = colon > closing;
        var host = hasPort ? authority[..colon] : authority;
        var portText = hasPort ? authority[(colon + 1)..] : "";
        if (host == "" && portText == "")
            return Fault.At(offset, $"{Fault.Quote(text)} names no host; write {Fault.Show(scheme)}://localhost:8080");
        if (closing < 0 && authority.AsSpan().Count(':') > 1)
            return Fault.At(offset, HostText.TryParseIPv6(host, out _) || HostText.TryParseIPv6(authority, out _)
                ? $"an IPv6 address in a URL needs brackets; write {Fault.Show(scheme)}://[::1]:8080"
                : $"{Fault.Quote(authority)} has more than one port; write {Fault.Show(scheme)}://"
                    + $"{Fault.Show(host.AsSpan(0, host.IndexOf(':', StringComparison.Ordinal)))}:8080");

        PortText port;
        if (portText != "")
            port = PortText.Parse(portText);
        else if (DefaultPorts.TryGetValue(scheme, out var number))
            port = new(number, null, null);
        else if (PortText.TryParseNumber(host, out _))
            return Fault.At(offset, $"{Fault.Quote(text)} names no host; write {Fault.Show(host)}/{(IsUdp(scheme) ? "udp" : "tcp")}");
        else
            return Fault.At(offset,
                $"the port that {Fault.Show(scheme)}:// stands for is not known; write {Fault.Show(scheme)}://{Fault.Show(host)}:PORT");
        if (port.Error is not null)
            return Fault.At(offset + colon + 1, port.Error);

        // RFC 6874: the % before a scope is written %25 in a URL.
        var decoded = host.Replace("%25", "%", StringComparison.Ordinal);
        var place = EndpointGrammar.ParseHost(decoded, offset, portText == "" ? "8080" : portText);
        return place.Error is null
            ? new(place.ToTarget(text, IsUdp(scheme) ? Protocol.Udp : Protocol.Tcp, port))
            : new(null, place.Error, place.Column);
    }

    private static bool IsUdp(string scheme) => scheme.StartsWith("udp", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 3986 §3.1.</summary>
    private static bool IsScheme(string scheme) => scheme.Length is > 0 and <= 32 && char.IsAsciiLetter(scheme[0])
        && scheme.All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.');
}
