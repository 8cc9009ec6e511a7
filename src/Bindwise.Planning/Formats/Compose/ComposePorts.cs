using System.Buffers;

namespace Bindwise.Planning.Formats.Compose;

/// <param name="Text">As it is written, variables replaced.</param>
/// <param name="IsOneOf">One port of the range is taken, whichever is free.</param>
internal sealed record ComposePort(PlanLocation Location, string Text, IpAddress? Host, int First, int Last, string Target,
    Protocol Protocol, bool IsOneOf)
{
    private const int MostNumbers = 65536;

    /// <summary>
    /// The ports of a service as compose has them: a range is so many ports, and of those that are the same, wherever they are written, the
    /// last one counts, at the place of the first (compose-spec, 13-merge, unique resources; portIndexer() of compose-go, to which no host
    /// is 0.0.0.0).
    /// </summary>
    public static ImmutableArray<ComposePort> Unique(ImmutableArray<ComposePort> ports)
    {
        if (ports.Length < 2 || ports.Sum(static port => port.Last - port.First + 1) > MostNumbers)
            return ports;
        var order = new List<object>();
        var last = new Dictionary<object, (ComposePort Port, int Number)>();
        foreach (var port in ports)
        {
            var target = PortWords.Range(port.Target)?.First ?? 0;
            for (var number = port.First; number <= port.Last; number += port.IsOneOf ? port.Last - port.First + 1 : 1)
            {
                object key = (port.Host ?? IpAddress.AnyIPv4, number, port.IsOneOf ? port.Last : number,
                    port.IsOneOf ? target : target + number - port.First, port.Protocol);
                if (last.TryAdd(key, (port, number)))
                    order.Add(key);
                else
                    last[key] = (port, number);
            }
        }
        var unique = ImmutableArray.CreateBuilder<ComposePort>();
        ComposePort? source = null;
        foreach (var (port, number) in order.Select(key => last[key]))
        {
            if (!port.IsOneOf && ReferenceEquals(port, source) && unique[^1].Last == number - 1)
                unique[^1] = unique[^1] with { Last = number };
            else
                unique.Add(port.IsOneOf ? port : port with { First = number, Last = number });
            source = port;
        }
        return unique.DrainToImmutable();
    }
}

/// <summary>
/// Reads an entry of <c>ports</c> (compose-spec, 05-services, ports): <c>[[HOST:]PORT[-PORT]:]CONTAINER[-CONTAINER][/PROTOCOL]</c>, or a
/// map with <c>published</c>, <c>target</c>, <c>host_ip</c>, <c>protocol</c>.
/// </summary>
internal sealed class ComposePorts(PlanContext context, string file, ComposeInterpolation variables)
{
    private static readonly HashSet<string> Keys = ["name", "target", "published", "host_ip", "protocol", "app_protocol", "mode"];

    /// <summary>The ports of a list; none for what is no list, which is told.</summary>
    public List<ComposePort> ReadAll(DocumentNode? list, string service)
    {
        if (list is MapNode or ScalarNode { IsNull: false })
            context.Warn("not-understood", $"ports of {service} is not a list: write - 8080:80",
                new PlanLocation(file, list.Line, list.Column));
        var ports = (list?.Items ?? []).TakeWhile(entry => context.TakesOneMore(new PlanLocation(file, entry.Line, entry.Column)))
            .Select(entry => Read(entry, service)).OfType<ComposePort>().ToList();
        // Told only if the file has no port in the end.
        if (ports.Count > 0)
            context.WhyNone[file] = "another file replaces or repeats its ports, or they are not published";
        return ports;
    }

    /// <summary>The port; null for one that the engine chooses, and for what is not understood, which is told.</summary>
    public ComposePort? Read(DocumentNode entry, string service)
    {
        var unset = new List<string>();
        var at = new PlanLocation(file, entry.Line, entry.Column);
        var read = entry is MapNode ? Long(entry, at, service, unset) : Short(entry, at, service, unset);
        if (unset.Count > 0)
            context.Warn("unset-variable",
                $"{string.Join(", ", unset.Distinct().Take(4))} of {service} is not set in .env and has no default", at);
        return read;
    }

