using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Grammar;

/// <summary>
/// IPv4 addresses as inet_aton(3) reads them: one to four parts, each decimal, octal (0…) or hexadecimal (0x…);
/// the last part fills the bytes that are left, so that 127.1 is 127.0.0.1.
/// </summary>
internal static class InetAton
{
    private const int MaxParts = 4;

    /// <summary>Reads an address; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        var bits = 0u;
        for (var part = 1; part <= MaxParts; part++)
        {
            var dot = text.IndexOf('.');
            if (!TryParsePart(dot < 0 ? text : text[..dot], out var value))
                return false;
            if (dot < 0)
            {
                var bytesLeft = MaxParts + 1 - part;
                if (value >> (8 * bytesLeft) != 0)
                    return false;
                address = new(IpFamily.IPv4, bits | value);
                return true;
            }
            if (value > 255)
                return false;
            bits |= (uint)value << (8 * (MaxParts - part));
            text = text[(dot + 1)..];
        }
        return false;
    }

    private static bool TryParsePart(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        var radix = 10u;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            text = text[2..];
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            radix = 8;
            text = text[1..];
        }
        foreach (var c in text)
        {
            var digit = char.IsAsciiHexDigit(c) ? (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) : uint.MaxValue;
            if (digit >= radix)
                return false;
            value = value * radix + digit;
            if (value > uint.MaxValue)
                return false;
        }
        return text.Length > 0;
    }
}
