using Bindwise.Model.Addresses;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Reads an address as programs print it, at a place in a line: <c>127.0.0.1:80</c>, <c>[::]:80</c>, <c>[0.0.0.0:80]</c>, <c>:::3000</c>,
/// <c>('0.0.0.0', 5000)</c>, <c>"127.0.0.1" port 8080</c>, <c>localhost/127.0.0.1:9200</c>, <c>http://+:80</c>, <c>unix:/run/x.sock</c>.
/// </summary>
internal static class EndpointReader
{
    private const int MaxQuotedChars = 300;

    private const int MaxSkippedChars = 16;

    /// <summary>Quotes in brackets in braces: nobody prints more around an address.</summary>
    private const int MaxDepth = 3;

    /// <summary>Reads an address with its port, a path, or an address alone.</summary>
    public static bool TryRead(string line, int at, out Place place) => TryRead(line, at, 0, out place);

    /// <summary>Reads an address, in brackets or bare; its port where it has one, also behind the word "port".</summary>
    public static bool TryReadHost(string line, int at, out Place place) => TryReadHost(line, at, 0, out place);

    /// <summary>Reads an address where the port is known to stand elsewhere: <c>::1:3000</c> is all address here.</summary>
    public static bool TryReadAddress(string line, int at, out Place place)
    {
        while (at < line.Length && line[at] is '"' or '\'' or '`' or '[')
            at++;
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && IsBare(line[end]))
            end++;
        var run = line.AsSpan(at, end - at).TrimEnd(".-");
        // A colon may end the words before the address's own colons do: "on ::1: failed".
        while (!BareHost.TryParse(run.ToString(), out place) && run.EndsWith(":"))
            run = run[..^1];
        place = place with { Start = at, End = at + run.Length };
        return run.Length > 0 && (place.Address is not null || place.Host is "*" || "localhost".Equals(place.Host, StringComparison.OrdinalIgnoreCase));
    }

    private static bool TryRead(string line, int at, int depth, out Place place)
    {
        place = default;
        if (at >= line.Length || depth > MaxDepth)
            return false;
        switch (line[at])
        {
            case '"' or '\'' or '`':
                return TryReadQuoted(line, at, depth, out place);
            case '(':
                return TryReadTuple(line, at, out place) || TryRead(line, at + 1, depth + 1, out place);
            case '[':
                return TryReadTuple(line, at, out place) || TryReadBrackets(line, at, depth, out place);
            case '{':
                return TryRead(line, at + 1, depth + 1, out place);
            case '<' when line.AsSpan(at).StartsWith("<null>", StringComparison.Ordinal):
                return TryReadBare(line, at + "<null>".Length, depth, out place);
            case '/':
                // Java prints an address without its name as /0.0.0.0:8080.
                return (at + 1 < line.Length && line[at + 1] != '/' && TryReadHost(line, at + 1, depth, out place) && place.Port is not null)
                    || TryReadPath(line, at, at, out place);
            case '@':
                return TryReadPath(line, at, at, out place);
            default:
                return TryReadUrl(line, at, out place) || TryReadHost(line, at, depth, out place);
        }
    }

    private static bool TryReadHost(string line, int at, int depth, out Place place)
    {
        place = default;
        if (at >= line.Length || !(line[at] == '[' ? TryReadBrackets(line, at, depth, out place) : TryReadBare(line, at, depth, out place)))
            return false;
        if (place is { Port: null, Path: null } && TryReadPortBehind(line, place.End, out var port, out var end))
            place = place with { Port = port, End = end };
        return true;
    }

    /// <summary>A path as it stands, up to a blank or what closes it; unquoted ones lose the punctuation behind them.</summary>
    public static bool TryReadPath(string line, int start, int at, out Place place)
    {
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && line[end] is not (' ' or '"' or '\'' or '`' or ')' or ']' or ',' or ';' or '>' or '}' or '{'))
            end++;
        var path = line[at..end].TrimEnd(':', '.');
        place = Place.OfPath(path, start, at + path.Length);
        return path.Length > 1 && PathGrammar.FromPath(path, path, 0).IsSuccess;
    }

    private static bool TryReadQuoted(string line, int at, int depth, out Place place)
    {
        place = default;
        var close = line.IndexOf(line[at], at + 1, Math.Min(MaxQuotedChars, line.Length - at - 1));
        if (close < 0)
            return TryRead(line, at + 1, depth + 1, out place);
        var inner = line[(at + 1)..close];
        var end = close + 1;
        if (inner == "")
        {
            place = new(null, null, null, null, null, null, at, end) { IsEveryAddress = true };
        }
        else if (inner[0] is '/' or '@')
        {
            place = Place.OfPath(inner, at, end);
            return inner.Length > 1 && PathGrammar.FromPath(inner, inner, 0).IsSuccess;
        }
        else if (Whole(inner) is { } address && HasPortBehind(line, end, out var port, out var portEnd))
        {
            place = address with { Port = port, Start = at, End = portEnd };
            return true;
        }
        else if (inner[0] is '"' or '\'' or '`' || !TryRead(inner, 0, depth + 1, out var read))
        {
            return false;
        }
        else
        {
            place = read with { Start = at, End = end };
        }
        if (place is { Port: null, Path: null } && HasPortBehind(line, end, out var behind, out var behindEnd))
            place = place with { Port = behind, End = behindEnd };
        return !place.IsEveryAddress || place.Port is not null;
    }

    /// <summary>A host that fills its quotes: an address, <c>*</c>, or a name.</summary>
    private static Place? Whole(string text)
    {
        if (HostText.TryParseIPv6(text, out var ipv6))
            return new(text, ipv6, null, null, null, null, 0, 0);
        if (text == "*" || HostText.TryParseDottedQuad(text, out _) || HostText.IsPlausibleName(text))
            return new(text, HostText.TryParseDottedQuad(text, out var ipv4) ? ipv4 : null, null, null, null, null, 0, 0);
        return null;
    }

    /// <summary>Python's tuple: <c>('127.0.0.1', 8000)</c>, <c>('::1', 8000, 0, 0)</c>; an empty name is every address.</summary>
    private static bool TryReadTuple(string line, int at, out Place place)
    {
        place = default;
        var open = at + 1;
        if (open < line.Length && line[open] is 'u' or 'b')
            open++;
        if (open >= line.Length || line[open] is not ('\'' or '"'))
            return TryReadPair(line, at, out place);
        var close = line.IndexOf(line[open], open + 1, Math.Min(MaxQuotedChars, line.Length - open - 1));
        if (close < 0)
            return false;
        var comma = close + 1;
        while (comma < line.Length && line[comma] is ',' or ' ')
            comma++;
        if (comma == close + 1 || !DigitReader.TryReadPort(line, comma, out var port, out var end))
            return false;
        var bracket = line.AsSpan(end, Math.Min(20, line.Length - end)).IndexOfAny(')', ']');
        var host = line[(open + 1)..close];
        var scope = host.IndexOf('%', StringComparison.Ordinal);
        place = new(host == "" ? null : scope > 0 ? host[..scope] : host, null, scope > 0 ? host[(scope + 1)..] : null, port, null, null, at, bracket < 0 ? end : end + bracket + 1)
        {
            IsEveryAddress = host == "",
        };
        if (host == "")
            return true;
        if (Whole(place.Host!) is not { } read)
            return false;
        place = place with { Address = read.Address };
        return true;
    }

    /// <summary>The arguments of a call: <c>bind(0.0.0.0, 143)</c>, <c>listen(*, 143)</c>.</summary>
    private static bool TryReadPair(string line, int at, out Place place)
    {
        if (!TryReadAddress(line, at + 1, out place) || place.Start != at + 1)
            return false;
        var comma = SkipTo(line, place.End, ", ");
        if (comma == place.End || !DigitReader.TryReadPort(line, comma, out var port, out var end) || end >= line.Length || line[end] != ')')
            return false;
        place = place with { Port = port, Start = at, End = end + 1 };
        return true;
    }

    /// <summary><c>[::]:80</c>, <c>[127.0.0.1]:8080</c> (ssh), or brackets around all of it as HAProxy has: <c>[0.0.0.0:80]</c>, <c>[:::80]</c>.</summary>
    private static bool TryReadBrackets(string line, int at, int depth, out Place place)
    {
        place = default;
        var close = line.IndexOf(']', at, Math.Min(MaxQuotedChars, line.Length - at));
        if (close < 0 || depth > MaxDepth)
            return false;
        var inner = line[(at + 1)..close];
        if (inner.StartsWith('['))
            return TryReadBrackets(line, at + 1, depth + 1, out place);
        var hasPort = HasPortBehind(line, close + 1, out var port, out var end);
        if (BareHost.TryParse(inner, out var host) && (hasPort || host.Address is not null))
        {
            place = host with { Port = hasPort ? port : null, Start = at, End = hasPort ? end : close + 1 };
            return true;
        }
        if (inner.StartsWith('/') || inner.StartsWith("unix", StringComparison.Ordinal))
            return TryRead(inner, 0, depth + 1, out place) && place.Path is not null;
        if (!TryRead(inner, 0, depth + 1, out place))
            return false;
        place = place with { Start = at, End = close + 1 };
        return true;
    }

    private static bool TryReadUrl(string line, int at, out Place place)
    {
        place = default;
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && line[end] is not (' ' or '"' or '\'' or '`' or ',' or ')' or '>' or '<' or ';' or '}' or '|'))
            end++;
        var word = line[at..end].TrimEnd('.', ':');
        if (!word.Contains('[', StringComparison.Ordinal))
            word = word.TrimEnd(']');
        if (word.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return TryReadPath(line, at, at + "unix:".Length + (word.StartsWith("unix://", StringComparison.OrdinalIgnoreCase) ? 2 : 0), out place);
        if (!word.Contains("://", StringComparison.Ordinal) || UrlGrammar.Parse(word, 0).Value is not { } url || url.Service is not null)
            return false;
        place = new(url.Host, url.Address, url.Scope, url.Port, url.Path, url.Protocol, at, at + word.Length) { IsEveryAddress = url.Host is null };
        return true;
    }

    private static bool TryReadBare(string line, int at, int depth, out Place place)
    {
        place = default;
        if (depth > MaxDepth)
            return false;
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && IsBare(line[end]))
            end++;
        if (!BareEndpoint.TryParse(line.AsSpan(at, end - at), out place, out var length))
            return false;
        place = place with { Start = at, End = at + length };
        var next = at + length;
        if (place.Port is not null)
        {
            if (next < line.Length && line[next] == '/')
                place = place with { Protocol = ProtocolAt(line, next + 1) };
            return true;
        }
        // Java: name/address:port.
        if (next < line.Length && line[next] == '/' && TryReadHost(line, next + 1, depth + 1, out var resolved) && resolved.Port is not null)
        {
            place = resolved with { Start = at };
            return true;
        }
        // BIND: address#port. Elasticsearch: address:[port].
        if (place.Address is not null && TryReadColonPort(line, next, out var port, out var portEnd))
        {
            place = place with { Port = port, End = portEnd };
            return true;
        }
        return place.Address is not null || HasPortBehind(line, next, out _, out _);
    }

    /// <summary>The port right behind a bracket: <c>:80</c>, <c>:[80]</c>, <c>#80</c>.</summary>
    private static bool TryReadColonPort(string line, int at, out ushort port, out int end)
    {
        (port, end) = (0, at);
        if (at >= line.Length || line[at] is not (':' or '#'))
            return false;
        var isBracketed = at + 1 < line.Length && line[at + 1] == '[';
        var digits = isBracketed ? at + 2 : at + 1;
        var start = digits;
        while (digits < line.Length && digits - start < 6 && char.IsAsciiDigit(line[digits]))
            digits++;
        end = digits;
        return PortText.TryParseNumber(line.AsSpan(start, digits - start), out port) && (!isBracketed || (digits < line.Length && line[digits] == ']'));
    }

    private static bool HasPortBehind(string line, int at, out ushort port, out int end) =>
        TryReadColonPort(line, at, out port, out end) || TryReadPortBehind(line, at, out port, out end);

    /// <summary>The port behind an address and the word: <c>127.0.0.1 port 8080</c>, <c>[localhost] and port [8005]</c>, <c>'::', port: 3000</c>.</summary>
    private static bool TryReadPortBehind(string line, int at, out ushort port, out int end)
    {
        (port, end) = (0, at);
        at = SkipTo(line, at, " ,]\"')`");
        if (line.AsSpan(at).StartsWith("and ", StringComparison.OrdinalIgnoreCase))
            at += 4;
        if (!line.AsSpan(at).StartsWith("port", StringComparison.OrdinalIgnoreCase))
            return false;
        at = SkipTo(line, at + 4, " :=[\"'#");
        return DigitReader.TryReadPort(line, at, out port, out end);
    }

    private static int SkipTo(string line, int at, string skipped)
    {
        var end = Math.Min(line.Length, at + MaxSkippedChars);
        while (at < end && skipped.Contains(line[at], StringComparison.Ordinal))
            at++;
        return at;
    }

    private static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '%' or '*' or '+' or '-';

    private static Protocol? ProtocolAt(string line, int at)
    {
        var word = line.AsSpan(at);
        return word.StartsWith("udp", StringComparison.OrdinalIgnoreCase) ? Protocol.Udp
            : word.StartsWith("tcp", StringComparison.OrdinalIgnoreCase) ? Protocol.Tcp : null;
    }
}