    private ComposePort? Short(DocumentNode entry, PlanLocation at, string service, List<string> unset)
    {
        if (entry.Text is not { } written)
            return NotUnderstood(at, service, "");
        var text = variables.Replace(written, unset).Trim();
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (ports, protocol) = slash < 0 ? (text, "tcp") : (text[..slash], text[(slash + 1)..]);
        // The last colon parts the container's port; an IPv6 address has colons of its own, with or without brackets.
        var target = ports.LastIndexOf(':');
        if (target < 0)
            return PortWords.Range(ports) is null ? NotUnderstood(at, service, text) : null;
        var published = ports[..target];
        var host = published.LastIndexOf(':');
        var (address, numbers) = host < 0 ? ("", published) : (published[..host], published[(host + 1)..]);
        return Make(at, service, text, address, numbers, ports[(target + 1)..], protocol);
    }

    private ComposePort? Long(DocumentNode entry, PlanLocation at, string service, List<string> unset)
    {
        context.WarnOfUnknownKeys(file, entry, Keys, "a port");
        string Of(string key) => variables.Replace(entry[key]?.Text ?? "", unset).Trim();
        var (published, target, host, protocol) = (Of("published"), Of("target"), Of("host_ip"), Of("protocol"));
        if (published.Length == 0)
            return null;
        var text = $"{(host.Length == 0 ? "" : host.Contains(':', StringComparison.Ordinal) ? $"[{host.Trim('[', ']')}]:" : host + ":")}"
            + $"{published}:{target}{(protocol.Length == 0 ? "" : "/" + protocol)}";
        // The place of the number itself tells more than that of the entry.
        var number = entry["published"]!;
        return Make(new PlanLocation(file, number.Line, number.Column), service, text, host, published, target,
            protocol.Length == 0 ? "tcp" : protocol);
    }

    private ComposePort? Make(PlanLocation at, string service, string text, string host, string published, string target, string protocol)
    {
        // Nothing, or 0: the engine chooses.
        if (published is "" or "0")
            return null;
        IpAddress? address = null;
        if (host.Trim('[', ']') is { Length: > 0 } typed)
        {
            if (!IpAddress.TryParse(typed, out var parsed))
                return NotUnderstood(at, service, text);
            address = parsed;
        }
        if (PortWords.Range(published) is not { } range || PortWords.Range(target) is not { } inner)
        {
            if (!IsBeyond(published) && !IsBeyond(target))
                return NotUnderstood(at, service, text);
            context.Warn("not-understood", $"port {text} of {service} is out of range (1 to 65535)", at);
            return null;
        }
        protocol = protocol.ToLowerInvariant();
        if (protocol is not ("tcp" or "udp" or "sctp" or ""))
            return NotUnderstood(at, service, text);
        if (protocol == "sctp")
            return null;
        var isOneOf = range.Last > range.First && inner.First == inner.Last;
        if (!isOneOf && range.Last - range.First != inner.Last - inner.First)
        {
            context.Warn("not-understood", $"the ranges of port {text} of {service} differ in length", at);
            return null;
        }
        return new ComposePort(at, text, address, range.First, range.Last, target, protocol == "udp" ? Protocol.Udp : Protocol.Tcp,
            isOneOf);
    }

