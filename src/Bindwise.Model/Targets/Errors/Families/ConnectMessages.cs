namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// connect() without a free port of its own, which is EADDRNOTAVAIL: <c>dial tcp 10.0.0.5:443: connect: cannot assign requested
/// address</c>, <c>connect EADDRNOTAVAIL 127.0.0.1:3000 - Local (127.0.0.1:0)</c>. And what a person types: <c>connect 10.0.0.5:443</c>.
/// </summary>
internal static class ConnectMessages
{
    private const string NotAvailable = "EADDRNOTAVAIL";
    private const int MaxTries = 8;
    private const string LocalLead = "- Local (";

    /// <param name="Source">What the program bound before; null where it left that to the system.</param>
    private readonly record struct ConnectEnds(AddressMention To, IpEndpoint? Source);

    /// <summary>Words after which the destination stands, and who says so; the more telling first.</summary>
    private static readonly (string Lead, RuntimeProfile Profile)[] Leads =
    [
        ("dial tcp4 ", RuntimeProfiles.Go),
        ("dial tcp6 ", RuntimeProfiles.Go),
        ("dial tcp ", RuntimeProfiles.Go),
        ("connect EADDRNOTAVAIL ", RuntimeProfiles.Node),
        ("connect(2) for ", RuntimeProfiles.Ruby),
        ("Connect call failed ", RuntimeProfiles.PythonLibrary),
        ("ConnectionPool(", RuntimeProfiles.PythonLibrary),
        ("stream_socket_client(): Unable to connect to ", RuntimeProfiles.Php),
        ("fsockopen(): Unable to connect to ", RuntimeProfiles.Php),
        ("connect() to ", RuntimeProfile.Unknown),
        ("connect to host ", RuntimeProfile.Unknown),
        ("connect to address ", RuntimeProfile.Unknown),
        ("connect to Redis at ", RuntimeProfile.Unknown),
        ("connection to server at ", RuntimeProfile.Unknown),
        ("Is the server running on host ", RuntimeProfile.Unknown),
        ("connecting to ", RuntimeProfile.Unknown),
        ("connection to ", RuntimeProfile.Unknown),
        ("connect to ", RuntimeProfile.Unknown),
        ("connect call to ", RuntimeProfile.Unknown),
        ("Cannot assign requested address (", RuntimeProfiles.DotNet),
        ("connect ", RuntimeProfile.Unknown),
    ];

    /// <summary>The destination; null when the text tells of no connect() that lacked an address or a port of this side.</summary>
    public static Target? Read(ErrorText text)
    {
        // A bind that failed somewhere is what the text is about, even where it does not say where.
        if (text.Lines.Any(static line =>
            !GenericMessages.IsConnecting(line) && ErrnoWords.TryFind(line, out var mention) && mention.Name == "EADDRINUSE"))
            return null;
        for (var line = 0; line < text.Lines.Count; line++)
        {
            var words = text.Lines[line];
            // "dial tcp 10.9.9.9:0->10.0.0.5:443: bind: ..." is about the address that was bound before.
            if (words.Contains(": bind:", StringComparison.OrdinalIgnoreCase) || !IsAbout(text, line))
                continue;
            foreach (var (lead, profile) in Leads)
            {
                if (ReadAfter(words, lead) is { } ends)
                    return ToTarget(ends, profile, text, line);
            }
        }
        return null;
    }

    /// <summary>The errno stands in the line or near it; of what was typed, the whole line is the destination.</summary>
    private static bool IsAbout(ErrorText text, int line) =>
        text.Lines.Count == 1 && text.Lines[0].StartsWith("connect ", StringComparison.OrdinalIgnoreCase)
            && text.Lines[0].IndexOf(' ', "connect ".Length) < 0
        || (GenericMessages.IsConnecting(text.Lines[line]) || ErrnoWords.Mentions(text.Lines[line])
            || text.Lines[line].Contains("running on host", StringComparison.Ordinal)
            || text.Lines[line].Contains("ConnectionPool(", StringComparison.Ordinal)
            || text.Lines[line].Contains("Connect call", StringComparison.Ordinal))
        && text.ErrnoNear(line) == NotAvailable;

