using System.Text.Json;

namespace Bindwise.Planning.Documents;

/// <summary>Reads JSON with comments and trailing commas into values with their places. Depth and size are bounded.</summary>
internal static class JsonTree
{
    private static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = YamlTree.MostDepth,
    };

    /// <param name="fault">Why it is not JSON; null when it is.</param>
    public static DocumentNode? Read(string text, out DocumentFault? fault)
    {
        fault = null;
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, Options);
        var places = new LineCounter(bytes);
        try
        {
            if (!reader.Read())
                return null;
            var values = 0L;
            var node = Node(ref reader, places, ref values);
            // What follows the value is a fault, too.
            _ = reader.Read();
            return node;
        }
        catch (JsonException exception)
        {
            fault = new DocumentFault((int)(exception.LineNumber ?? 0) + 1,
                (int)Math.Min(exception.BytePositionInLine ?? 0, int.MaxValue - 1) + 1,
                IsCutOff(bytes) ? "it ends too early" : Clause(exception.Message));
            return null;
        }
        catch (InvalidOperationException)
        {
            // A string with a lone surrogate.
            var (line, column) = places.At(reader.TokenStartIndex);
            fault = new DocumentFault(line, column, "a text in it is not valid Unicode");
            return null;
        }
    }

    private static DocumentNode Node(ref Utf8JsonReader reader, LineCounter places, ref long values)
    {
        var (line, column) = places.At(reader.TokenStartIndex);
        if (++values > Weights.Most)
            throw new JsonException($"it has more than {Weights.Most} values", null, line - 1, column - 1);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = ImmutableArray.CreateBuilder<DocumentEntry>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var (keyLine, keyColumn) = places.At(reader.TokenStartIndex);
                    var key = reader.GetString() ?? "";
                    _ = reader.Read();
                    entries.Add(new DocumentEntry(key, keyLine, keyColumn, Node(ref reader, places, ref values)));
                }
                return new MapNode(line, column, entries);
            case JsonTokenType.StartArray:
                var items = ImmutableArray.CreateBuilder<DocumentNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Node(ref reader, places, ref values));
                return new ListNode(line, column, items.ToImmutable());
            case JsonTokenType.Null:
                return new ScalarNode(line, column, "", isNull: true);
            case JsonTokenType.String:
                return new ScalarNode(line, column, reader.GetString() ?? "") { IsString = true };
            default:
                return new ScalarNode(line, column, Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    /// <summary>Whether it could go on to be JSON.</summary>
    private static bool IsCutOff(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(Options));
        try
        {
            while (reader.Read())
                continue;
            return reader.CurrentDepth > 0 || reader.TokenType == JsonTokenType.None;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // "'x' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 3."
    private static string Clause(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.', ' ');
    }

    /// <summary>Lines and columns of byte positions that only grow: each byte is looked at once.</summary>
    private sealed class LineCounter(byte[] bytes)
    {
        private int _at;
        private int _line = 1;
        private int _lineStart;

        public (int Line, int Column) At(long position)
        {
            for (; _at < position; _at++)
            {
                if (bytes[_at] == (byte)'\n')
                {
                    _line++;
                    _lineStart = _at + 1;
                }
            }
            return (_line, (int)position - _lineStart + 1);
        }
    }
}
