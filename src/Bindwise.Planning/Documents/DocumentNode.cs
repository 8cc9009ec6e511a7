namespace Bindwise.Planning.Documents;

/// <summary>A value of a YAML or JSON document, with its place.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The column, from 1.</param>
internal abstract class DocumentNode(int line, int column)
{
    /// <summary>The line, from 1.</summary>
    public int Line => line;

    /// <summary>The column, from 1.</summary>
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

/// <summary>A text, a number, a truth value or null.</summary>
internal sealed class ScalarNode(int line, int column, string value, bool isNull = false) : DocumentNode(line, column)
{
    public string Value => value;
    public bool IsNull => isNull;
    public override long Weight => 1;
}

/// <summary>A map; of equal keys the last one counts.</summary>
internal sealed class MapNode(int line, int column, ImmutableArray<DocumentEntry> entries) : DocumentNode(line, column)
{
    public ImmutableArray<DocumentEntry> Values => entries;

    public override long Weight { get; } = Weights.Sum(entries.Select(static entry => entry.Value));

    // From here on a search from the end costs more than the table.
    private const int FewKeys = 16;

    private Dictionary<string, int>? _places;

    public DocumentNode? Find(string key) => FindEntry(key)?.Value;

    public DocumentEntry? FindEntry(string key)
    {
        if (entries.Length > FewKeys)
            return (_places ??= Places()).TryGetValue(key, out var place) ? entries[place] : null;
        for (var index = entries.Length - 1; index >= 0; index--)
        {
            if (entries[index].Key == key)
                return entries[index];
        }
        return null;
    }

    private Dictionary<string, int> Places()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < entries.Length; index++)
            places[entries[index].Key] = index;
        return places;
    }
}

internal sealed class ListNode(int line, int column, ImmutableArray<DocumentNode> items) : DocumentNode(line, column)
{
    public ImmutableArray<DocumentNode> Values => items;

    public override long Weight { get; } = Weights.Sum(items);
}

/// <param name="Line">The key's line, from 1.</param>
/// <param name="Column">The key's column, from 1.</param>
internal readonly record struct DocumentEntry(string Key, int Line, int Column, DocumentNode Value);

/// <summary>Why a text is no document, or how far it was read.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
internal sealed record DocumentFault(int Line, int Column, string Message);

/// <summary>The sum of weights; aliases of aliases grow beyond every number, so it stops at a limit.</summary>
internal static class Weights
{
    /// <summary>A document that stands for more values is refused.</summary>
    public const long Most = 200_000;

    public static long Sum(IEnumerable<DocumentNode> nodes)
    {
        long sum = 1;
        foreach (var node in nodes)
            sum = Math.Min(Most + 1, sum + node.Weight);
        return sum;
    }
}
