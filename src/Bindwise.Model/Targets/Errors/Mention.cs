using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Where a socket was to be bound, as far as some words tell.</summary>
/// <param name="Host">The host, <c>*</c> for a written wildcard, null for none.</param>
/// <param name="Scope">The scope after <c>%</c>.</param>
/// <param name="Port">The port; null when not told.</param>
/// <param name="Protocol">TCP or UDP when these words tell it.</param>
/// <param name="Start">Where the words start in their line.</param>
internal readonly record struct AddressMention(
    string? Host = null, IpAddress? Address = null, string? Scope = null, ushort? Port = null, string? Path = null,
    Protocol? Protocol = null, int Start = 0, int End = 0)
{
    /// <summary>The words say "every address" by naming none, as in <c>:8080</c>.</summary>
    public bool IsEveryAddress { get; init; }

    public MentionRank Rank =>
        Path is not null || (Port is not null && (Host is not null || IsEveryAddress)) ? MentionRank.Full
        : Port is not null ? MentionRank.PortOnly
        : MentionRank.AddressOnly;

    public static AddressMention OfPort(ushort port, int start, int end) => new(Port: port, Start: start, End: end);

    public static AddressMention OfPath(string path, int start, int end) => new(Path: path, Start: start, End: end);
}

/// <summary>
/// Reads the address after the words of a message: skips what people and programs write in between (<c>to address</c>, <c>on TCP port</c>,
/// <c>(2) for</c>), then takes what stands there if it is an address, a port or a path.
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
        "domain", "endpoint", "failed", "file", "for", "given", "grpc", "host", "hostname", "http", "https", "inet", "inet6", "interface",
        "ip",
        "ipv4", "ipv6", "is", "listen", "listener", "listening", "local", "network", "number", "on", "path", "port", "prefix", "range",
        "receiving", "requested",
        "server", "service", "socket", "sockets", "specified", "ssl", "stream", "tcp", "tcp/ip", "tcp4", "tcp6", "the", "tls", "to",
        "udp", "udp4", "udp6", "unix", "uri", "url", "using", "websocket", "with",
    };

    /// <param name="isPortNext">The words before end in "port": a bare number is one.</param>
    public static bool TryRead(string line, int start, bool isPortNext, out AddressMention where)
    {
        Protocol? protocol = null;
        var at = start;
        for (var words = 0; words <= MaxWords; words++)
        {
            at = SkipSeparators(line, at);
            if (at >= line.Length)
                break;
            if (isPortNext && TryReadPort(line, at, out where))
            {
                where = where with { Protocol = where.Protocol ?? protocol };
                return true;
            }
            if (EndpointReader.TryRead(line, at, out where))
            {
                where = OfFamily(line, where) with { Protocol = where.Protocol ?? protocol };
                return true;
            }
            var word = WordAt(line, at);
            if (!Fillers.Contains(word))
                break;
            isPortNext = word.Equals("port", StringComparison.OrdinalIgnoreCase)
                || (isPortNext && word.ToUpperInvariant() is "NUMBER" or "RANGE");
            protocol = char.ToUpperInvariant(word[0]) == 'U' && word.StartsWith("udp", StringComparison.OrdinalIgnoreCase) ? Protocol.Udp
                : word.StartsWith("tcp", StringComparison.OrdinalIgnoreCase) ? Protocol.Tcp : protocol;
            at += word.Length;
        }
        where = default;
        return false;
    }

    /// <summary>Go's networks of one family: <c>tcp4 :53</c> is 0.0.0.0, which no socket on an IPv6 address is in the way of.</summary>
    private static AddressMention OfFamily(string line, AddressMention where)
    {
        if (where is not { IsEveryAddress: true, Host: null, Port: not null })
            return where;
        var before = line.AsSpan(0, where.Start).TrimEnd();
        return before.EndsWith("tcp4", StringComparison.OrdinalIgnoreCase) || before.EndsWith("udp4", StringComparison.OrdinalIgnoreCase)
            ? where with { Host = "0.0.0.0", Address = IpAddress.AnyIPv4 }
            : before.EndsWith("tcp6", StringComparison.OrdinalIgnoreCase) || before.EndsWith("udp6", StringComparison.OrdinalIgnoreCase)
            ? where with { Host = "::", Address = IpAddress.AnyIPv6 } : where;
    }

    /// <summary>
    /// A port as a bare number; an address after <c>on</c> belongs to it (sshd: <c>port 22 on 0.0.0.0</c>, Exim: <c>port 25 for address
    /// 127.0.0.1</c>, <c>port 8080 is already in use on host localhost</c>).
    /// </summary>
    public static bool TryReadPort(string line, int start, out AddressMention where)
    {
        where = default;
        var at = start;
        while (at < line.Length && line[at] is '"' or '\'' or '[' or '(' or '#' or '`')
            at++;
        if (!DigitReader.TryReadPort(line, at, out var port, out var end))
            return false;
        where = AddressMention.OfPort(port, at, end);

        if (TryReadHostOf(line, end, out var named))
            where = named with { Port = port, Start = at };
        return true;
    }

    /// <summary>The address that some words link to the port before them.</summary>
    private static bool TryReadHostOf(string line, int at, out AddressMention where)
    {
        var isLinked = false;
        for (var words = 0; words <= MaxLinks; words++)
        {
            while (at < line.Length && line[at] is ' ' or '"' or '\'' or ']' or ')' or '`' or '=')
                at++;
            if (isLinked && EndpointReader.TryReadAddress(line, at, out where))
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
        where = default;
        return false;
    }

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
                '[' when line.AsSpan(at).StartsWith("[AF_INET", StringComparison.Ordinal)
                    && line.IndexOf(']', at, Math.Min(12, line.Length - at)) is > 0 and var close => close + 1 - at,
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

    private static bool IsPythonString(string line, int at) =>
        at + 1 < line.Length && line[at] is 'u' or 'b' && line[at + 1] is '\'' or '"';

    private static string WordAt(string line, int at)
    {
        var end = at;
        while (end < line.Length && end - at < MaxWordChars && (char.IsAsciiLetterOrDigit(line[end]) || line[end] == '/'))
            end++;
        return line[at..end].TrimEnd('/');
    }
}

