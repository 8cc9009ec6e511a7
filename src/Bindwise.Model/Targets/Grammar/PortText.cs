using System.Buffers;

namespace Bindwise.Model.Targets.Grammar;

/// <summary>The text of a port: a number, or the name of a service.</summary>
/// <param name="Number">The port; null when it is a service's name or wrong.</param>
/// <param name="Service">The service's name; null when it is a number or wrong.</param>
/// <param name="Error">What is wrong, and what would be right; null when nothing is.</param>
internal readonly record struct PortText(ushort? Number, string? Service, string? Error)
{
    /// <summary>Longer than any name in /etc/services.</summary>
    private const int MaxServiceChars = 40;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static PortText Parse(ReadOnlySpan<char> text)
    {
        if (IsNumber(text))
            return TryParseNumber(text, out var number) ? new(number, null, null)
                : Wrong($"port {Fault.Show(text)} is out of range (0 to 65535); give one such as 8080");
        return text switch
        {
            "" => Wrong("the port is missing; add one, as in 127.0.0.1:8080"),
            "*" => Wrong("a port \"*\" means any; give one, or 0 for a port of the system's choice"),
            ['-', .. var rest] when IsNumber(rest) => Wrong($"a port is not negative; write {Fault.Show(rest)}"),
            ['0', 'x' or 'X', .. var rest] when rest.Length > 0 && IsHex(rest) =>
                Wrong($"a port is written in decimal, not {Fault.Quote(text)}; give one such as 8080"),
            _ when TryReadRange(text, out var first, out var last) =>
                Wrong($"{Fault.Quote(text)} is a range; give each port as a target of its own: {first} … {last}"),
            _ when IsService(text) => new(null, text.ToString(), null),
            _ => Wrong($"{Fault.Quote(text)} is neither a port nor the name of a service; give a port such as 8080, or a name such as "
                + "http"),
        };
    }

    /// <summary>A number of any size, in ASCII digits.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>A number from 0 to 65535; leading zeros do not matter, as getaddrinfo(3) has it.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, out ushort number)
    {
        number = 0;
        if (!IsNumber(text))
            return false;
        var value = 0;
        foreach (var c in text)
        {
            value = value * 10 + (c - '0');
            if (value > ushort.MaxValue)
                return false;
        }
        number = (ushort)value;
        return true;
    }

    public static bool IsHex(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(HexDigits) < 0;

    private static PortText Wrong(string error) => new(null, null, error);

    private static bool TryReadRange(ReadOnlySpan<char> text, out string first, out string last)
    {
        var hyphen = text.IndexOf('-');
        (first, last) = hyphen > 0 ? (text[..hyphen].ToString(), text[(hyphen + 1)..].ToString()) : ("", "");
        return hyphen > 0 && TryParseNumber(first, out _) && TryParseNumber(last, out _);
    }

    /// <summary>Wider than RFC 6335 §5.1, as /etc/services has names such as whois++ and gnome_keyring.</summary>
    private static bool IsService(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxServiceChars || !char.IsAsciiLetterOrDigit(text[0]))
            return false;
        var hasLetter = false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '+'))
                return false;
            hasLetter |= char.IsAsciiLetter(c);
        }
        return hasLetter;
    }
}
