using Bindwise.Model.Listing;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Diagnostics;

/// <summary>
/// Which ports a listing shows. Several protocols, and several ports, are alternatives; apart from that, every word must be found, and <see
/// cref="IsMine"/> hold.
/// </summary>
public sealed record PortFilter
{
    private readonly EquatableArray<Protocol> _protocols;
    private readonly EquatableArray<PortRange> _ports;
    private readonly EquatableArray<int> _numbers;
    private readonly EquatableArray<string> _words;

    private const int MaximumWords = 64;
    private const int MaximumWordChars = 4096;

    /// <summary>Every TCP and UDP port.</summary>
    public static PortFilter TcpAndUdp { get; } = new();

    /// <summary>
    /// The protocols; empty for TCP and UDP, and UNIX as well if a word looks like a UNIX address (begins with a slash or @, or ends in
    /// .sock).
    /// </summary>
    public ImmutableArray<Protocol> Protocols { get => _protocols; init => _protocols = value; }

    /// <summary>The ports; empty for all. With ports UNIX sockets are not listed, because they have none.</summary>
    public ImmutableArray<PortRange> Ports { get => _ports; init => _ports = value; }

    /// <summary>Numbers that are a port or a process id.</summary>
    public ImmutableArray<int> Numbers { get => _numbers; init => _numbers = value; }

    /// <summary>Only those of the user who asks.</summary>
    public bool IsMine { get; init; }

    /// <summary>Each must be found in a column, upper and lower case alike.</summary>
    public ImmutableArray<string> Words { get => _words; init => _words = value; }

    /// <summary>Nothing is left out.</summary>
    public bool IsEmpty => Protocols.IsEmpty && Ports.IsEmpty && Numbers.IsEmpty && !IsMine && Words.IsEmpty;

    /// <summary>The same without what may name an owner, by a word or a number that is no port's; null where nothing does.</summary>
    internal PortFilter? OfAnyOwner =>
        Words.IsEmpty && Numbers.All(static number => number <= ushort.MaxValue) ? null : this with { Words = [], Numbers = [] };

    internal ImmutableArray<Protocol> ReadProtocols => !Protocols.IsEmpty ? [.. Protocols.Distinct().Order()]
        : Words.Any(IsUnixAddress) ? [Protocol.Tcp, Protocol.Udp, Protocol.Unix]
        : [Protocol.Tcp, Protocol.Udp];

    /// <summary>The ports that have to be read; empty for all.</summary>
    internal ImmutableArray<PortRange> ReadPorts => Numbers.IsEmpty ? Ports : [];

    /// <summary>
    /// Reads words as a person types them: <c>tcp</c>, <c>:80</c>, <c>8000-9000</c>, <c>53/udp</c>, <c>mine</c>, <c>nginx</c>.
    /// </summary>
    internal static ParseResult<PortFilter> Parse(IReadOnlyList<string> words)
    {
        if (words.Count > MaximumWords)
            return Wrong($"{words.Count} filters are too many: give at most {MaximumWords}");
        if (words is [var only] && only.Length is > 4 and < 20 && IsNumber(only) && OnlyNumber(words) is null)
            return Wrong($"{only} is out of range: ports are 0 to 65535; for the ports of a process: bindwise ls tcp udp {only}");
        var filter = new PortFilter();
        foreach (var word in words)
        {
            if (string.IsNullOrWhiteSpace(word))
                return Wrong("a filter is empty: give a port, a range such as 8000-9000, tcp, udp, unix, mine, or part of a name");
            if (word.Length > MaximumWordChars)
                return Wrong($"a filter has {word.Length} characters: give at most {MaximumWordChars}");
            if (filter.With(word, out var fault) is not { } more)
                return Wrong(fault!);
            filter = more;
        }
        return new(filter);
    }

    /// <summary>The one port that was asked for by its number alone; null for any other filter.</summary>
    internal static ushort? OnlyNumber(IReadOnlyList<string> words) =>
        words is [var word] && PortText.TryParseNumber(word, out var port) && port != 0 ? port : null;

