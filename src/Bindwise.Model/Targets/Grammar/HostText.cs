using System.Buffers;
using Bindwise.Model.Addresses;

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

    /// <summary>An IPv4 address in its usual form: four decimal parts.</summary>
    public static bool TryParseDottedQuad(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        return text.Count('.') == 3 && text.IndexOfAnyExcept(QuadChars) < 0 && InetAton.TryParse(text, out address);
    }

    /// <summary>Whether a name may be a host's: labels of letters, digits, hyphens (RFC 1123 §2.1) and underscores; a dot may end it.</summary>
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
