using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bindwise.Planning.Documents;

/// <summary>
/// Reads YAML (1.1 merge keys included) into values with their places, by the package's event parser alone: nothing of it works by
/// reflection. Depth, size and what aliases expand to are bounded.
/// </summary>
internal sealed class YamlTree
{
    public const int MostDepth = 64;

    private readonly Dictionary<string, DocumentNode> _anchors = new(StringComparer.Ordinal);
    private readonly IParser _parser;
    private int _values;

    private YamlTree(IParser parser) => _parser = parser;

    /// <param name="fault">Why it was not read to its end; null when it was.</param>
    public static ImmutableArray<DocumentNode> Read(string text, out DocumentFault? fault)
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
                var tree = new YamlTree(parser);
                documents.Add(tree.Node(0));
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
        var entries = new List<DocumentEntry>();
        var merged = new List<DocumentEntry>();
        _parser.MoveNext();
        while (_parser.Current is not MappingEnd)
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            // Of a key that is no scalar nothing here is read.
            if (key is not ScalarNode { Value: var name })
                continue;
            if (name == "<<")
                merged.AddRange(Merged(value));
            else
                entries.Add(new DocumentEntry(name, key.Line, key.Column, value));
            if (entries.Count + merged.Count > Weights.Most)
                throw TooLarge(start);
        }
        _parser.MoveNext();
        // What the map says itself goes before what is merged, and an earlier merge before a later one.
        merged.Reverse();
        return new MapNode(Number(start.Start.Line), Number(start.Start.Column), [.. merged, .. entries]) { Tag = TagOf(start) };
    }

    private static IEnumerable<DocumentEntry> Merged(DocumentNode value) =>
        value is ListNode list ? list.Values.SelectMany(static item => item.Entries) : value.Entries;

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
