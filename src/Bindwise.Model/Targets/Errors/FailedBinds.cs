using Bindwise.Model.Targets.Errors.Families;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Every failed bind that a text tells of, one for each place, in the order of the text. An address and a port that one program prints on
/// two lines (PostgreSQL) are put together; a port alone counts where nothing tells more of it.
/// </summary>
internal sealed class FailedBinds
{
    /// <summary>Further apart, an address and a port of programs that are not known belong to different messages.</summary>
    private const int MaxLinesBetweenHalves = 6;

    /// <summary>More places than these are a log of years: the rest is passed over, so that no text takes long.</summary>
    internal const int MaxPlaces = 64;

    /// <summary>As <see cref="MaxPlaces"/>; the same half may stand there many times.</summary>
    private const int MaxHalves = 1024;

    /// <summary>Behind each message the rest of its line is read once more: a long line of many is not read on for ever.</summary>
    private const int MaxCharsReadAgain = 1 << 17;

    private readonly List<BindMention> _full = [];
    private readonly List<BindMention> _lesser = [];
    private readonly List<BindMention> _ports = [];
    private readonly List<BindMention> _addresses = [];

    /// <summary>An address that no port was found for; null when there is none.</summary>
    public BindMention? AddressOnly => _addresses.FirstOrDefault();

    public static FailedBinds In(ErrorText text)
    {
        var binds = new FailedBinds();
        var (breaks, again) = (0, 0);
        for (var line = 0; line < text.Lines.Count; line++)
        {
            if (ForeignRefusals.Read(text.Lines[line]) is not null || MessageFormats.Read(text, line) is not { } found)
                continue;
            var words = text.Lines[line];
            binds.Add(found);
            while (ListedPlaces.TryReadNext(words, found, out var next))
                binds.Add(found = next);
            if (breaks < MaxPlaces && again < MaxCharsReadAgain && NextMessage(words, found.Address) is > 0 and var at)
            {
                text.Break(line, at);
                breaks++;
                again += words.Length - at;
            }
        }
        return binds;
    }

    /// <summary>
    /// Where the next message of a line starts: a log collector or a paste without its line breaks puts several there, each with an errno.
    /// 0 for none.
    /// </summary>
    private static int NextMessage(string words, AddressMention read)
    {
        var at = read.End;
        // Some readers take the address from another line.
        if (at == 0 || at >= words.Length || read.Start > at)
            return 0;
        // Node.js names the errno before the address, Go after it.
        if (!ErrnoWords.Mentions(words[..read.Start]) && ErrnoWords.TryFind(words[at..], out var own))
            at += own.End;
        return ErrnoWords.Mentions(words[at..]) ? at : 0;
    }

    /// <summary>The one to take when only one can be: the first that names an address with its port, else the best there is.</summary>
    public BindMention? Best => _full.Concat(_lesser).Concat(Combined()).Concat(_ports).FirstOrDefault();

    /// <summary>All of them. What a program only tried, or can live without, counts where nothing else is told.</summary>
    public List<BindMention> All()
    {
        var failures = _full.ToList();
        foreach (var found in Combined())
            AddOnce(failures, found);
        if (failures.Count == 0)
            failures.AddRange(_lesser);
        var known = failures.Select(static found => found.Address.Port).ToHashSet();
        foreach (var port in _ports)
        {
            if (!known.Contains(port.Address.Port) && !failures.Exists(found => IsNamedAfter(found, port)))
                AddOnce(failures, port);
        }
        return [.. failures.OrderBy(static found => found.Line)];
    }

    /// <summary>PostgreSQL's path <c>/tmp/.s.PGSQL.5432</c>, with a hint that names the port.</summary>
    private static bool IsNamedAfter(BindMention path, BindMention port) =>
        path.Address.Path?.EndsWith(string.Create(CultureInfo.InvariantCulture, $".{port.Address.Port}"), StringComparison.Ordinal) == true;

    private void Add(BindMention found)
    {
        switch (found.Rank)
        {
            case MentionRank.Full:
                AddOnce(_full, found);
                break;
            case MentionRank.Lesser:
                AddOnce(_lesser, found);
                break;
            default:
                var halves = found.Rank == MentionRank.PortOnly ? _ports : _addresses;
                if (halves.Count < MaxHalves)
                    halves.Add(found);
                break;
        }
    }

    /// <summary>Servers try again and again: the same place counts once.</summary>
    private static void AddOnce(List<BindMention> findings, BindMention found)
    {
        if (findings.Count < MaxPlaces && !findings.Exists(other => other.IsSamePlace(found)))
            findings.Add(found);
    }

    /// <summary>Each address with the nearest port that may be its own.</summary>
    private List<BindMention> Combined()
    {
        var whole = new List<BindMention>();
        foreach (var address in _addresses)
        {
            if (_ports.Where(port => MayBelong(address, port)).MinBy(port => Math.Abs(address.Line - port.Line)) is { } port)
                AddOnce(whole, address with { Address = address.Address with { Port = port.Address.Port }, Rank = MentionRank.Full });
        }
        return whole;
    }

