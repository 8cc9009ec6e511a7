namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Messages of programs that are not known: the address after the errno, after "bind" or "listen", the number after "port", and at last the
/// only address of a line that names an errno. Lines about connecting to somebody are passed over.
/// </summary>
internal static class GenericMessages
{
    private const string InUse = "EADDRINUSE";
    private const int MaxTries = 16;
    private const int MaxCharsBeforeNumber = 40;

    /// <summary>A smaller number is rather a descriptor or a count.</summary>
    internal const int MinBareNumber = 20;

    /// <summary>Alone it may be the line's level only, of whatever was logged.</summary>
    private const string Level = "error";

    private static readonly string[] Failures =
        ["fail", "cannot", "can't", "can not", "could not", "couldn't", "unable", "in use", "permission to", "not bind", "not listen"];

    private static readonly string[] Uses =
    [
        "in use", "already allocated", "is taken", "already taken", "occupied", "being used", "already used", "already running",
        "already listening",
        "has been used", "could not be used", "already using", "already a process", "not free", "not open", "not available", "unavailable",
        "is busy", "already bound", "already open", "being occupied", "used by another", "another process is", "in another window",
        "bereits verwendet", "belegt", "déjà utilisé", "en uso", "già in uso", "em uso", "занят", "被占用", "已被使用", "使用中",
    ];

    /// <summary>English, German, French; then Spanish, Italian and Portuguese, Dutch, Russian, Chinese, Japanese, Korean.</summary>
    private static readonly string[] PortWords = ["ports", "port", "puerto", "porta", "poort", "порт", "端口", "ポート", "포트"];

    private static readonly string[] Verbs = ["bind", "listen"];

    /// <summary>Before a bare number: after a verb, and after an errno.</summary>
    private static readonly string[] LeadsOfPlace = [" on ", " to "];
    private static readonly string[] LeadsOfNumber = [": ", ":", " "];

    private const string Connect = "connect ";
    private static readonly string[] Connecting = ["connect to", "connecting to", "connection to", "connect()", "connect(2)", "connect E",
        "dial ", "connect:", "new connection", "upstream", "HttpRequestException", "sendto", "write udp "];

    private static readonly string[] PeerWords = ["from", "client", "client:", "peer", "peer:", "remote", "remote:", "->", "upstream:",
        "to"];

    private static readonly string[] HostKeys = ["host", "hostname", "address", "addr", "ip", "bind", "listen", "interface"];

    private static readonly string[] FailedBinds = ["bind failed", "bind has failed", "failed to bind", "unable to bind", "could not bind",
        "cannot bind"];

    /// <summary>Where these stand, <c>:1</c> is a display, and so is its lock's number.</summary>
    private static readonly string[] DisplayWords = ["vnc server", "display", "/.x"];

    private static readonly string[] HostWords = ["address ", "host ", "interface "];

    /// <summary>Address already in use: ('127.0.0.1', 8000).</summary>
    public static BindMention? ReadAfterErrno(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (IsConnecting(words))
            return null;
        var from = 0;
        BindMention? best = null;
        for (var tries = 0; tries < 4 && ErrnoWords.TryFind(words[from..], out var mention); tries++)
        {
            from += mention.End;
            if (AddressMentionReader.TryRead(words, from, false, out var where) && where.Rank == MentionRank.Full
                && IsPlausible(where, words))
                return Found(where, text, line) with { Errno = mention.Name };
            if (mention.Name == InUse && TryReadBareNumber(words, from, LeadsOfNumber, out where)
                && !ErrnoWords.IsNumber(where.Port!.Value))
                best ??= Found(where, text, line) with { Errno = mention.Name };
        }
        return best;
    }