    internal bool Matches(ListedPort port, uint caller) =>
        (Protocols.IsEmpty || Protocols.Contains(port.Protocol))
            && (Ports.IsEmpty && Numbers.IsEmpty || IsOnPort(port))
            && (!IsMine || IsOf(port, caller))
            && Words.All(word => PortColumns.Of(port).Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether what is no port of a listing, as a failed call, is what the words mean.</summary>
    internal bool Matches(PortFacets one, uint caller) =>
        (Protocols.IsEmpty || (one.Protocol is { } protocol && Protocols.Contains(protocol)))
            && ((Ports.IsEmpty && Numbers.IsEmpty) || Ports.Any(range => range.First <= one.Port && range.Last >= one.Port)
                || Numbers.Any(number => number == one.Port || number == one.ProcessId))
            && (!IsMine || one.UserId == caller)
            && Words.All(word => one.Texts.Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private bool IsOnPort(ListedPort port) =>
        (port.Port is { } first && Ports.Any(range => range.First <= (port.LastPort ?? first) && range.Last >= first))
        || Numbers.Any(number => port.Port == number || port.Owners.Any(owner => owner.Process.Id == number));

    private static bool IsOf(ListedPort port, uint caller) =>
        port.UserId == caller || port.Owners.Any(owner => owner.Process.UserId == caller);

    private PortFilter? With(string word, out string? fault)
    {
        fault = null;
        var slash = word.LastIndexOf('/');
        if (slash > 0 && ProtocolOf(word[(slash + 1)..]) is { } protocol
            && (IsNumber(word[..slash].TrimStart(':')) || RangeOf(word[..slash].TrimStart(':')) is not null))
            return (this with { Protocols = [.. Protocols, protocol] }).WithPorts(word[..slash], mayBeProcess: false, out fault);
        switch (word.ToLowerInvariant())
        {
            case "tcp" or "udp" or "unix":
                return this with { Protocols = [.. Protocols, ProtocolOf(word)!.Value] };
            case "mine":
                return this with { IsMine = true };
        }
        return IsNumber(word.StartsWith(':') ? word[1..] : word) || RangeOf(word.TrimStart(':')) is not null
            ? WithPorts(word, mayBeProcess: !word.StartsWith(':'), out fault)
            : this with { Words = [.. Words, word] };
    }

    private PortFilter? WithPorts(string word, bool mayBeProcess, out string? fault)
    {
        fault = null;
        var text = word.TrimStart(':');
        if (RangeOf(text) is { } range)
        {
            if (range.Last <= ushort.MaxValue && range.First <= range.Last)
                return this with { Ports = [.. Ports, new PortRange(range.First, range.Last)] };
            fault = range.First > range.Last ? $"the range {text} ends before it begins: write {range.Last}-{range.First}"
                : $"the range {text} is out of range: ports are 0 to 65535";
            return null;
        }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (mayBeProcess || number <= ushort.MaxValue))
            return mayBeProcess ? this with { Numbers = [.. Numbers, number] }
                : this with { Ports = [.. Ports, new PortRange(number, number)] };
        fault = $"{(text.Length > 20 ? text[..20] + "…" : text)} is out of range: ports are 0 to 65535";
        return null;
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    // Out of range, it is a fault and not a word.
    private static (int First, int Last)? RangeOf(string text)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        if (hyphen <= 0 || !IsNumber(text[..hyphen]) || !IsNumber(text[(hyphen + 1)..]))
            return null;
        return (Clamped(text[..hyphen]), Clamped(text[(hyphen + 1)..]));
    }

    private static int Clamped(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static Protocol? ProtocolOf(string word) => word.ToLowerInvariant() switch
    {
        "tcp" => Protocol.Tcp,
        "udp" => Protocol.Udp,
        "unix" => Protocol.Unix,
        _ => null,
    };

    private static bool IsUnixAddress(string word) => word is ['/' or '@', ..] || PathGrammar.IsNamedAsSocket(word);

    private static ParseResult<PortFilter> Wrong(string error) => new(null, error);
}
