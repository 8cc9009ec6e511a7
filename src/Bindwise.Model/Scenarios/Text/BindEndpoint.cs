using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>An address with its port, as <c>127.0.0.1:8080</c>, <c>[::1]:8080</c> or <c>[fe80::1%v0]:8080</c>.</summary>
/// <param name="Scope">The interface after <c>%</c>; null for none.</param>
internal readonly record struct BindEndpoint(IpAddress Address, ushort Port, string? Scope)
{
    private const int MaxChars = 100;

    /// <summary>The word must be meant as an endpoint: no other word holds a colon or starts so.</summary>
    public static bool IsMeant(string word) =>
        word.Length > 0 && (char.IsAsciiDigit(word[0]) || word[0] is '[' or '*' || word.Contains(':', StringComparison.Ordinal));

    /// <summary>Reads an endpoint; gives null, or what is wrong with it.</summary>
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
        if (ScenarioAddress.Read(host, out var address, "write one with its port, as in 127.0.0.1:80 or [::1]:80") is { } noAddress)
            return noAddress;
        if (ReadPort(text[(colon + 1)..], out var port) is { } noPort)
            return noPort;
        endpoint = new(address.Address, port, address.Scope);
        return null;
    }

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
            return text.AsSpan(closing + 1).StartsWith(":") ? null
                : Corrected(text[..(closing + 1)] + ":8080", $"{Fault.Quote(text)} has no port", out correction);
        }
        if (colons >= 2 && text.LastIndexOf(':') is var last)
            return IpAddress.TryParse(text, out _) && !IpAddress.TryParse(text[..last], out _)
                ? Corrected($"[{text}]:8080", "an IPv6 address goes in brackets, with its port after them", out correction)
                : Corrected($"[{text[..last]}]{text[last..]}", "an IPv6 address goes in brackets, with its port after them",
                    out correction);
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

/// <summary>How long a wait is: <c>66s</c>, <c>1.5s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class BindDuration
{
    private const int MaxChars = 20;

    /// <summary>Reads a duration; gives null, or what is wrong with it.</summary>
    public static string? Read(string text, out decimal seconds)
    {
        seconds = 0;
        var digits = text.AsSpan().TrimEnd("mhs");
        var factor = text[digits.Length..] switch
        {
            "ms" => 0.001m,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 0m,
        };
        if (factor == 0 || text.Length > MaxChars
            || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return $"{Fault.Quote(text)} is not a duration; give a number with its unit: ms, s, m or h";
        // Longer than any wait: a product of two such numbers could be more than a decimal holds.
        seconds = number <= ScenarioLimits.WaitSeconds * 1000 ? number * factor : number;
        return StepRules.OfSeconds(seconds);
    }

    public static string Of(decimal seconds) => seconds is > 0 and < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Seconds.Shortest(seconds * 1000)}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{Seconds.Shortest(seconds)}s");
}

/// <summary>How much a stream carries: <c>1000</c>, <c>64KiB</c>, <c>300MiB</c>, <c>1GiB</c>.</summary>
internal static class BindBytes
{
    // Largest first.
    private static readonly (string Unit, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("", 1)];

    /// <summary>Reads a number of bytes; gives null, or what is wrong with it.</summary>
    public static string? Read(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !BindCursor.TryNumber(text[..^unit.Length], out var number))
                continue;
            if ((StepRules.OfStreamed(number) ?? StepRules.OfStreamed(number * factor)) is { } fault)
                return fault;
            bytes = (long)number * factor;
            return null;
        }
        return $"{Fault.Quote(text)} is not a number of bytes; give one with a unit, as in 300MiB, or without";
    }

    public static string Of(long bytes)
    {
        var (unit, factor) = Array.Find(Units, row => bytes % row.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
    }
}

/// <summary>How names stand in a .bind file: bare where nothing else can be meant, else in quotes.</summary>
internal static class BindNames
{
    /// <summary>Letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, a letter or <c>_</c> first.</summary>
    public static bool IsBare(string name) => name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(IsPlain);

    public static string Of(string name) => IsBare(name) ? name : Quote(name);

    /// <summary>A text that is no name, in quotes if it needs them.</summary>
    public static string Text(string text) => BindLine.IsWord(text) ? text : Quote(text);

    /// <summary>A text that may be several words, in quotes if it needs them.</summary>
    public static string Words(string text) => Array.TrueForAll(text.Split(' '),
        static word => word.Length > 0 && word.All(static c => IsPlain(c) || c == ',')) ? text : Quote(text);

    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static bool IsPlain(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.';
}

/// <summary>The words for a new socket's protocol, with or without its family.</summary>
internal static class BindProtocols
{
    private static readonly (string Word, Protocol Protocol, IpFamily? Family)[] Table =
    [
        ("tcp", Protocol.Tcp, null),
        ("udp", Protocol.Udp, null),
        ("tcp4", Protocol.Tcp, IpFamily.IPv4),
        ("tcp6", Protocol.Tcp, IpFamily.IPv6),
        ("udp4", Protocol.Udp, IpFamily.IPv4),
        ("udp6", Protocol.Udp, IpFamily.IPv6),
    ];

    public static readonly IReadOnlyCollection<string> Words = [.. Table.Select(static row => row.Word)];

    /// <summary>What a word stands for, without a family where the addresses decide it; null for any other word.</summary>
    public static (Protocol Protocol, IpFamily? Family)? Find(string word) =>
        Array.Find(Table, row => row.Word == word) is { Word: not null } row ? (row.Protocol, row.Family) : null;

    /// <param name="implied">The family that the addresses of the line imply.</param>
    public static string Of(OpenStep open, IpFamily implied)
    {
        IpFamily? family = open.Family == implied ? null : open.Family;
        return Array.Find(Table, row => row.Protocol == open.Protocol && row.Family == family).Word;
    }
}
