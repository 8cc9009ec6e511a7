using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bindwise.Planning.Documents;

/// <param name="line">From 1.</param>
/// <param name="column">From 1.</param>
internal abstract class DocumentNode(int line, int column)
{
    public int Line => line;
    public int Column => column;

    /// <summary>A tag of the document's own, as <c>!reset</c>; null for none.</summary>
    public string? Tag { get; init; }

    /// <summary>How many values it stands for, itself included and aliases written out.</summary>
    public abstract long Weight { get; }

    /// <summary>A scalar's text; null for a map, a list, and null.</summary>
    public string? Text => this is ScalarNode { IsNull: false } scalar ? scalar.Value : null;

    /// <summary>A map's value; null without that key, and for what is no map.</summary>
    public DocumentNode? this[string key] => this is MapNode map ? map.Find(key) : null;

    /// <summary>A list's items; none for what is no list.</summary>
    public ImmutableArray<DocumentNode> Items => this is ListNode list ? list.Values : [];

    /// <summary>A map's entries; none for what is no map.</summary>
    public ImmutableArray<DocumentEntry> Entries => this is MapNode map ? map.Values : [];
}

internal sealed class ScalarNode(int line, int column, string value, bool isNull = false) : DocumentNode(line, column)
{
    public string Value => value;
    public bool IsNull => isNull;

    /// <summary>A string of JSON, not a number and not a truth value.</summary>
    public bool IsString { get; init; }

    public override long Weight => 1;
}

/// <summary>A map, which has each key once.</summary>
internal sealed class MapNode : DocumentNode
{
    // From here on a search costs more than the table.
    private const int FewKeys = 16;

    private Dictionary<string, DocumentEntry>? _byKey;

    /// <param name="entries">Its entries in order; of equal keys the last one counts.</param>
    public MapNode(int line, int column, IEnumerable<DocumentEntry> entries) : base(line, column)
    {
        Values = [.. entries.Reverse().DistinctBy(static entry => entry.Key, StringComparer.Ordinal).Reverse()];
        Weight = Weights.Sum(Values.Select(static entry => entry.Value));
    }

    public ImmutableArray<DocumentEntry> Values { get; }
    public override long Weight { get; }

    public DocumentNode? Find(string key) => FindEntry(key)?.Value;

    public DocumentEntry? FindEntry(string key)
    {
        if (Values.Length > FewKeys)
        {
            _byKey ??= Values.ToDictionary(static entry => entry.Key, StringComparer.Ordinal);
            return _byKey.TryGetValue(key, out var found) ? found : null;
        }
        return Values.FirstOrDefault(entry => entry.Key == key) is { Key: not null } entry ? entry : null;
    }
}

internal sealed class ListNode(int line, int column, ImmutableArray<DocumentNode> items) : DocumentNode(line, column)
{
    public ImmutableArray<DocumentNode> Values => items;

    public override long Weight { get; } = Weights.Sum(items);
}

/// <param name="Line">The key's, from 1.</param>
internal readonly record struct DocumentEntry(string Key, int Line, int Column, DocumentNode Value);

/// <summary>Why a text is no document, or how far it was read.</summary>
internal sealed record DocumentFault(int Line, int Column, string Message);

/// <summary>The sum of weights; aliases of aliases grow beyond every number, so it stops at a limit.</summary>
internal static class Weights
{
    /// <summary>A document that stands for more values is refused.</summary>
    public const long Most = 200_000;

    public static long Sum(IEnumerable<DocumentNode> nodes) =>
        nodes.Aggregate(1L, static (sum, node) => Math.Min(Most + 1, sum + node.Weight));
}

/// <summary>
/// Reads YAML (1.1 merge keys included) into values with their places, by the package's event parser alone: nothing of it works by
/// reflection. Depth, size and what aliases expand to are bounded.
/// </summary>
internal sealed class YamlTree
{
    public const int MostDepth = 64;

    /// <summary>Compose's tag for what counts as null, whatever stands behind it.</summary>
    public const string Reset = "!reset";

    private readonly Dictionary<string, DocumentNode> _anchors = new(StringComparer.Ordinal);
    private readonly IParser _parser;
    private readonly bool _areKeysUnique;
    private long _values;

    private YamlTree(IParser parser, bool areKeysUnique) => (_parser, _areKeysUnique) = (parser, areKeysUnique);