    /// <summary>Could not bind to HOST:PORT; unable to listen on port N.</summary>
    public static BindMention? ReadAfterVerb(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var isFailure = ContainsAny(words, Failures) || ErrnoWords.Mentions(words);
        var isAttempt = !isFailure && IsFollowedByErrno(text, line);
        if (IsConnecting(words) || !(isFailure || isAttempt || words.Contains(Level, StringComparison.OrdinalIgnoreCase)))
            return null;
        BindMention? best = null;
        foreach (var verb in Verbs)
        {
            var at = words.IndexOf(verb, StringComparison.OrdinalIgnoreCase);
            for (var tries = 0; at >= 0 && tries < MaxTries; tries++)
            {
                var end = at + verb.Length;
                while (end < words.Length && char.IsAsciiLetter(words[end]))
                    end++;
                // swSocket_bind(:434) is a function of the program's source, with its line.
                var isName = at > 0 && words[at - 1] == '_';
                if (!isName && AddressMentionReader.TryRead(words, end, false, out var where) && IsPlausible(where, words))
                {
                    var found = Found(where, text, line);
                    if (isAttempt && verb != "bind")
                        return null;
                    if (found.Rank == MentionRank.Full)
                        return isFailure ? found : found with { Rank = MentionRank.Lesser };
                    best ??= found;
                }
                else if (!isName && TryReadBareNumber(words, end, LeadsOfPlace, out where))
                {
                    best ??= Found(where, text, line);
                }
                at = words.IndexOf(verb, end, StringComparison.OrdinalIgnoreCase);
            }
        }
        return best;
    }