    private static bool MayBelong(BindMention address, BindMention port)
    {
        var belong = address.Profile.Program is { } program && program == port.Profile.Program;
        var near = Math.Abs(address.Line - port.Line) <= MaxLinesBetweenHalves
            && (address.Profile.Program is null || port.Profile.Program is null);
        return belong || near;
    }
}

/// <summary>
/// What a message lists after the first place: <c>0.0.0.0:80 and [::]:443</c>, <c>127.0.0.1:3000, 127.0.0.1:4000</c>, <c>ports 80 and
/// 443</c>.
/// </summary>
internal static class ListedPlaces
{
    private static readonly string[] Conjunctions = ["and ", "or ", "& "];

    /// <summary>What a clause goes on with after a list of ports.</summary>
    private static readonly string[] Continuations = [" and ", " or ", " & ", " is ", " are ", " in use", " already ", " failed", " ("];

    /// <summary>The place that stands after another in a list; false where the list ends.</summary>
    public static bool TryReadNext(string words, BindMention before, out BindMention next)
    {
        next = before;
        if (!TrySkipSeparator(words, before.Address.End, out var at))
            return false;
        var isPort = words.AsSpan(at).StartsWith("port ", StringComparison.OrdinalIgnoreCase);
        if (isPort)
            at += "port ".Length;
        var isRead = isPort || before.Rank == MentionRank.PortOnly ? AddressMentionReader.TryReadPort(words, at, out var where)
            : EndpointReader.TryRead(words, at, out where);
        if (!isRead || where.End <= at || !IsAlike(words, where, before.Address))
            return false;
        next = before with { Address = where, Protocol = where.Protocol ?? before.Protocol };
        return true;
    }

    private static bool IsAlike(string words, AddressMention where, AddressMention before)
    {
        if (where.Rank == MentionRank.PortOnly)
            return before.Rank == MentionRank.PortOnly && where.Port >= GenericMessages.MinBareNumber
                && EndsClause(words.AsSpan(where.End));
        return where.Rank == MentionRank.Full && before.Path is null == where.Path is null
            && (where.Path is not null || where.Address is not null || where.IsEveryAddress || where.Host is "*" or "localhost"
                || string.Equals(where.Host, before.Host, StringComparison.OrdinalIgnoreCase));
    }

    private static bool EndsClause(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || rest[0] is ':' or ',' or '.' or ';' or ')' or '"' or '\'')
            return true;
        foreach (var continuation in Continuations)
        {
            if (rest.StartsWith(continuation, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool TrySkipSeparator(string words, int end, out int at)
    {
        at = end;
        if (at >= words.Length)
            return false;
        if (ProtocolWords.After(words, at) is not null && words[at] == '/')
            at += "/tcp".Length;
        while (at < words.Length && words[at] is '"' or '\'' or '`' or ')' or ']')
            at++;
        var isListed = at < words.Length && words[at] is ',' or ';';
        if (isListed)
            at++;
        var isApart = at < words.Length && words[at] == ' ';
        while (at < words.Length && words[at] == ' ')
            at++;
        foreach (var conjunction in Conjunctions)
        {
            if (isApart && words.AsSpan(at).StartsWith(conjunction, StringComparison.OrdinalIgnoreCase))
            {
                at += conjunction.Length;
                return true;
            }
        }
        return isListed;
    }
}

/// <summary>
/// Servers that listen on 0.0.0.0 and on [::] complain twice about one port, mostly held by one program: that is one question, the one that
/// a person would type, the port. It asks for both families, and so no less.
/// </summary>
internal static class WildcardPairs
{
    /// <summary>The same targets, each pair as the one port of the program that complained.</summary>
    public static ImmutableArray<Target> Join(ImmutableArray<Target> targets)
    {
        var joined = new List<Target>(targets.Length);
        foreach (var target in targets)
        {
            var index = IsEveryAddress(target) ? joined.FindIndex(other => IsKin(other, target)) : -1;
            if (index < 0)
                joined.Add(target);
            else
                joined[index] = Join(joined[index], target);
        }
        return [.. joined];
    }

    private static bool IsEveryAddress(Target target) =>
        target is { Protocol: not Protocol.Unix, Port: not null, IsEveryAddress: true };

    private static bool IsKin(Target one, Target other) => IsEveryAddress(one)
        && (one.Protocol, one.Port) == (other.Protocol, other.Port) && IsSameProgram(one.Pasted!, other.Pasted!);

    private static bool IsSameProgram(PastedError one, PastedError other) =>
        (one.Runtime, one.Program, one.Errno, one.SetsReuseAddress, one.SetsReusePort) == (other.Runtime, other.Program, other.Errno,
            other.SetsReuseAddress, other.SetsReusePort);

    /// <summary>IPV6_V6ONLY is that of the half that knows it: 0.0.0.0 has none.</summary>
    private static Target Join(Target one, Target other) => new()
    {
        Text = string.Create(CultureInfo.InvariantCulture, $"{one.Port}{(one.Protocol == Protocol.Udp ? "/udp" : "")}"),
        Protocol = one.Protocol,
        IsProtocolAssumed = one.IsProtocolAssumed && other.IsProtocolAssumed,
        Port = one.Port,
        Pasted = one.Pasted! with { SetsV6Only = one.Pasted.SetsV6Only ?? other.Pasted!.SetsV6Only, WildcardIsDualStack = null },
    };
}
