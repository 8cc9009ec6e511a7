using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Reads the address behind the words of a message: skips what people and programs write in between
/// (<c>to address</c>, <c>on TCP port</c>, <c>(2) for</c>), then takes what stands there if it is an address, a port or a path.
/// </summary>
internal static class AddressMentionReader
{
    private const int MaxWords = 10;
    private const int MaxWordChars = 12;

    private const int MaxLinks = 8;

    /// <summary>Words between a port and its address.</summary>
    private static readonly HashSet<string> Links = new(StringComparer.OrdinalIgnoreCase)
    {
        "on", "at", "for", "host", "address", "addr", "ip", "interface", "socket_addr",
    };

    /// <summary>What may be said of a port before its address is.</summary>
    private static readonly HashSet<string> States = new(StringComparer.OrdinalIgnoreCase)
    {
        "is", "was", "not", "open", "free", "available", "already", "in", "use", "used", "being", "busy", "taken", "occupied",
    };

    private static readonly HashSet<string> Fillers = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "addr", "address", "addresses", "all", "and", "any", "at", "bind", "binding", "bound", "command", "channel", "configured",
        "domain", "endpoint", "failed", "file", "for", "given", "grpc", "host", "hostname", "http", "https", "inet", "inet6", "interface", "ip",
        "ipv4", "ipv6", "is", "listen", "listener", "listening", "local", "network", "number", "on", "path", "port", "prefix", "range", "receiving", "requested",
        "server", "service", "socket", "sockets", "specified", "ssl", "stream", "tcp", "tcp/ip", "tcp4", "tcp6", "the", "tls", "to",
        "udp", "udp4", "udp6", "unix", "uri", "url", "using", "websocket", "with",
    };

    /// <summary>Reads the place behind some words.</summary>
    /// <param name="line">The line.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="isPortNext">The words before end in "port": a bare number is one.</param>
    /// <param name="place">What was read.</param>
    public static bool TryRead(string line, int start, bool isPortNext, out AddressMention place)
    {
        Protocol? protocol = null;
        var at = start;
        for (var words = 0; words <= MaxWords; words++)
        {
            at = SkipSeparators(line, at);
            if (at >= line.Length)
                break;
            if (isPortNext && TryReadPort(line, at, out place))
            {
                place = place with { Protocol = place.Protocol ?? protocol };
                return true;
            }
            if (EndpointReader.TryRead(line, at, out place))
            {
                place = place with { Protocol = place.Protocol ?? protocol };
                return true;
            }
            var word = WordAt(line, at);
            if (!Fillers.Contains(word))
                break;
            isPortNext = word.Equals("port", StringComparison.OrdinalIgnoreCase) || (isPortNext && word.ToUpperInvariant() is "NUMBER" or "RANGE");
            protocol = char.ToUpperInvariant(word[0]) == 'U' && word.StartsWith("udp", StringComparison.OrdinalIgnoreCase) ? Protocol.Udp
                : word.StartsWith("tcp", StringComparison.OrdinalIgnoreCase) ? Protocol.Tcp : protocol;
            at += word.Length;
        }
        place = default;
        return false;
    }

    /// <summary>
    /// A port as a bare number; an address behind <c>on</c> belongs to it (sshd: <c>port 22 on 0.0.0.0</c>,
    /// Exim: <c>port 25 for address 127.0.0.1</c>, <c>port 8080 is already in use on host localhost</c>).
    /// </summary>
    public static bool TryReadPort(string line, int start, out AddressMention place)
    {
        place = default;
        var at = start;
        while (at < line.Length && line[at] is '"' or '\'' or '[' or '(' or '#' or '`')
            at++;
        if (!DigitReader.TryReadPort(line, at, out var port, out var end))
            return false;
        place = AddressMention.OfPort(port, at, end);

        if (TryReadHostOf(line, end, out var named))
            place = named with { Port = port, Start = at };
        return true;
    }

    /// <summary>The address that some words link to the port before them.</summary>
    private static bool TryReadHostOf(string line, int at, out AddressMention place)
    {
        var isLinked = false;
        for (var words = 0; words <= MaxLinks; words++)
        {
            while (at < line.Length && line[at] is ' ' or '"' or '\'' or ']' or ')' or '`' or '=')
                at++;
            if (isLinked && EndpointReader.TryReadAddress(line, at, out place))
                return true;
            var end = at;
            while (end < line.Length && end - at < MaxWordChars && (char.IsAsciiLetter(line[end]) || line[end] == '_'))
                end++;
            var word = line[at..end];
            if (!Links.Contains(word) && !States.Contains(word))
                break;
            isLinked |= Links.Contains(word);
            at = end;
        }
        place = default;
        return false;
    }

    /// <summary>Whether a word stands at a place that an address may follow.</summary>
    public static bool IsFiller(string word) => Fillers.Contains(word);

    private static int SkipSeparators(string line, int at)
    {
        while (at < line.Length)
        {
            var next = at + 1 < line.Length ? line[at + 1] : ' ';
            var length = line[at] switch
            {
                ' ' or '=' or ')' or ',' or '>' or '|' or ';' => 1,
                ':' when next is not (':' or (>= '0' and <= '9')) => 1,
                '-' when next is ' ' or '>' => 1,
                // bind(), bind(2), bind(..): the call's own brackets.
                // OpenVPN: [AF_INET]0.0.0.0:1194.
                '[' when line.AsSpan(at).StartsWith("[AF_INET", StringComparison.Ordinal) && line.IndexOf(']', at, Math.Min(12, line.Length - at)) is > 0 and var close => close + 1 - at,
                '(' when next is ')' => 2,
                '(' when next is '.' && at + 3 < line.Length && line[at + 3] == ')' => 4,
                '(' when char.IsAsciiDigit(next) && at + 2 < line.Length && line[at + 2] == ')' => 3,
                '(' when char.IsAsciiLetter(next) && !IsPythonString(line, at + 1) => 1,
                _ => 0,
            };
            if (length == 0)
                return at;
            at += length;
        }
        return at;
    }

    private static bool IsPythonString(string line, int at) => at + 1 < line.Length && line[at] is 'u' or 'b' && line[at + 1] is '\'' or '"';

    private static string WordAt(string line, int at)
    {
        var end = at;
        while (end < line.Length && end - at < MaxWordChars && (char.IsAsciiLetterOrDigit(line[end]) || line[end] == '/'))
            end++;
        return line[at..end].TrimEnd('/');
    }
}
