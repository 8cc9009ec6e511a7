using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>An address with its port, as <c>127.0.0.1:8080</c>, <c>[::1]:8080</c> or <c>[fe80::1%v0]:8080</c>.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="Scope">The interface behind <c>%</c>; null for none.</param>
internal readonly record struct BindEndpoint(IpAddress Address, ushort Port, string? Scope)
{
    /// <summary>Longer than any endpoint.</summary>
    private const int MaxChars = 100;

    /// <summary>The word must be meant as an endpoint: no other word holds a colon or starts so.</summary>
    public static bool IsMeant(string word) => word.Length > 0 && (char.IsAsciiDigit(word[0]) || word[0] is '[' or '*' || word.Contains(':', StringComparison.Ordinal));

    /// <summary>Reads an endpoint; gives null, or what is wrong with it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="correction">What was probably meant; null when there is no guess.</param>
    public static string? Read(string text, out BindEndpoint endpoint, out string? correction)
    {
        endpoint = default;
        correction = null;
        if (text.Length > MaxChars)
            return $"{Fault.Quote(text)} is not an address with a port";
        if (Misspelt(text, out correction) is { } misspelt)
            return misspelt;
        // A bracket elsewhere is part of a host that there is not.
        var closing = text.StartsWith('[') ? text.LastIndexOf(']') : -1;
        var colon = closing >= 0 ? closing + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var host = closing >= 0 ? text[1..closing] : text[..colon];
        if (ScenarioAddress.Read(host, out var address) is { } noAddress)
            return noAddress;
        if (ReadPort(text[(colon + 1)..], out var port) is { } noPort)
            return noPort;
        endpoint = new(address.Address, port, address.Scope);
        return null;
    }

    /// <summary>The endpoint as it is written.</summary>
    public override string ToString() => Scope is null
        ? new IpEndpoint(Address, Port).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"[{Address}%{Scope}]:{Port}");

    // What people write instead. When there is none, the text is [HOST]:PORT with a colon in HOST, or HOST:PORT.
    private static string? Misspelt(string text, out string? correction)
    {
        correction = null;
        var colons = text.Count(static c => c == ':');
        if (text.StartsWith('['))
        {
            var closing = text.LastIndexOf(']');
            if (closing < 0)
                return $"the closing bracket of {Fault.Quote(text)} is missing";
            var inside = text[1..closing];
            if (!inside.Contains(':', StringComparison.Ordinal))
                return Corrected(inside + text[(closing + 1)..], "brackets are for IPv6 addresses only", out correction);
            return text.AsSpan(closing + 1).StartsWith(":") ? null : Corrected(text[..(closing + 1)] + ":8080", $"{Fault.Quote(text)} has no port", out correction);
        }
        if (colons >= 2 && text.LastIndexOf(':') is var last)
            return IpAddress.TryParse(text, out _) && !IpAddress.TryParse(text[..last], out _)
                ? Corrected($"[{text}]:8080", "an IPv6 address goes in brackets, with its port after them", out correction)
                : Corrected($"[{text[..last]}]{text[last..]}", "an IPv6 address goes in brackets, with its port after them", out correction);
        if (colons == 0)
            return text.All(char.IsAsciiDigit)
                ? Corrected("127.0.0.1:" + text, $"{Fault.Quote(text)} has no address", out correction)
                : Corrected((text == "*" ? "0.0.0.0" : text) + ":8080", $"{Fault.Quote(text)} has no port", out correction);
        var (host, port) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[text.IndexOf(':', StringComparison.Ordinal)..]);
        return host switch
        {
            "" or "*" => Corrected("0.0.0.0" + port, "the wildcard is written 0.0.0.0 or [::]", out correction),
            "localhost" => Corrected("127.0.0.1" + port, "names are not looked up; localhost is 127.0.0.1 or [::1]", out correction),
            _ => null,
        };
    }

    private static string Corrected(string meant, string fault, out string correction)
    {
        correction = meant;
        return fault;
    }

    private static string? ReadPort(string text, out ushort port)
    {
        port = 0;
        if (!BindCursor.TryNumber(text, out var number))
            return $"{Fault.Quote(text)} is not a valid port; give a whole number from 0 to 65535";
        if (StepRules.OfPort(number) is { } fault)
            return fault;
        port = (ushort)number;
        return null;
    }
}