    /// <param name="fault">Why it was not read to its end; null when it was.</param>
    /// <param name="areKeysUnique">A key that stands twice in one map is a fault; else the last one counts.</param>
    public static ImmutableArray<DocumentNode> Read(string text, out DocumentFault? fault, bool areKeysUnique = false)
    {
        fault = null;
        var documents = ImmutableArray.CreateBuilder<DocumentNode>();
        using var reader = new StringReader(text);
        var scanner = new Scanner(reader, skipComments: true);
        try
        {
            var parser = new Parser(scanner);
            while (parser.MoveNext())
            {
                if (parser.Current is not DocumentStart)
                    continue;
                parser.MoveNext();
                documents.Add(new YamlTree(parser, areKeysUnique).Node(0));
            }
        }
        catch (YamlException exception)
        {
            // Of a fault of syntax the exception tells where the whole map or list begins; the scanner stands where it did not go on.
            var at = exception is SyntaxErrorException && scanner.CurrentPosition.Line > exception.End.Line ? scanner.CurrentPosition
                : exception.End;
            fault = new DocumentFault(Number(at.Line), Number(at.Column), Clause(exception.Message));
        }
        // The package's own faults at texts that are no YAML.
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException
            or IndexOutOfRangeException or NullReferenceException or OverflowException)
        {
            fault = new DocumentFault(1, 1, "it is not YAML");
        }
        return documents.ToImmutable();
    }

    private DocumentNode Node(int depth)
    {
        if (depth > MostDepth)
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, $"it is nested more than {MostDepth} deep");
        var current = _parser.Current!;
        if (++_values > Weights.Most)
            throw TooLarge(current);
        DocumentNode node;
        switch (current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                return _anchors.TryGetValue(alias.Value.Value, out var known) ? known
                    : throw new YamlException(alias.Start, alias.End, "no anchor of that name stands before it");
            case Scalar scalar:
                _parser.MoveNext();
                node = new ScalarNode(Number(scalar.Start.Line), Number(scalar.Start.Column), scalar.Value, scalar.IsPlainImplicit
                    && scalar.Value is "" or "~" or "null" && scalar.Style == ScalarStyle.Plain)
                { Tag = TagOf(scalar) };
                break;
            case SequenceStart:
                node = List(current, depth);
                break;
            case MappingStart:
                node = Map(current, depth);
                break;
            default:
                throw new YamlException(current.Start, current.End, "a value is missing");
        }
        if (node.Weight > Weights.Most)
            throw TooLarge(current);
        if (node.Tag == Reset)
            node = new ScalarNode(node.Line, node.Column, "", isNull: true) { Tag = Reset };
        if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor.Value] = node;
        return node;
    }

    private ListNode List(ParsingEvent start, int depth)
    {
        var items = ImmutableArray.CreateBuilder<DocumentNode>();
        _parser.MoveNext();
        while (_parser.Current is not SequenceEnd)
            items.Add(Node(depth + 1));
        _parser.MoveNext();
        return new ListNode(Number(start.Start.Line), Number(start.Start.Column), items.ToImmutable()) { Tag = TagOf(start) };
    }

    private MapNode Map(ParsingEvent start, int depth)
    {
        var own = new List<DocumentEntry>();
        var merged = new List<DocumentNode>();
        var keys = _areKeysUnique ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        _parser.MoveNext();
        while (_parser.Current is not MappingEnd)
        {
            var place = _parser.Current!;
            var key = Node(depth + 1);
            if (keys is not null && key is ScalarNode { Value: var repeated } && !keys.TryAdd(repeated, key.Line))
                throw new YamlException(place.Start, place.End, string.Create(CultureInfo.InvariantCulture,
                    $"the key {repeated} stands in line {keys[repeated]} already, which docker compose refuses"));
            var value = Node(depth + 1);
            // Of a key that is no scalar nothing here is read.
            if (key is not ScalarNode { Value: var name })
                continue;
            if (name != "<<")
            {
                own.Add(new DocumentEntry(name, key.Line, key.Column, value));
                continue;
            }
            var maps = value is ListNode list ? list.Values : [value];
            _values += maps.Sum(static map => 1L + map.Entries.Length);
            if (_values > Weights.Most)
                throw TooLarge(start);
            merged.AddRange(maps);
        }
        _parser.MoveNext();
        // What the map says itself goes before what is merged, and an earlier merge before a later one.
        merged.Reverse();
        return new MapNode(Number(start.Start.Line), Number(start.Start.Column), [.. merged.SelectMany(static map => map.Entries), .. own])
        {
            Tag = TagOf(start)
        };
    }

    private static YamlException TooLarge(ParsingEvent at) =>
        new(at.Start, at.End, $"it stands for more than {Weights.Most} values, with its aliases written out");

    private static string? TagOf(ParsingEvent start) =>
        start is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag } ? tag.Value : null;

    private static int Number(long value) => (int)Math.Clamp(value, 1, int.MaxValue);

    // "(Line: 3, Col: 5, Idx: 40) - (…): What is wrong."
    private static string Clause(string message)
    {
        var end = message.LastIndexOf("): ", StringComparison.Ordinal);
        return (end < 0 ? message : message[(end + 3)..]).TrimEnd('.', ' ');
    }
}
