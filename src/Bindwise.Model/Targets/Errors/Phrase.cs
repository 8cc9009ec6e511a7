using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Words after which a program prints where its bind failed.</summary>
/// <param name="Lead">The words, in letters of any case; when they end in "port", a bare number follows.</param>
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

    /// <summary>A path follows, from the program's folder where it does not begin with a slash.</summary>
    public bool IsPathNext { get; init; }

    /// <summary>The address that the words tell, whatever name follows; null for none.</summary>
    public IpAddress? MeantAddress { get; init; }

    /// <summary>An address follows whose port stands elsewhere.</summary>
    public bool IsAddressAlone { get; init; }

    /// <summary>The port that the program has unless it is told another, where an address stands alone; null for none.</summary>
    public ushort? UsualPort { get; init; }

    /// <summary>The protocol that the words imply; null for TCP, or what stands beside the address.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>How the protocol is known where neither the words nor what stands after the address (<c>53/udp</c>) tell it.</summary>
    public ProtocolSource Source { get; init; }

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
                if (MeantAddress is { } meant)
                    where = where with { Host = meant.ToString(), Address = meant };
                var isPortAssumed = where.Rank == MentionRank.AddressOnly && UsualPort is not null;
                if (isPortAssumed)
                    where = where with { Port = UsualPort };
                var protocol = Source == ProtocolSource.Stated ? Protocol : ProtocolWords.After(words, where.End) ?? Protocol;
                var found = BindMention.At(where, Profile, line, protocol, Source) with
                {
                    Errno = Errno,
                    IsPortAssumed = isPortAssumed,
                };
                return Rank is { } rank && rank > found.Rank ? found with { Rank = rank } : found;
            }
            at = words.IndexOf(Lead, after, comparison);
        }
        return null;
    }

    private bool TryReadPlace(string words, int at, out AddressMention where) =>
        IsAddressAlone ? EndpointReader.TryReadAddress(words, at, out where)
        : IsPathNext ? EndpointReader.TryReadPath(words, at, at, out where)
        : AddressMentionReader.TryRead(words, at, _endsInPort || IsPortNext, out where)
            || (IsRangeNext && TryReadRange(words, at, out where));

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
