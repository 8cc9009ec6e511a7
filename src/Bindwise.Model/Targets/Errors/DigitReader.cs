using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Numbers that are ports: at most five digits, not a part of something longer (a date, an address, a range).</summary>
internal static class DigitReader
{
    public static bool TryReadPort(string line, int start, out ushort port, out int end)
    {
        end = start;
        while (end < line.Length && end - start < 6 && char.IsAsciiDigit(line[end]))
            end++;
        return PortText.TryParseNumber(line.AsSpan(start, end - start), out port) && !GoesOn(line, end);
    }

    /// <summary>Whether what follows makes the number a part of a word, an address, a time or a range.</summary>
    private static bool GoesOn(string line, int end)
    {
        if (end >= line.Length)
            return false;
        var next = line[end];
        var isNextDigit = end + 1 < line.Length && char.IsAsciiDigit(line[end + 1]);
        // Chinese and Japanese put no blank after a number.
        return (char.IsLetterOrDigit(next) && next < '\u2e80') || next is '_' or '%' || (next is '.' or ':' or '-' or '/' && isNextDigit);
    }
}