/// <summary>Reads the port that stands after an address: after a colon, or after the word "port".</summary>
internal static class PortAfter
{
    private const int MaxSkippedChars = 16;

    /// <summary>
    /// The port right after a bracket or an address: <c>:80</c>, <c>:[80]</c>, <c>:[80-90]</c>, <c>#80</c> (BIND), <c>@80</c> (Unbound,
    /// Knot).
    /// </summary>
    public static bool TryReadColon(string line, int at, out ushort port, out int end)
    {
        (port, end) = (0, at);
        if (at >= line.Length || line[at] is not (':' or '#' or '@'))
            return false;
        var isBracketed = at + 1 < line.Length && line[at + 1] == '[';
        var digits = isBracketed ? at + 2 : at + 1;
        var start = digits;
        while (digits < line.Length && digits - start < 6 && char.IsAsciiDigit(line[digits]))
            digits++;
        if (!PortText.TryParseNumber(line.AsSpan(start, digits - start), out port))
        {
            end = digits;
            return false;
        }
        // Of a range the first one was tried first.
        if (isBracketed && digits < line.Length && line[digits] == '-')
            digits = Skip(line, digits + 1, "0123456789");
        end = digits;
        return !isBracketed || (digits < line.Length && line[digits] == ']');
    }

    public static bool TryRead(string line, int at, out ushort port, out int end) =>
        TryReadColon(line, at, out port, out end) || TryReadWord(line, at, out port, out end);

    /// <summary>
    /// The port after an address and the word: <c>127.0.0.1 port 8080</c>, <c>[localhost] and port [8005]</c>, <c>'::', port: 3000</c>.
    /// </summary>
    public static bool TryReadWord(string line, int at, out ushort port, out int end)
    {
        (port, end) = (0, at);
        at = Skip(line, at, " ,]\"')`");
        if (line.AsSpan(at).StartsWith("and ", StringComparison.OrdinalIgnoreCase))
            at += 4;
        if (!line.AsSpan(at).StartsWith("port", StringComparison.OrdinalIgnoreCase))
            return false;
        at = Skip(line, at + 4, " :=[\"'#");
        return DigitReader.TryReadPort(line, at, out port, out end);
    }

