using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Reads an address as programs print it, at a place in a line: <c>127.0.0.1:80</c>, <c>[::]:80</c>, <c>[0.0.0.0:80]</c>, <c>:::3000</c>,
/// <c>('0.0.0.0', 5000)</c>, <c>"127.0.0.1" port 8080</c>, <c>localhost/127.0.0.1:9200</c>, <c>http://+:80</c>, <c>unix:/run/x.sock</c>.
/// </summary>
internal static class EndpointReader
{
    private const int MaxQuotedChars = 300;

    /// <summary>Quotes in brackets in braces: nobody prints more around an address.</summary>
    private const int MaxDepth = 3;

    /// <summary>Reads an address with its port, a path, or an address alone.</summary>
    public static bool TryRead(string line, int at, out AddressMention where) => TryRead(line, at, 0, out where);

    /// <summary>Reads an address, in brackets or bare; its port where it has one, also after the word "port".</summary>
    public static bool TryReadHost(string line, int at, out AddressMention where) => TryReadHost(line, at, 0, out where);

    /// <summary>Reads an address where the port is known to stand elsewhere: <c>::1:3000</c> is all address here.</summary>
    public static bool TryReadAddress(string line, int at, out AddressMention where)
    {
        at = PortAfter.Skip(line, at, "\"'`[");
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && IsBare(line[end]))
            end++;
        var run = line.AsSpan(at, end - at).TrimEnd(".-");
        // A colon may end the words before the address's own colons do: "on ::1: failed".
        while (!BareHost.TryParse(run.ToString(), out where) && run.EndsWith(":"))
            run = run[..^1];
        where = where with { Start = at, End = at + run.Length };
        return run.Length > 0
            && (where.Address is not null || where.Host is "*" || "localhost".Equals(where.Host, StringComparison.OrdinalIgnoreCase));
    }

    private static bool TryRead(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        if (at >= line.Length || depth > MaxDepth)
            return false;
        return line[at] switch
        {
            '"' or '\'' or '`' => TryReadQuoted(line, at, depth, out where),
            '(' => TryReadTuple(line, at, out where) || TryRead(line, at + 1, depth + 1, out where),
            '[' => TryReadTuple(line, at, out where) || TryReadBrackets(line, at, depth, out where),
            '{' => TryRead(line, at + 1, depth + 1, out where),
            '<' when line.AsSpan(at).StartsWith("<null>", StringComparison.Ordinal) =>
                TryReadBare(line, at + "<null>".Length, depth, out where),
            // Of a URL without its scheme.
            '/' when at + 1 < line.Length && line[at + 1] == '/' => false,
            // Java prints an address without its name as /0.0.0.0:8080.
            '/' => (at + 1 < line.Length && TryReadHost(line, at + 1, depth, out where)
                && where.Port is not null)
                || TryReadPath(line, at, at, out where),
            '@' => TryReadPath(line, at, at, out where),
            _ => TryReadUrl(line, at, out where) || TryReadBehindProtocol(line, at, depth, out where)
                || TryReadHost(line, at, depth, out where),
        };
    }

    private static bool TryReadHost(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        if (at >= line.Length || !(line[at] == '[' ? TryReadBrackets(line, at, depth, out where) : TryReadBare(line, at, depth, out where)))
            return false;
        if (where is { Port: null, Path: null } && PortAfter.TryReadWord(line, where.End, out var port, out var end))
            where = where with { Port = port, End = end };
        return true;
    }

    /// <summary>A path as it stands, up to a blank or what closes it; unquoted ones lose the punctuation after them.</summary>
    public static bool TryReadPath(string line, int start, int at, out AddressMention where)
    {
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && !IsBehindPath(line[end]))
            end++;
        end = EndBehindBlanks(line, at, end);
        var path = line[at..end].TrimEnd(':', '.');
        where = AddressMention.OfPath(path, start, at + path.Length);
        return path.Length > 1 && ((path[0] == '/' && PathGrammar.IsTooLong(path)) || PathGrammar.FromPath(path, path, 0).IsSuccess);
    }

    private static bool IsBehindPath(char c) => c is ' ' or '"' or '\'' or '`' or ')' or ']' or ',' or ';' or '>' or '}' or '{';

    /// <summary>
    /// Where a path ends that has a blank or a bracket in it: <c>/srv/my app/x.sock</c>, at the end of a socket's name or before what a
    /// program prints behind it. Another path that begins in between, or a remark in brackets, is not a part of it.
    /// </summary>
    private static int EndBehindBlanks(string line, int at, int end)
    {
        var path = line.AsSpan(at, end - at).TrimEnd(":.");
        if (end == line.Length || HasSocketEnd(path))
            return end;
        var rest = line.AsSpan(end, Math.Min(line.Length - end, MaxQuotedChars));
        foreach (var words in (ReadOnlySpan<string>)["://", " /", ": ", " (", " [", "\" ", "' ", ", ", "; ", " failed"])
        {
            if (rest.IndexOf(words) is >= 0 and var other)
                rest = rest[..other];
        }
        for (var length = rest.Length; length > 1; length--)
        {
            if ((length == rest.Length || IsBehindPath(rest[length])) && HasSocketEnd(rest[..length].TrimEnd(":.")))
                return end + length;
        }
        return end;
    }

    /// <summary>How sockets' files are called whatever stands before: no word of a sentence ends so.</summary>
    public static bool HasSocketEnd(ReadOnlySpan<char> path) => path.EndsWith(".sock", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".socket", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".ipc", StringComparison.OrdinalIgnoreCase);

    private static bool TryReadUrl(string line, int at, out AddressMention where)
    {
        where = default;
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars
            && line[end] is not (' ' or '"' or '\'' or '`' or ',' or ')' or '>' or '<' or ';' or '}' or '|'))
            end++;
        var word = line[at..end].TrimEnd('.', ':');
        if (!word.Contains('[', StringComparison.Ordinal))
            word = word.TrimEnd(']');
        if (word.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return TryReadPath(line, at, at + "unix:".Length + (word.StartsWith("unix://", StringComparison.OrdinalIgnoreCase) ? 2 : 0),
                out where);
        if (!word.Contains("://", StringComparison.Ordinal) || UrlGrammar.Parse(word, 0).Value is not { } url || url.Service is not null)
            return false;
        where = new(url.Host, url.Address, url.Scope, url.Port, url.Path, url.Protocol, at, at + word.Length)
        {
            IsEveryAddress = url.Host is null,
        };
        return true;
    }

    private static bool TryReadBare(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        if (depth > MaxDepth)
            return false;
        var end = at;
        while (end < line.Length && end - at < MaxQuotedChars && IsBare(line[end]))
            end++;
        if (!BareEndpoint.TryParse(line.AsSpan(at, end - at), out where, out var length))
            return false;
        where = where with { Start = at, End = at + length };
        var next = at + length;
        if (where.Port is not null)
        {
            if (next < line.Length && line[next] == '/')
                where = where with { Protocol = ProtocolAt(line, next + 1) };
            return true;
        }
        // Java: name/address:port.
        if (next < line.Length && line[next] == '/' && TryReadHost(line, next + 1, depth + 1, out var resolved)
            && resolved.Port is not null)
        {
            where = resolved with { Start = at };
            return true;
        }
        // BIND: address#port. Elasticsearch: address:[port].
        if (where.Address is not null && PortAfter.TryReadColon(line, next, out var port, out var portEnd))
        {
            where = where with { Port = port, End = portEnd };
            return true;
        }
        return where.Address is not null || PortAfter.TryRead(line, next, out _, out _);
    }

    private static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '%' or '*' or '+' or '-';

    private static Protocol? ProtocolAt(string line, int at)
    {
        var word = line.AsSpan(at);
        return word.StartsWith("udp", StringComparison.OrdinalIgnoreCase) ? Protocol.Udp
            : word.StartsWith("tcp", StringComparison.OrdinalIgnoreCase) ? Protocol.Tcp : null;
    }

    // Addresses in quotes, tuples and brackets.

    private static bool TryReadQuoted(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        var close = line.IndexOf(line[at], at + 1, Math.Min(MaxQuotedChars, line.Length - at - 1));
        if (close < 0)
            return TryRead(line, at + 1, depth + 1, out where);
        var inner = line[(at + 1)..close];
        var end = close + 1;
        if (inner == "")
        {
            where = new(Start: at, End: end) { IsEveryAddress = true };
        }
        else if (inner[0] is '/' or '@')
        {
            where = AddressMention.OfPath(inner, at, end);
            return inner.Length > 1 && PathGrammar.FromPath(inner, inner, 0).IsSuccess;
        }
        else if (Whole(inner) is { } address && PortAfter.TryRead(line, end, out var port, out var portEnd))
        {
            where = address with { Port = port, Start = at, End = portEnd };
            return true;
        }
        else if (inner[0] is '"' or '\'' or '`' || !TryRead(inner, 0, depth + 1, out var read))
        {
            return false;
        }
        else
        {
            where = read with { Start = at, End = end };
        }
        if (where is { Port: null, Path: null } && PortAfter.TryRead(line, end, out var after, out var afterEnd))
            where = where with { Port = after, End = afterEnd };
        return !where.IsEveryAddress || where.Port is not null;
    }

    /// <summary>A host that fills its quotes: an address, <c>*</c>, or a name.</summary>
    private static AddressMention? Whole(string text)
    {
        if (HostText.TryParseIPv6(text, out var address) || HostText.TryParseDottedQuad(text, out address))
            return new(text, address);
        return text == "*" || HostText.IsPlausibleName(text) ? new(text) : null;
    }

    /// <summary>Python's tuple: <c>('127.0.0.1', 8000)</c>, <c>('::1', 8000, 0, 0)</c>; an empty name is every address.</summary>
    private static bool TryReadTuple(string line, int at, out AddressMention where)
    {
        where = default;
        var open = at + 1;
        if (open < line.Length && line[open] is 'u' or 'b')
            open++;
        if (open >= line.Length || line[open] is not ('\'' or '"'))
            return TryReadPair(line, at, out where);
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
        where = new(host == "" ? null : scope > 0 ? host[..scope] : host, null, scope > 0 ? host[(scope + 1)..] : null, port, null, null,
            at, bracket < 0 ? end : end + bracket + 1)
        { IsEveryAddress = host == "" };
        if (host == "")
            return true;
        if (Whole(where.Host!) is not { } read)
            return false;
        where = where with { Address = read.Address };
        return true;
    }

    /// <summary>The arguments of a call: <c>bind(0.0.0.0, 143)</c>, <c>listen(*, 143)</c>.</summary>
    private static bool TryReadPair(string line, int at, out AddressMention where)
    {
        if (!TryReadAddress(line, at + 1, out where) || where.Start != at + 1)
            return false;
        var comma = PortAfter.Skip(line, where.End, ", ");
        if (comma == where.End || !DigitReader.TryReadPort(line, comma, out var port, out var end) || end >= line.Length
            || line[end] != ')')
            return false;
        where = where with { Port = port, Start = at, End = end + 1 };
        return true;
    }

    /// <summary>
    /// <c>[::]:80</c>, <c>[127.0.0.1]:8080</c> (ssh), or brackets around all of it as HAProxy has: <c>[0.0.0.0:80]</c>, <c>[:::80]</c>.
    /// </summary>
    private static bool TryReadBrackets(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        var close = line.IndexOf(']', at, Math.Min(MaxQuotedChars, line.Length - at));
        if (close < 0 || depth > MaxDepth)
            return false;
        var inner = line[(at + 1)..close];
        if (inner.StartsWith('['))
            return TryReadBrackets(line, at + 1, depth + 1, out where);
        // CUPS prints IPv6 addresses as RFC 3986's future ones: [v1.::1].
        if (inner.StartsWith("v1.", StringComparison.Ordinal))
            inner = inner[3..];
        var hasPort = PortAfter.TryRead(line, close + 1, out var port, out var end);
        if (BareHost.TryParse(inner, out var host) && (hasPort || host.Address is not null))
        {
            where = host with { Port = hasPort ? port : null, Start = at, End = hasPort ? end : close + 1 };
            return true;
        }
        var isRead = TryRead(inner, 0, depth + 1, out where);
        where = where with { Start = at, End = close + 1 };
        return isRead && (where.Path is not null || where.Port is not null || !inner.StartsWith("unix", StringComparison.Ordinal));
    }

    /// <summary>A protocol in front, as in <c>tcp:5037</c>, <c>tcp::1234</c>, <c>udp:127.0.0.1:161</c>, <c>TCP/6881</c>.</summary>
    private static bool TryReadBehindProtocol(string line, int at, int depth, out AddressMention where)
    {
        where = default;
        if (at + 4 >= line.Length || depth > MaxDepth || ProtocolAt(line, at) is not { } protocol || line[at + 3] is not (':' or '/'))
            return false;
        if (!(DigitReader.TryReadPort(line, at + 4, out var port, out var end)
            ? (where = AddressMention.OfPort(port, at, end)).Port is not null
            : line[at + 3] == ':' && TryReadHost(line, at + 4, depth + 1, out where) && where.Port is not null))
            return false;
        where = where with { Protocol = protocol, Start = at };
        return true;
    }
}
