using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>QEMU, VirtualBox, Vagrant: the host's half of a forwarded port comes first, the guest's is none of ours.</summary>
internal static class VirtualMachineMessages
{
    private const string Rule = "Could not set up host forwarding rule '";

    private static readonly string[] Failures = ["Failed to find an available port", "Failed to bind socket", "could not be initialized"];

    public static readonly Phrase[] Phrases =
    [
        new("failed to set up redirection of ", RuntimeProfiles.VirtualBox) { IsPortNext = true, Errno = "EADDRINUSE" },
        new("The forwarded port to ", RuntimeProfiles.VirtualBox) { IsPortNext = true, With = "already in use", Errno = "EADDRINUSE" },
    ];

    /// <summary>
    /// QEMU repeats the option that failed: <c>-monitor telnet:127.0.0.1:4444,server: Failed to find an available port</c>.
    /// </summary>
    public static BindMention? ReadQemu(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var rule = words.IndexOf(Rule, StringComparison.Ordinal);
        if (rule >= 0)
            return ReadRule(words, rule + Rule.Length) is { } forwarded ? BindMention.At(forwarded, RuntimeProfiles.Qemu, line) : null;
        var failure = Failures.Select(words => text.Lines[line].IndexOf(words, StringComparison.Ordinal)).Max();
        var option = failure < 0 ? -1 : words.IndexOf(": -", 0, failure, StringComparison.Ordinal);
        if (option < 0)
            return null;
        var value = words.IndexOf(' ', option + 2, failure - option - 2) + 1;
        if (value == 0)
            return null;
        var where = words.AsSpan(option + 2).StartsWith("-vnc ", StringComparison.Ordinal) ? ReadDisplay(words, value)
            : ReadOption(words[..failure], value);
        return where is { } found ? BindMention.At(found, RuntimeProfiles.Qemu, line) : null;
    }

    /// <summary>PROTOCOL:[HOST]:PORT-[GUEST]:PORT.</summary>
    private static AddressMention? ReadRule(string words, int at)
    {
        var first = words.IndexOf(':', at);
        var second = first < 0 ? -1 : words.IndexOf(':', first + 1);
        var hyphen = second < 0 ? -1 : words.IndexOf('-', second);
        if (hyphen < 0 || !PortText.TryParseNumber(words.AsSpan(second + 1, hyphen - second - 1), out var port))
            return null;
        var protocol = words[at..first] == "udp" ? Protocol.Udp : Protocol.Tcp;
        return BareHost.TryParse(words[(first + 1)..second], out var host)
            ? host with { Port = port, Protocol = protocol, Start = at, End = hyphen } : null;
    }

    private static AddressMention? ReadDisplay(string words, int at) =>
        EndpointReader.TryRead(words, at, out var where) && where.Port is < 100 and var display
            ? where with { Port = (ushort)(RunningServer.FirstDisplayPort + display) } : null;

    /// <summary>KIND:ADDRESS,…; or …,listen=ADDRESS; or …,port=N,host=H.</summary>
    private static AddressMention? ReadOption(string option, int at)
    {
        var listen = option.IndexOf("listen=", at, StringComparison.Ordinal);
        if (listen >= 0)
            return EndpointReader.TryRead(option, listen + "listen=".Length, out var listener) ? listener : null;
        if (PropertyReader.Port(option[at..], "port") is { } port)
            return PropertyReader.Address(option[at..], "host") is { } host ? host with { Port = port.Port } : port;
        var colon = option.IndexOf(':', at);
        return colon >= 0 && EndpointReader.TryRead(option, colon + 1, out var where) && (where.Port is not null || where.Path is not null)
            ? where
            : EndpointReader.TryRead(option, at, out where) && (where.Port is not null || where.Path is not null) ? where : null;
    }
}

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
            return ReadPair(words) is { } pair ? Make(pair, RuntimeProfiles.Erlang, line, words, errno) : null;
        while (at < words.Length && words[at] is ' ' or ',' or ':')
            at++;
        if (!DigitReader.TryReadPort(words, at, out var port, out var end))
            return null;
        var profile = words.Contains("ranch", StringComparison.OrdinalIgnoreCase) ? RuntimeProfiles.Ranch : RuntimeProfiles.Erlang;
        var where = AddressMention.OfPort(port, at, end);
        if (TryReadTerm(words, "ip", out var ip) && ReadTuple(words, ip) is { } address)
            where = new(address.ToString(), address, Port: port, Start: at, End: end);
        else if (profile == RuntimeProfiles.Ranch)
            where = where with { IsEveryAddress = true };
        return Make(where, profile, line, words, errno);
    }

    private static BindMention Make(AddressMention where, RuntimeProfile profile, int line, string words, string errno) =>
        BindMention.At(where, profile, line, ProtocolWords.Of(words), ProtocolWords.In([words])) with { Errno = errno };

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
            if (ReadTuple(words, open) is { } tuple)
                return new(tuple.ToString(), tuple, Port: port, Start: open, End: end);
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