    private static bool IsBeyond(string ports) => ports.Split('-') is { Length: <= 2 } ends
        && Array.TrueForAll(ends, static end => end.Length > 0 && end.All(char.IsAsciiDigit))
        && Array.Exists(ends, static end => !ushort.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private ComposePort? NotUnderstood(PlanLocation at, string service, string text)
    {
        context.Warn("not-understood",
            $"port {(text.Length == 0 ? "entry" : text)} of {service} is not understood: write HOST:CONTAINER, as 8080:80", at);
        return null;
    }

    /// <summary>The binds of the engine: without an address one on each wildcard.</summary>
    public static ImmutableArray<BindRequest> BindsOf(ComposePort port) => port.Host is { } address
        ? [Binder.Engine.Bind(port.Protocol, address, port.First, v6Only: true)] : Binder.Engine.EachWildcard(port.Protocol, port.First);
}

internal readonly record struct VariableValue(string Text)
{
    /// <summary>Variables without a value to which it refers; they count as empty.</summary>
    public ImmutableArray<string> FindUnsupported { get; init; } = [];
}

/// <summary>
/// Variables in a compose file (compose-spec, 12-interpolation): <c>$VAR</c>, <c>${VAR}</c>, <c>${VAR:-default}</c>, <c>${VAR-default}</c>,
/// <c>${VAR:?error}</c>, <c>${VAR:+other}</c>, and <c>$$</c> for a dollar sign. Values come from .env alone.
/// </summary>
/// <param name="below">What counts where these have no value.</param>
internal sealed class ComposeInterpolation(IReadOnlyDictionary<string, VariableValue> values, ComposeInterpolation? below = null)
{
    public static ComposeInterpolation Empty { get; } = new(ImmutableDictionary<string, VariableValue>.Empty);

    private const int MostDepth = 8;

    private static readonly SearchValues<char> InNames =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>So many characters go in, and come out, at most.</summary>
    private const int MostChars = 4096;

    /// <summary>With further values, which count where these have none.</summary>
    public ComposeInterpolation Over(IReadOnlyDictionary<string, VariableValue> further) =>
        new(values, below?.Over(further) ?? new ComposeInterpolation(further));

    /// <summary>A value that may refer to others.</summary>
    public VariableValue Resolve(string text)
    {
        var unset = new List<string>();
        var resolved = Replace(text, unset);
        return new VariableValue(resolved) { FindUnsupported = [.. unset.Distinct()] };
    }

    /// <param name="unset">Variables without a value and without a default; they count as empty.</param>
    public string Replace(string text, ICollection<string> unset) =>
        text.Length <= MostChars && text.Contains('$', StringComparison.Ordinal) ? Replace(text, unset, 0) : text;

    private string Replace(string text, ICollection<string> unset, int depth)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length && result.Length < MostChars; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length || depth > MostDepth)
            {
                result.Append(text[at]);
                continue;
            }
            at++;
            if (text[at] == '$')
                result.Append('$');
            else if (text[at] == '{' && End(text, at) is var end and > 0)
            {
                result.Append(Braced(text[(at + 1)..end], unset, depth));
                at = end;
            }
            else
            {
                var length = NameLength(text.AsSpan(at));
                if (length == 0)
                    result.Append('$').Append(text[at]);
                else
                {
                    result.Append(ValueOf(text.Substring(at, length), unset));
                    at += length - 1;
                }
            }
        }
        return result.ToString();
    }

    private string Braced(string inner, ICollection<string> unset, int depth)
    {
        var length = NameLength(inner);
        var (name, rest) = (inner[..length], inner[length..]);
        var value = Find(name)?.Text;
        var isSet = rest.StartsWith(':') ? !string.IsNullOrEmpty(value) : value is not null;
        var word = rest.StartsWith(':') ? rest[1..] : rest;
        return word switch
        {
            ['-', .. var other] => isSet ? ValueOf(name, unset) : Replace(other, unset, depth + 1),
            ['+', .. var other] => isSet ? Replace(other, unset, depth + 1) : "",
            _ => ValueOf(name, unset),
        };
    }

    private string ValueOf(string name, ICollection<string> unset)
    {
        if (Find(name) is not { } value)
        {
            unset.Add(name.Length == 0 ? "${}" : name);
            return "";
        }
        foreach (var lacking in value.FindUnsupported)
            unset.Add(lacking);
        return value.Text;
    }

    private VariableValue? Find(string name) => values.TryGetValue(name, out var value) ? value : below?.Find(name);

    private static int End(string text, int open)
    {
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            if (text[at] == '{')
                depth++;
            else if (text[at] == '}' && --depth == 0)
                return at;
        }
        return -1;
    }

    private static int NameLength(ReadOnlySpan<char> text)
    {
        if (text is [>= '0' and <= '9', ..])
            return 0;
        var end = text.IndexOfAnyExcept(InNames);
        return end < 0 ? text.Length : end;
    }
}
