using System.Globalization;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>The result of a step that asks for a socket's name: <c>127.0.0.1:8080</c>, <c>[::]:8080</c>, or <c>127.0.0.1:auto</c> with a port that the system chose.</summary>
internal static class EndpointNames
{
    private const string Automatic = ":" + StepResult.AutomaticPort;

    /// <summary>Longer than any endpoint.</summary>
    private const int MaxChars = 80;

    /// <summary>The endpoint's text in its one spelling; null when the text is none.</summary>
    public static string? Read(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Length > MaxChars)
            return null;
        var isBracketed = text[0] == '[' && text[colon - 1] == ']';
        var host = isBracketed ? text[1..(colon - 1)] : text[..colon];
        if (!IpAddress.TryParse(host, out var address) || isBracketed != (address.Family == IpFamily.IPv6))
            return null;
        if (text[colon..] == Automatic)
            return Of(address, null);
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? Of(address, port) : null;
    }

    /// <summary>The text of an endpoint.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port; null for one that the system chose.</param>
    public static string Of(IpAddress address, ushort? port)
    {
        var host = address.Family == IpFamily.IPv6 ? $"[{address}]" : address.ToString();
        return host + (port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : Automatic);
    }
}