    private static ConnectEnds? ReadAfter(string words, string lead)
    {
        var at = words.IndexOf(lead, StringComparison.OrdinalIgnoreCase);
        for (var tries = 0; at >= 0 && tries < MaxTries; tries++)
        {
            var after = at + lead.Length;
            if (TryRead(words, after, out var where)
                && EndsOf(words, where) is { To: { Port: not (null or 0), Host: not null, Path: null } } ends)
                return ends;
            at = words.IndexOf(lead, after, StringComparison.OrdinalIgnoreCase);
        }
        return null;
    }

    /// <summary>
    /// Of Go's SOURCE->DESTINATION both: it names the source only where the program chose it. Node.js tells in "- Local (SOURCE)" what the
    /// socket got, whose port is 0 unless the program chose one.
    /// </summary>
    private static ConnectEnds? EndsOf(string words, AddressMention where)
    {
        // A destination that cannot be read is not the source.
        if (words.AsSpan(where.End).StartsWith("->", StringComparison.Ordinal))
            return AddressMentionReader.TryRead(words, where.End + 2, false, out var destination)
                ? new ConnectEnds(destination, SourceOf(where)) : null;
        var local = words.IndexOf(LocalLead, where.End, StringComparison.Ordinal);
        return new ConnectEnds(where,
            local >= 0 && AddressMentionReader.TryRead(words, local + LocalLead.Length, false, out var own) && own.Port is not 0
                ? SourceOf(own) : null);
    }

    // ":8606" and a name leave the address to the routes.
    private static IpEndpoint? SourceOf(AddressMention where) =>
        where.Port is not { } port || (port == 0 && where.Address is null or { IsAny: true }) ? null
            : new IpEndpoint(where.Address ?? IpAddress.AnyIPv4, port);

    /// <summary>
    /// "10.0.0.5:443"; "10.0.0.1 port 22"; "\"localhost\" (::1) and accepting TCP/IP connections on port 5432"; "host='a', port=80".
    /// </summary>
    private static bool TryRead(string words, int at, out AddressMention where)
    {
        if (PropertyReader.Port(words[at..], "port") is { Port: { } named } && PropertyReader.Address(words[at..], "host") is { } host)
        {
            where = host with { Port = named };
            return true;
        }
        if (AddressMentionReader.TryRead(words, at, false, out where) && where.Port is not null)
            return true;
        var port = words.IndexOf("port ", at, StringComparison.OrdinalIgnoreCase);
        if (port < 0 || !DigitReader.TryReadPort(words, port + "port ".Length, out var number, out _))
            return false;
        // An address in brackets after the name is the one that was tried.
        var bracket = words.IndexOf('(', at, port - at);
        var isRead = (bracket > 0 && EndpointReader.TryReadAddress(words, bracket + 1, out where))
            || EndpointReader.TryReadAddress(words, at, out where);
        where = where with { Port = number };
        return isRead;
    }

    private static Target ToTarget(ConnectEnds ends, RuntimeProfile profile, ErrorText text, int line)
    {
        var (to, source) = ends;
        var protocol = to.Protocol
            ?? (text.Lines[line].AsSpan(to.End).StartsWith("/udp", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp);
        var destination = new Destination { Host = to.Host!, Address = to.Address, Port = to.Port!.Value, Source = source };
        var known = profile is { Runtime: null, Program: null } ? RuntimeGuess.Around(text, line) : profile;
        return new Target
        {
            Text = $"connect {(source is { } from ? $"{from}->" : "")}{destination}{(protocol == Protocol.Udp ? "/udp" : "")}",
            Protocol = protocol,
            Port = 0,
            Destination = destination,
            Pasted = new PastedError { Runtime = known.Runtime, Errno = text.ErrnoNear(line), Files = SourceFiles.In(text) },
        };
    }
}
