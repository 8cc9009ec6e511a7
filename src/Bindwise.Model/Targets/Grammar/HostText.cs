using System.Buffers;

namespace Bindwise.Model.Targets.Grammar;

/// <summary>What a host's text may be: an address or a plausible name.</summary>
internal static class HostText
{
    private const int MaxNameChars = 253;
    private const int MaxLabelChars = 63;

    /// <summary>Longest spelling of an IPv6 address, an IPv4 tail included.</summary>
    private const int MaxIPv6Chars = 45;

    private static readonly SearchValues<char> QuadChars = SearchValues.Create("0123456789.");

    /// <summary>An IPv6 address without brackets and scope (RFC 4291 §2.2).</summary>
    public static bool TryParseIPv6(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        if (text.Length is < 2 or > MaxIPv6Chars || text.IndexOf(':') < 0)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c) && c is not (':' or '.'))
                return false;
        }
        return IpAddress.TryParse(text.ToString(), out address) && address.Family == IpFamily.IPv6;
    }

    /// <summary>An address without the brackets that it may have: <c>[::1]</c>.</summary>
    public static string Unbracketed(string text) => text is ['[', .. var inner, ']'] ? inner : text;

    /// <summary>An IPv4 address in its usual form: four decimal parts.</summary>
    public static bool TryParseDottedQuad(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        return text.Count('.') == 3 && text.IndexOfAnyExcept(QuadChars) < 0 && InetAton.TryParse(text, out address);
    }

    /// <summary>
    /// Whether a name may be a host's: labels of letters, digits, hyphens (RFC 1123 §2.1) and underscores; a dot may end it.
    /// </summary>
    public static bool IsPlausibleName(ReadOnlySpan<char> name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        if (name.Length is 0 or > MaxNameChars)
            return false;
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.Length is 0 or > MaxLabelChars || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                    return false;
            }
        }
        return !IsMeantAsIPv4(name);
    }

    /// <summary>A last label of digits is never a name: the text is a wrong IPv4 address (as the WHATWG URL standard decides it).</summary>
    public static bool IsMeantAsIPv4(ReadOnlySpan<char> text)
    {
        if (text.EndsWith('.'))
            text = text[..^1];
        var last = text[(text.LastIndexOf('.') + 1)..];
        return last.Length > 0 && (last.IndexOfAnyExceptInRange('0', '9') < 0
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && PortText.IsHex(last[2..])));
    }
}

/// <summary>The host of a target, read: all null for none (every address), or a fault.</summary>
/// <param name="Host">The host as asked, without brackets and scope; <c>*</c> for the wildcards <c>*</c> and <c>+</c>.</param>
/// <param name="Address">The host as an address; null for a name and for <c>*</c>.</param>
/// <param name="Scope">The scope after <c>%</c>.</param>
/// <param name="Error">What is wrong; null when nothing is.</param>
/// <param name="Column">The fault's column, from 1.</param>
internal readonly record struct HostPart(string? Host, IpAddress? Address, string? Scope, string? Error = null, int Column = 0)
{
    public Target ToTarget(string text, Protocol protocol, PortText port) => new()
    {
        Text = text,
        Protocol = protocol,
        Host = Host,
        Address = Address,
        Scope = Scope,
        Port = port.Number,
        Service = port.Service,
    };
}

/// <summary>
/// IPv4 addresses as inet_aton(3) reads them: one to four parts, each decimal, octal (0…) or hexadecimal (0x…); the last part fills the
/// bytes that are left, so that 127.1 is 127.0.0.1.
/// </summary>
internal static class InetAton
{
    private const int MaxParts = 4;

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
