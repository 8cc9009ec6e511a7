using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Erlang and Elixir print the listener's options as terms: <c>{port,8088},{ip,{127,0,0,1}}</c> or <c>port: 8088, ip: {127, 0, 0, 1}</c>.
/// </summary>
internal static class ErlangMessages
{
    private const int MaxTermChars = 80;

    private static readonly (string Atom, string Name)[] Errnos =
    [
        ("eaddrinuse", "EADDRINUSE"), ("eacces", "EACCES"), ("eaddrnotavail", "EADDRNOTAVAIL"), ("eafnosupport", "EAFNOSUPPORT"),
    ];

    /// <summary>Reads the terms of a line whose reason is an errno's atom.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var errno = Errnos.FirstOrDefault(e => words.Contains(e.Atom, StringComparison.Ordinal)).Name;
        if (errno is null)
            return null;
        if (!TryReadTerm(words, "port", out var at))
            return ReadPair(words) is { } pair ? BindMention.At(pair, RuntimeProfiles.Erlang, line) with { Errno = errno } : null;
        while (at < words.Length && words[at] is ' ' or ',' or ':')
            at++;
        if (!DigitReader.TryReadPort(words, at, out var port, out var end))
            return null;
        var profile = words.Contains("ranch", StringComparison.OrdinalIgnoreCase) ? RuntimeProfiles.Ranch : RuntimeProfiles.Erlang;
        var where = AddressMention.OfPort(port, at, end);
        if (TryReadTerm(words, "ip", out var ip) && ReadTuple(words, ip) is { } address)
            where = new(address.ToString(), address, null, port, null, null, at, end);
        else if (profile == RuntimeProfiles.Ranch)
            where = where with { IsEveryAddress = true };
        return BindMention.At(where, profile, line) with { Errno = errno };
    }

    /// <summary>
    /// An address and its port side by side: <c>{{0,0,0,0},1883}</c>, <c>{could_not_start_listener,"::",5672,eaddrinuse}</c>.
    /// </summary>
    private static AddressMention? ReadPair(string words)
    {
        for (var comma = words.IndexOf(',', StringComparison.Ordinal); comma >= 0; comma = words.IndexOf(',', comma + 1))
        {
            if (comma == 0 || words[comma - 1] is not ('}' or '"') || !DigitReader.TryReadPort(words, comma + 1, out var port, out var end))
                continue;
            var open = words.LastIndexOf(words[comma - 1] == '}' ? '{' : '"', comma - 2, Math.Min(comma - 1, MaxTermChars));
            if (open < 0)
                continue;
            var address = ReadTuple(words, open);
            if (address is { } tuple)
                return new(tuple.ToString(), tuple, null, port, null, null, open, end);
            if (words[open] == '"' && BareHost.TryParse(words[(open + 1)..(comma - 1)], out var host) && host.Address is not null)
                return host with { Port = port, Start = open, End = end };
        }
        return null;
    }

    /// <summary>Finds an option by its key, as a word of its own.</summary>
    private static bool TryReadTerm(string words, string key, out int after)
    {
        var at = words.IndexOf(key, StringComparison.Ordinal);
        while (at >= 0)
        {
            after = at + key.Length;
            if (at > 0 && words[at - 1] is '{' or ' ' or '[' or ',' && after < words.Length && words[after] is ',' or ':')
                return true;
            at = words.IndexOf(key, after, StringComparison.Ordinal);
        }
        after = -1;
        return false;
    }

    /// <summary>{127,0,0,1}, or eight numbers for IPv6.</summary>
    private static IpAddress? ReadTuple(string words, int at)
    {
        var open = words.IndexOf('{', at, Math.Min(4, words.Length - at));
        if (open < 0)
            return null;
        var close = words.IndexOf('}', open, Math.Min(MaxTermChars, words.Length - open));
        if (close < 0)
            return null;
        var parts = words[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (4 or 8))
            return null;
        UInt128 bits = 0;
        foreach (var part in parts)
        {
            if (!PortText.TryParseNumber(part, out var number) || (parts.Length == 4 && number > 255))
                return null;
            bits = (bits << (parts.Length == 4 ? 8 : 16)) | number;
        }
        return new(parts.Length == 4 ? IpFamily.IPv4 : IpFamily.IPv6, bits);
    }
}
