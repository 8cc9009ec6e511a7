using System.Buffers;
using Bindwise.Model.Targets.Errors.Families;

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
        RubyMessages.Read,
        RubyMessages.ReadUnixServer,
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
        GenericMessages.ReadAfterErrno,
        GenericMessages.ReadAfterVerb,
        GenericMessages.ReadPort,
        GenericMessages.ReadLoneAddress,
    ];

    /// <summary>The best that a line tells; null when it tells of no failed bind with an address or a port.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        // An address has a digit, a path a slash or an @: most lines of a log need no second look.
        if (text.Lines[line].Length < MinLineChars || text.Lines[line].AsSpan().IndexOfAny(AddressChars) < 0)
            return null;
        return Best(Known, text, line) is { } known ? Before(known, text.Lines[line]) ?? known : Best(Generic, text, line);
    }

    /// <summary>
    /// A whole message of the same runtime that stands earlier in the line, up to the first errno, in a wording that is asked for later.
    /// </summary>
    private static BindMention? Before(BindMention found, string words) =>
        found.Profile.Runtime is { } runtime && found.Address.Start <= words.Length
            && ErrnoWords.TryFind(words[..found.Address.Start], out var errno)
            && Best(Known, ErrorText.From(words[..errno.End]), 0) is { Rank: MentionRank.Full } first && first.Address.End <= errno.Start
            && first.Profile.Runtime == runtime ? first with { Line = found.Line } : null;

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
