using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <content>Addresses in quotes, tuples and brackets.</content>
internal static partial class EndpointReader
{
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
            where = new(null, null, null, null, null, null, at, end) { IsEveryAddress = true };
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
        if (HostText.TryParseIPv6(text, out var ipv6))
            return new(text, ipv6, null, null, null, null, 0, 0);
        if (text == "*" || HostText.TryParseDottedQuad(text, out _) || HostText.IsPlausibleName(text))
            return new(text, HostText.TryParseDottedQuad(text, out var ipv4) ? ipv4 : null, null, null, null, null, 0, 0);
        return null;
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
        {
            IsEveryAddress = host == "",
        };
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

    /// <summary><c>[::]:80</c>, <c>[127.0.0.1]:8080</c> (ssh), or brackets around all of it as HAProxy has: <c>[0.0.0.0:80]</c>,
    /// <c>[:::80]</c>.</summary>
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
