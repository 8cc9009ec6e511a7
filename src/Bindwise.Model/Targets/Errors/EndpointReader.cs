using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Reads an address as programs print it, at a place in a line: <c>127.0.0.1:80</c>, <c>[::]:80</c>, <c>[0.0.0.0:80]</c>,
/// <c>:::3000</c>, <c>('0.0.0.0', 5000)</c>, <c>"127.0.0.1" port 8080</c>, <c>localhost/127.0.0.1:9200</c>, <c>http://+:80</c>,
/// <c>unix:/run/x.sock</c>.</summary>
internal static partial class EndpointReader
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
        switch (line[at])
        {
            case '"' or '\'' or '`':
                return TryReadQuoted(line, at, depth, out where);
            case '(':
                return TryReadTuple(line, at, out where) || TryRead(line, at + 1, depth + 1, out where);
            case '[':
                return TryReadTuple(line, at, out where) || TryReadBrackets(line, at, depth, out where);
            case '{':
                return TryRead(line, at + 1, depth + 1, out where);
            case '<' when line.AsSpan(at).StartsWith("<null>", StringComparison.Ordinal):
                return TryReadBare(line, at + "<null>".Length, depth, out where);
            case '/':
                // Java prints an address without its name as /0.0.0.0:8080.
                return (at + 1 < line.Length && line[at + 1] != '/' && TryReadHost(line, at + 1, depth, out where)
                    && where.Port is not null)
                    || TryReadPath(line, at, at, out where);
            case '@':
                return TryReadPath(line, at, at, out where);
            default:
                return TryReadUrl(line, at, out where) || TryReadBehindProtocol(line, at, depth, out where)
                    || TryReadHost(line, at, depth, out where);
        }
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
        while (end < line.Length && end - at < MaxQuotedChars
            && line[end] is not (' ' or '"' or '\'' or '`' or ')' or ']' or ',' or ';' or '>' or '}' or '{'))
            end++;
        var path = line[at..end].TrimEnd(':', '.');
        where = AddressMention.OfPath(path, start, at + path.Length);
        return path.Length > 1 && PathGrammar.FromPath(path, path, 0).IsSuccess;
    }

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
        where = new(url.Host, url.Address, url.Scope, url.Port, url.Path, url.Protocol, at,
            at + word.Length)
        { IsEveryAddress = url.Host is null };
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
}