    /// <summary>Port 5173 is already in use.</summary>
    public static BindMention? ReadPort(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var isNamed = ErrnoWords.Mentions(words);
        if (IsConnecting(words) || !(isNamed || ContainsAny(words, Uses)))
            return null;
        foreach (var word in PortWords)
        {
            var at = words.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            for (var tries = 0; at >= 0 && tries < MaxTries; tries++)
            {
                var isWord = at == 0 || !char.IsAsciiLetterOrDigit(words[at - 1]);
                if (isWord && !IsBehindPeerWord(words, at) && TryReadNumber(words, at + word.Length, out var where))
                    return Found(WithHost(where, words), text, line) with { Errno = isNamed ? null : InUse };
                at = words.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase);
            }
        }
        return null;
    }

    /// <summary>An address with a port that stands anywhere in a line with an errno.</summary>
    public static BindMention? ReadLoneAddress(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (IsConnecting(words))
            return null;
        var isNamed = ErrnoWords.Mentions(words);
        if (!(isNamed || ContainsAny(words, Uses) || ContainsAny(words, FailedBinds)) || ReadAnywhere(words) is not { } where)
            return null;
        var found = Found(where, text, line);
        return isNamed ? found : found with { Rank = MentionRank.Lesser, Errno = ContainsAny(words, Uses) ? InUse : null };
    }

    /// <summary>The first address with a port in a line that is not a peer's; null for none.</summary>
    public static AddressMention? ReadAnywhere(string words) =>
        ReadAnywhere(words, static (where, words, at) =>
            where is { Port: not null, Path: null } && IsCertain(where, words) && !IsBehindPeerWord(words, at));

    /// <summary>The first path of a socket in a line; null for none.</summary>
    public static AddressMention? ReadPathAnywhere(string words) =>
        ReadAnywhere(words, static (where, words, _) => where.Path is not null && IsPlausible(where, words));

    private static AddressMention? ReadAnywhere(string words, Func<AddressMention, string, int, bool> isMeant)
    {
        for (var at = 0; at < words.Length; at++)
        {
            var isStart = at == 0
                || words[at - 1] is ' ' or '"' or '\'' or '`' or '(' or '[' or '=' or ',' or '<' or '{' or ']' or '|' or '>';
            if (!isStart || !EndpointReader.TryRead(words, at, out var where))
                continue;
            if (isMeant(where, words, at))
                return where;
            at = Math.Max(at, where.End - 1);
        }
        return null;
    }

    /// <summary>"bind /127.0.0.1:80", and the errno as the cause on the next line.</summary>
    private static bool IsFollowedByErrno(ErrorText text, int line) =>
        line + 1 < text.Lines.Count && !IsConnecting(text.Lines[line + 1]) && ErrnoWords.Mentions(text.Lines[line + 1]);

    /// <summary>Failed to listen on 1883: a number that ends its clause.</summary>
    private static bool TryReadBareNumber(string words, int at, string[] leads, out AddressMention where)
    {
        where = default;
        var lead = leads.FirstOrDefault(one => string.Compare(words, at, one, 0, one.Length, StringComparison.OrdinalIgnoreCase) == 0);
        var start = at + (lead?.Length ?? 0);
        if (lead is null || !DigitReader.TryReadPort(words, start, out var port, out var end) || port < MinBareNumber)
            return false;
        var rest = words.AsSpan(end);
        where = AddressMention.OfPort(port, start, end);
        return rest.IsEmpty || rest[0] is ':' or ',' or '.' or ';' or ')' or '"' or '\'' || rest.StartsWith(" -", StringComparison.Ordinal)
            || rest.StartsWith(" (", StringComparison.Ordinal)
            || rest.StartsWith(" failed", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith(" because", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The number after "port", or after "port already in use:".</summary>
    private static bool TryReadNumber(string words, int at, out AddressMention where)
    {
        if (AddressMentionReader.TryRead(words, at, true, out where) && where.Port is not null)
            return true;
        var colon = words.IndexOf(':', at, Math.Min(MaxCharsBeforeNumber, words.Length - at));
        return colon >= 0 && ContainsAny(words[at..colon], Uses) && AddressMentionReader.TryRead(words, colon + 1, true, out where)
            && where.Port is not null;
    }

    /// <summary>Structured logs keep the address under a key of its own.</summary>
    private static AddressMention WithHost(AddressMention port, string words)
    {
        if (port.Host is not null)
            return port;
        foreach (var key in HostKeys)
        {
            if (PropertyReader.Address(words, key) is { } host)
                return host with { Port = port.Port };
        }
        foreach (var word in HostWords)
        {
            var at = words.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (at > 0 && words[at - 1] == ' ' && !IsBehindPeerWord(words, at)
                && EndpointReader.TryReadAddress(words, at + word.Length, out var named))
                return named with { Port = port.Port };
        }
        return port;
    }

    /// <summary>An address, <c>*</c>, localhost or <c>:PORT</c>; a name with a number could be anything.</summary>
    private static bool IsCertain(AddressMention where, string words) => where.Address is not null
        || (!IsDisplay(where, words) && IsPlace(where, words));

    private static bool IsDisplay(AddressMention where, string words) =>
        where.Port < RunningServer.FirstDisplayPort && ContainsAny(words, DisplayWords);

    private static bool IsPlace(AddressMention where, string words) =>
        where.Host is "*" || where is { Host: null, Protocol: not null }
        || "localhost".Equals(where.Host, StringComparison.OrdinalIgnoreCase)
        || (where.IsEveryAddress && where.Start < words.Length && words[where.Start] is ':' or '(' or '\'' or 'h');

    private static bool IsPlausible(AddressMention where, string words) =>
        where.Path is not { } path || path.StartsWith("@/", StringComparison.Ordinal) || HasPathEnd(path)
        || words.Contains("unix", StringComparison.OrdinalIgnoreCase);

    /// <summary>Not some word of the sentence: there is a slash in it, or it ends as the names of sockets do.</summary>
    internal static bool IsPath(string? word) => word is not null && !word.Contains("://", StringComparison.Ordinal)
        && (word.Contains('/', StringComparison.Ordinal) || HasPathEnd(word));

    private static bool HasPathEnd(string path) => EndpointReader.HasSocketEnd(path)
        || path.EndsWith(".s", StringComparison.OrdinalIgnoreCase) || path.EndsWith("sock", StringComparison.OrdinalIgnoreCase);

    private static bool IsBehindPeerWord(string words, int at)
    {
        var before = words.AsSpan(Math.Max(0, at - 16), Math.Min(16, at)).TrimEnd("\"'([<= ");
        foreach (var peer in PeerWords)
        {
            if (before.EndsWith(peer, StringComparison.OrdinalIgnoreCase)
                && (before.Length == peer.Length || !char.IsAsciiLetter(before[^(peer.Length + 1)])))
                return peer != "to" || words.Contains("connect", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    public static bool IsConnecting(string words)
    {
        if (ContainsAny(words, Connecting))
            return true;
        // "connect 10.0.0.5:443: Cannot assign requested address": the function's name, then where to.
        var at = words.IndexOf(Connect, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && (at == 0 || !char.IsAsciiLetterOrDigit(words[at - 1]))
            && AddressMentionReader.TryRead(words, at + Connect.Length, false, out var where) && where.Rank == MentionRank.Full;
    }

    private static bool ContainsAny(string words, string[] any) =>
        Array.Exists(any, one => words.Contains(one, StringComparison.OrdinalIgnoreCase));

    private static BindMention Found(AddressMention where, ErrorText text, int line)
    {
        var words = text.Lines[line];
        var source = words.Contains(Verbs[0], StringComparison.OrdinalIgnoreCase) ? ProtocolWords.In([words]) : ProtocolSource.Assumed;
        return BindMention.At(where, RuntimeProfile.Unknown, line, ProtocolWords.Of(words), source);
    }
}
