using System.Globalization;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Every failed bind that a text tells of, one for each place, in the order of the text. An address and a port that one program
/// prints on two lines (PostgreSQL) are put together; a port alone counts where nothing tells more of it.
/// </summary>
internal sealed class FailedBinds
{
    /// <summary>Further apart, an address and a port of programs that are not known belong to different messages.</summary>
    private const int MaxLinesBetweenHalves = 6;

    /// <summary>More places than these are a log of years: the rest is passed over, so that no text takes long.</summary>
    private const int MaxPlaces = 64;

    /// <summary>As <see cref="MaxPlaces"/>; the same half may stand there many times.</summary>
    private const int MaxHalves = 1024;

    private readonly List<BindMention> full = [];
    private readonly List<BindMention> lesser = [];
    private readonly List<BindMention> ports = [];
    private readonly List<BindMention> addresses = [];

    private FailedBinds()
    {
    }

    /// <summary>An address that no port was found for; null when there is none.</summary>
    public BindMention? AddressOnly => addresses.Count > 0 ? addresses[0] : null;

    /// <summary>Reads a text to its end.</summary>
    public static FailedBinds In(ErrorText text)
    {
        var found = new FailedBinds();
        for (var line = 0; line < text.Lines.Count; line++)
        {
            if (MessageFormats.Read(text, line) is { } finding)
                found.Add(finding);
        }
        return found;
    }

    /// <summary>The one to take when only one can be: the first that names an address with its port, else the best there is.</summary>
    public BindMention? Best => First(full) ?? First(lesser) ?? First(Combined()) ?? First(ports);

    /// <summary>All of them. What a program only tried, or can live without, counts where nothing else is told.</summary>
    public List<BindMention> All()
    {
        var told = full.ToList();
        foreach (var finding in Combined())
            AddOnce(told, finding);
        if (told.Count == 0)
            told.AddRange(lesser);
        var known = told.Select(static finding => finding.Place.Port).ToHashSet();
        foreach (var port in ports)
        {
            if (!known.Contains(port.Place.Port) && !told.Exists(finding => IsNamedAfter(finding, port)))
                AddOnce(told, port);
        }
        return [.. told.OrderBy(static finding => finding.Line)];
    }

    /// <summary>PostgreSQL's path <c>/tmp/.s.PGSQL.5432</c>, with a hint that names the port.</summary>
    private static bool IsNamedAfter(BindMention path, BindMention port) =>
        path.Place.Path?.EndsWith(string.Create(CultureInfo.InvariantCulture, $".{port.Place.Port}"), StringComparison.Ordinal) == true;

    private static BindMention? First(List<BindMention> findings) => findings.Count > 0 ? findings[0] : null;

    private void Add(BindMention finding)
    {
        switch (finding.Rank)
        {
            case MentionRank.Full:
                AddOnce(full, finding);
                break;
            case MentionRank.Lesser:
                AddOnce(lesser, finding);
                break;
            default:
                var halves = finding.Rank == MentionRank.PortOnly ? ports : addresses;
                if (halves.Count < MaxHalves)
                    halves.Add(finding);
                break;
        }
    }

    /// <summary>Servers try again and again: the same place counts once.</summary>
    private static void AddOnce(List<BindMention> findings, BindMention finding)
    {
        if (findings.Count < MaxPlaces && !findings.Exists(other => other.IsSamePlace(finding)))
            findings.Add(finding);
    }

    /// <summary>Each address with the nearest port that may be its own.</summary>
    private List<BindMention> Combined()
    {
        var whole = new List<BindMention>();
        foreach (var address in addresses)
        {
            if (ports.Where(port => MayBelong(address, port)).MinBy(port => Math.Abs(address.Line - port.Line)) is { } port)
                AddOnce(whole, address with { Place = address.Place with { Port = port.Place.Port }, Rank = MentionRank.Full });
        }
        return whole;
    }

    private static bool MayBelong(BindMention address, BindMention port)
    {
        var belong = address.Origin.Program is { } program && program == port.Origin.Program;
        var near = Math.Abs(address.Line - port.Line) <= MaxLinesBetweenHalves
            && (address.Origin.Program is null || port.Origin.Program is null);
        return belong || near;
    }
}
