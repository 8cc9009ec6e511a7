namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// The call itself: strace's <c>bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = -1 EADDRINUSE</c> and
/// socat's <c>bind(5, {AF=2 0.0.0.0:8080}, 16): Address already in use</c>. Calls that went well are passed over.
/// </summary>
internal static class SystemCallMessages
{
    private const int MaxLinesBefore = 100;
    private const string StraceAbstract = "@\"";
    private const string SocatAbstract = "\"\\0";

    public static BindMention? Read(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (words.Contains("{AF=", StringComparison.Ordinal))
            return ReadSocat(words, line);
        var failure = words.IndexOf("= -1 E", StringComparison.Ordinal);
        if (failure < 0)
            return null;
        var errno = WordAt(words, failure + "= -1 ".Length);
        var bind = words.IndexOf("bind(", StringComparison.Ordinal);
        if (bind >= 0)
            return Make(text, line, words, bind, errno);
        if (words.Contains("bind resumed>", StringComparison.Ordinal))
            return ReadCall(text, line, "bind(", errno);
        var listen = words.IndexOf("listen(", StringComparison.Ordinal);
        if (listen < 0)
            return null;
        // listen() names only the descriptor: the bind() before it has the address.
        return ReadCall(text, line, "bind(" + WordAt(words, listen + "listen(".Length) + ",", errno) is { } bound
            ? bound with { Source = ProtocolSource.Stated } : null;
    }

    /// <summary>The call that stands on a line before, of the same process when the trace tells them apart.</summary>
    private static BindMention? ReadCall(ErrorText text, int line, string call, string errno)
    {
        var process = ProcessOf(text.Lines[line]);
        for (var i = line - 1; i >= 0 && line - i <= MaxLinesBefore; i--)
        {
            var at = text.Lines[i].IndexOf(call, StringComparison.Ordinal);
            var other = at >= 0 ? ProcessOf(text.Lines[i]) : "";
            // Without a number the line is of the process that was alone at that time.
            if (at >= 0 && (other == process || other == "" || process == ""))
                return Make(text, line, text.Lines[i], at, errno);
        }
        return null;
    }

    private static BindMention? Make(ErrorText text, int line, string words, int at, string errno)
    {
        if (ReadAddress(words, at) is not { } where)
            return null;
        var descriptor = WordAt(words, at + "bind(".Length);
        var (protocol, reuse, v6Only) = ReadSocket(text, line, descriptor);
        return BindMention.At(where, RuntimeProfile.Unknown, line, protocol, ProtocolSource.Open) with
        {
            Errno = errno,
            SeenReuseAddress = reuse,
            SeenV6Only = v6Only
        };
    }

    private static AddressMention? ReadAddress(string words, int at)
    {
        var path = words.IndexOf("sun_path=", at, StringComparison.Ordinal);
        if (path >= 0)
            return ReadPath(words, path + "sun_path=".Length, StraceAbstract);
        var portAt = words.IndexOf("_port=htons(", at, StringComparison.Ordinal);
        if (portAt < 0 || !DigitReader.TryReadPort(words, portAt + "_port=htons(".Length, out var port, out _))
            return null;
        var host = words.IndexOf("inet_addr(\"", at, StringComparison.Ordinal) is >= 0 and var v4 ? v4 + "inet_addr(".Length
            : words.IndexOf("inet_pton(AF_INET6, \"", at, StringComparison.Ordinal) is >= 0 and var v6 ? v6 + "inet_pton(AF_INET6, ".Length
                : -1;
        if (host < 0)
            return null;
        var close = words.IndexOf('"', host + 1);
        return close > host && BareHost.TryParse(words[(host + 1)..close], out var where) && where.Address is not null
            ? where with { Port = port, Start = at, End = close } : null;
    }

    /// <param name="leadOfAbstract">How the trace begins a name that is abstract.</param>
    private static AddressMention? ReadPath(string words, int at, string leadOfAbstract)
    {
        var isAbstract = words.AsSpan(at).StartsWith(leadOfAbstract, StringComparison.Ordinal);
        var start = isAbstract ? at + leadOfAbstract.Length : at + 1;
        if (!isAbstract && (at >= words.Length || words[at] != '"'))
            return null;
        var close = words.IndexOf('"', start);
        return close > start ? AddressMention.OfPath((isAbstract ? "@" : "") + words[start..close], at, close + 1) : null;
    }

    /// <summary>What the trace tells of the socket before its bind(): its type, and the options that were set; null for neither.</summary>
    private static (Protocol? Protocol, bool? ReuseAddress, bool? V6Only) ReadSocket(ErrorText text, int line, string descriptor)
    {
        bool? reuse = null;
        bool? v6Only = null;
        for (var i = line - 1; i >= 0 && line - i <= MaxLinesBefore; i--)
        {
            var words = text.Lines[i];
            if (words.Contains("setsockopt(" + descriptor + ",", StringComparison.Ordinal))
            {
                reuse ??= OptionIn(words, "SO_REUSEADDR, [");
                v6Only ??= OptionIn(words, "IPV6_V6ONLY, [");
            }
            if (words.Contains("socket(AF_", StringComparison.Ordinal) && words.EndsWith("= " + descriptor, StringComparison.Ordinal))
                return (words.Contains("SOCK_DGRAM", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp, reuse, v6Only);
        }
        return (null, reuse, v6Only);
    }

    /// <summary>The value that a successful setsockopt() gave an option; null when the line is about another.</summary>
    private static bool? OptionIn(string words, string option)
    {
        var at = words.IndexOf(option, StringComparison.Ordinal);
        return at < 0 || !words.EndsWith("= 0", StringComparison.Ordinal) ? null
            : words.AsSpan(at + option.Length).StartsWith("1]", StringComparison.Ordinal);
    }

    /// <summary>The digits of strace's "[pid  4711]"; empty when only one process is traced.</summary>
    private static string ProcessOf(string words)
    {
        var at = words.IndexOf("[pid", StringComparison.Ordinal);
        if (at < 0)
            return "";
        var start = at + "[pid".Length;
        while (start < words.Length && words[start] == ' ')
            start++;
        return WordAt(words, start);
    }

    private static BindMention? ReadSocat(string words, int line)
    {
        var bind = words.IndexOf("bind(", StringComparison.Ordinal);
        var family = words.IndexOf("{AF=", StringComparison.Ordinal);
        if (bind < 0 || family < bind)
            return null;
        var at = words.IndexOf(' ', family);
        if (at < 0)
            return null;
        var where = words.AsSpan(family).StartsWith("{AF=1 ", StringComparison.Ordinal) ? ReadPath(words, at + 1, SocatAbstract)
            : EndpointReader.TryRead(words, at + 1, out var read) && read.Rank == MentionRank.Full ? read : default(AddressMention?);
        return where is { } place ? BindMention.At(place, RuntimeProfiles.Socat, line, source: ProtocolSource.Open) : null;
    }

    private static string WordAt(string words, int at)
    {
        var end = at;
        while (end < words.Length && char.IsAsciiLetterOrDigit(words[end]))
            end++;
        return words[at..end];
    }
}