    public static int Skip(string line, int at, string skipped)
    {
        var end = Math.Min(line.Length, at + MaxSkippedChars);
        while (at < end && skipped.Contains(line[at], StringComparison.Ordinal))
            at++;
        return at;
    }
}

/// <summary>Reads what structured logs and printed objects name: <c>"port":3000</c>, <c>port: 3000</c>, <c>host=127.0.0.1</c>.</summary>
internal static class PropertyReader
{
    private delegate bool ValueReader(string words, int at, out AddressMention where);

    public static AddressMention? Port(string words, string key) => Read(words, key, AddressMentionReader.TryReadPort);

    public static AddressMention? Address(string words, string key) => Read(words, key, EndpointReader.TryReadAddress);

    /// <summary>A path, which begins with a slash or, as abstract names do, with an at sign.</summary>
    public static AddressMention? Path(string words, string key) =>
        Read(words, key, EndpointReader.TryRead) is { Path: not null } where ? where : null;

    private static AddressMention? Read(string words, string key, ValueReader reader)
    {
        for (var at = words.IndexOf(key, StringComparison.OrdinalIgnoreCase); at >= 0; at = words.IndexOf(key, at + 1,
            StringComparison.OrdinalIgnoreCase))
        {
            var separator = at + key.Length;
            if (separator < words.Length && words[separator] is '"' or '\'')
                separator++;
            if (separator >= words.Length || words[separator] is not (':' or '=') || (at > 0 && char.IsAsciiLetterOrDigit(words[at - 1])))
                continue;
            var value = separator + 1;
            while (value < words.Length && words[value] == ' ')
                value++;
            if (reader(words, value, out var where))
                return where;
        }
        return null;
    }
}

/// <summary>What one message says about the bind that failed.</summary>
/// <param name="Line">Where it stands, from 0.</param>
/// <param name="Protocol">TCP, UDP or UNIX.</param>
internal sealed record BindMention(AddressMention Address, RuntimeProfile Profile, MentionRank Rank, int Line, Protocol Protocol)
{
    /// <summary>How <see cref="Protocol"/> is known; a path tells it.</summary>
    public ProtocolSource Source { get => Protocol == Protocol.Unix ? ProtocolSource.Stated : field; init; }

    /// <summary>The message fits both protocols, and means this one less often.</summary>
    public bool IsLessLikely { get; init; }

    /// <summary>The port is the usual one of the program: the message names none.</summary>
    public bool IsPortAssumed { get; init; }

    /// <summary>The errno that is certain by the message itself; null to look for one around it.</summary>
    public string? Errno { get; init; }

    /// <summary>The program set SO_REUSEADDR, seen in a trace; null to go by the runtime.</summary>
    public bool? SeenReuseAddress { get; init; }

    /// <summary>The program set IPV6_V6ONLY so, seen in a trace; null to go by the runtime.</summary>
    public bool? SeenV6Only { get; init; }

    /// <param name="protocol">What the words around the address tell; null for nothing.</param>
    /// <param name="source">How TCP is known where nothing tells the protocol.</param>
    public static BindMention At(AddressMention where, RuntimeProfile profile, int line, Protocol? protocol = null,
        ProtocolSource source = ProtocolSource.Stated) =>
        new(where, profile, where.Rank, line, where.Path is not null ? Protocol.Unix : where.Protocol ?? protocol ?? Protocol.Tcp)
        {
            Source = (where.Protocol ?? protocol) is null ? source : ProtocolSource.Stated,
        };

    /// <summary>Both are about the same address and port, or the same path, however it is written.</summary>
    public bool IsSamePlace(BindMention other) => Protocol == other.Protocol
        && (Address.Address, Address.Scope, Address.Port, Address.Path) == (other.Address.Address, other.Address.Scope, other.Address.Port,
            other.Address.Path)
        && (Address.Address is not null || string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase));

    /// <summary>No host and a written <c>*</c> mean the same: every address.</summary>
    private string? HostName => Address.Host is "*" or "+" ? null : Address.Host;
}

/// <summary>How much a message tells of where the bind failed, the best first.</summary>
internal enum MentionRank : byte
{
    /// <summary>An address with its port, or a path.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, of a bind whose failure the program can live with, or that only tried.</summary>
    Lesser,

    PortOnly,

    /// <summary>An address alone: the port stands elsewhere, or nowhere.</summary>
    AddressOnly,
}
