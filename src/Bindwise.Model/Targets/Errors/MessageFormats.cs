using System.Buffers;
using Bindwise.Model.Targets.Errors.Families;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Reads one way of wording a failed bind at a line; null when the line is not worded so.</summary>
internal delegate BindMention? MessageReader(ErrorText text, int line);

/// <summary>All known wordings, the most telling first: of one line, the first that reads it decides.</summary>
internal static class MessageFormats
{
    /// <summary>"port: 1" is the shortest that tells anything.</summary>
    private const int MinLineChars = 7;

    private static readonly SearchValues<char> AddressChars = SearchValues.Create("0123456789/@");

    private static readonly MessageReader[] Known =
    [
        SystemCallMessages.Read,
        .. Phrases(ContainerMessages.Phrases),
        .. Phrases(GoMessages.Phrases),
        .. Phrases(VirtualMachineMessages.Phrases),
        VirtualMachineMessages.ReadQemu,
        NodeMessages.ReadMessage,
        NodeMessages.ReadProperties,
        .. Phrases(PythonMessages.Phrases),
        PythonMessages.ReadTraceback,
        .. Phrases(DotNetMessages.Phrases),
        .. Phrases(WebServerMessages.Phrases),
        WebServerMessages.ReadHAProxy,
        .. Phrases(DatabaseMessages.Phrases),
        DatabaseMessages.ReadMongoDb,
        DatabaseMessages.ReadTranslated,
        .. Phrases(DaemonMessages.Phrases),
        DaemonMessages.ReadNamed,
        RustMessages.ReadRocket,
        RustMessages.ReadDeno,
        TracebackMessages.Read,
        .. Phrases(RubyMessages.Phrases),
        ErlangMessages.Read,
        JavaMessages.ReadTomcat,
        JavaMessages.ReadJetty,
        .. Phrases(JavaMessages.Phrases),
        .. Phrases(PortMessages.Phrases),
        AttemptMessages.Read,
    ];

    /// <summary>Asked only of lines that no known wording reads.</summary>
    private static readonly MessageReader[] Generic =
    [
        GenericMessages.ReadBehindErrno,
        GenericMessages.ReadBehindVerb,
        GenericMessages.ReadPort,
        GenericMessages.ReadLoneAddress,
    ];

    /// <summary>The best that a line tells; null when it tells of no failed bind with an address or a port.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        // An address has a digit, a path a slash or an @: most lines of a log need no second look.
        if (text.Lines[line].Length < MinLineChars || text.Lines[line].AsSpan().IndexOfAny(AddressChars) < 0)
            return null;
        return Best(Known, text, line) ?? Best(Generic, text, line);
    }

    private static BindMention? Best(MessageReader[] readers, ErrorText text, int line)
    {
        BindMention? best = null;
        foreach (var reader in readers)
        {
            if (reader(text, line) is not { } found)
                continue;
            if (found.Rank == MentionRank.Full)
                return found;
            if (best is null || found.Rank < best.Rank)
                best = found;
        }
        return best;
    }

    private static IEnumerable<MessageReader> Phrases(Phrase[] phrases) => phrases.Select<Phrase, MessageReader>(phrase => phrase.Read);
}

/// <summary>Words after which a program prints where its bind failed.</summary>
/// <param name="Lead">The words, in letters of any case; when they end in "port", a bare number follows.</param>
/// <param name="Profile">Who words it so.</param>
internal sealed record Phrase(string Lead, RuntimeProfile Profile)
{
    private const int MaxTries = 8;

    private readonly bool _endsInPort = Lead.AsSpan().TrimEnd(" :=\"'[").EndsWith("port", StringComparison.OrdinalIgnoreCase);

    /// <summary>Words that must stand in the line as well; null for none.</summary>
    public string? With { get; init; }

    /// <summary>Only in exactly these letters: in others it is a part of some other sentence.</summary>
    public bool IsCased { get; init; }

    /// <summary>A bare number that follows is a port, although the words do not end in "port".</summary>
    public bool IsPortNext { get; init; }

    /// <summary>A range may follow, of which the first port was tried first.</summary>
    public bool IsRangeNext { get; init; }

    /// <summary>An address follows whose port stands elsewhere.</summary>
    public bool IsAddressAlone { get; init; }

    /// <summary>The protocol that the words imply; null for TCP, or what stands beside the address.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>The rank when it is not that of the address read: a warning, an attempt.</summary>
    public MentionRank? Rank { get; init; }

    /// <summary>The errno that the words imply; null to look for one.</summary>
    public string? Errno { get; init; }

    /// <summary>Reads the phrase in a line; null when it is not there, or no address follows it.</summary>
    public BindMention? Read(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var comparison = IsCased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var at = words.IndexOf(Lead, comparison);
        if (at < 0 || (With is not null && !words.Contains(With, StringComparison.OrdinalIgnoreCase)))
            return null;
        for (var tries = 0; at >= 0 && tries < MaxTries; tries++)
        {
            var after = at + Lead.Length;
            if (TryReadPlace(words, after, out var where))
            {
                var found = BindMention.At(where, Profile, line, Protocol) with { Errno = Errno };
                return Rank is { } rank && rank > found.Rank ? found with { Rank = rank } : found;
            }
            at = words.IndexOf(Lead, after, comparison);
        }
        return null;
    }

    private bool TryReadPlace(string words, int at, out AddressMention where) =>
        IsAddressAlone ? EndpointReader.TryReadAddress(words, at, out where)
        : AddressMentionReader.TryRead(words, at, _endsInPort || IsPortNext, out where) || (IsRangeNext && TryReadRange(words, at, out where));

    private static bool TryReadRange(string words, int at, out AddressMention where)
    {
        where = default;
        var end = at;
        while (end < words.Length && char.IsAsciiDigit(words[end]))
            end++;
        var isRange = end + 1 < words.Length && words[end] == '-' && char.IsAsciiDigit(words[end + 1]);
        if (!isRange || !PortText.TryParseNumber(words.AsSpan(at, end - at), out var port))
            return false;
        where = AddressMention.OfPort(port, at, end);
        return true;
    }
}
