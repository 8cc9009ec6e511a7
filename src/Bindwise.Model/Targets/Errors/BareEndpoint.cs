using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// An address without brackets, as <c>127.0.0.1:80</c>, <c>:8080</c>, <c>*:6379</c>, <c>:::3000</c>, <c>::1:3000</c>,
/// <c>localhost:8000</c>.
/// </summary>
internal static class BareEndpoint
{
    /// <summary>
    /// Reads the start of a run of address characters; false when it is no address (a time, a label, a file and its line).
    /// </summary>
    /// <param name="run">All characters that can stand in an address.</param>
    /// <param name="where">What was read; a host may stand without a port.</param>
    /// <param name="length">How many characters belong to it.</param>
    public static bool TryParse(ReadOnlySpan<char> run, out AddressMention where, out int length)
    {
        where = default;
        // The one address that ends in colons; one more belongs to the sentence.
        if (run.TrimEnd(".-") is "::" or ":::")
        {
            length = 2;
            return TryParseHostOnly("::", out where);
        }
        length = run.TrimEnd(".:-").Length;
        var text = run[..length];
        var first = text.IndexOf(':');
        if (first < 0)
            return TryParseFiveParts(text, out where) || TryParseHostOnly(text, out where);
        if (text.Count(':') == 1 || HostText.TryParseDottedQuad(text[..first], out _))
            return TryParsePair(text, first, out where, ref length);

        // Several colons: IPv6, and the last colon is the port's where that leaves an address (Node.js prints :::3000 and ::1:3000).
        var last = text.LastIndexOf(':');
        if (PortText.TryParseNumber(text[(last + 1)..], out var port) && BareHost.TryParse(text[..last].ToString(), out where)
            && IsIPv6(where))
        {
            where = where with { Port = port };
            return true;
        }
        return TryParseHostOnly(run.TrimEnd(".-"), out where) && IsIPv6(where) && Extend(run, out length);
    }

    /// <summary>Dante and tcpdump print the port as a fifth part: 0.0.0.0.1080.</summary>
    private static bool TryParseFiveParts(ReadOnlySpan<char> text, out AddressMention where)
    {
        where = default;
        var last = text.LastIndexOf('.');
        if (last < 0 || !HostText.TryParseDottedQuad(text[..last], out _) || !PortText.TryParseNumber(text[(last + 1)..], out var port)
            || !BareHost.TryParse(text[..last].ToString(), out where))
            return false;
        where = where with { Port = port };
        return true;
    }

    private static bool Extend(ReadOnlySpan<char> run, out int length)
    {
        length = run.TrimEnd(".-").Length;
        return true;
    }

    /// <summary>
    /// HOST:PORT, also with more after it: Docker prints 0.0.0.0:8000:172.31.0.2:8000, of which the first pair is the host's.
    /// </summary>
    private static bool TryParsePair(ReadOnlySpan<char> text, int colon, out AddressMention where, ref int length)
    {
        where = default;
        var rest = text[(colon + 1)..];
        var end = rest.IndexOf(':');
        var digits = end < 0 ? rest : rest[..end];
        if (!PortText.TryParseNumber(digits, out var port))
            return false;
        length = colon + 1 + digits.Length;
        var host = text[..colon];
        if (host.Equals("port", StringComparison.OrdinalIgnoreCase))
        {
            where = AddressMention.OfPort(port, 0, 0);
            return true;
        }
        if (!BareHost.TryParse(host.ToString(), out where))
            return false;
        where = where with { Port = port };
        return true;
    }

    /// <summary>A host whose port may stand further on: an address, <c>*</c>, <c>nil</c>, or a name that can be nothing else.</summary>
    private static bool TryParseHostOnly(ReadOnlySpan<char> text, out AddressMention where)
    {
        where = default;
        return (text.Contains('.') || text.Contains(':') || text is "*" or "nil"
            || text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            && BareHost.TryParse(text.ToString(), out where);
    }

    private static bool IsIPv6(AddressMention where) => where.Address is { Family: IpFamily.IPv6 };
}
