using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Reads the port that stands behind an address: after a colon, or after the word "port".</summary>
internal static class PortBehind
{
    private const int MaxSkippedChars = 16;

    /// <summary>The port right behind a bracket or an address: <c>:80</c>, <c>:[80]</c>, <c>#80</c> (BIND), <c>@80</c> (Unbound, Knot).</summary>
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
        end = digits;
        return PortText.TryParseNumber(line.AsSpan(start, digits - start), out port) && (!isBracketed || (digits < line.Length && line[digits] == ']'));
    }

    /// <summary>The port in either way.</summary>
    public static bool TryRead(string line, int at, out ushort port, out int end) =>
        TryReadColon(line, at, out port, out end) || TryReadWord(line, at, out port, out end);

    /// <summary>The port behind an address and the word: <c>127.0.0.1 port 8080</c>, <c>[localhost] and port [8005]</c>, <c>'::', port: 3000</c>.</summary>
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

    /// <summary>Skips a few of some characters.</summary>
    public static int Skip(string line, int at, string skipped)
    {
        var end = Math.Min(line.Length, at + MaxSkippedChars);
        while (at < end && skipped.Contains(line[at], StringComparison.Ordinal))
            at++;
        return at;
    }
}
