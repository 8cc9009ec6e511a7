using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Reading;

/// <summary>
/// Scenarios of a stream, a file or standard input: one .bind text, or JSON, which its first byte tells: one document a line, or a single
/// one over several lines.
/// </summary>
internal static class ScenarioDocuments
{
    private const string Nothing = "there is no scenario in it";

    /// <summary>The documents, each as soon as it is read; blank lines between JSON documents are none.</summary>
    /// <param name="name">What a .bind text is called that does not name itself.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static IEnumerable<ScenarioParse> Read(Stream stream, string name = "")
    {
        var text = new MemoryStream();
        var isText = false;
        using var lines = new StreamLines(stream, ScenarioJson.MaximumBytes).Read().GetEnumerator();
        while (lines.MoveNext())
        {
            if (!isText && Content(lines.Current) is [(byte)'{' or (byte)'[', ..])
            {
                foreach (var document in OfJson(lines))
                    yield return document;
                yield break;
            }
            isText |= Content(lines.Current).Length > 0;
            Append(text, Bytes(lines.Current));
            if (!lines.Current.IsWhole || text.Length > ScenarioJson.MaximumBytes)
                break;
        }
        yield return isText ? OfText(Encoding.UTF8.GetString(Written(text)), name) : Faulty(1, Nothing);
    }

    /// <param name="lines">At the first that says something.</param>
    private static IEnumerable<ScenarioParse> OfJson(IEnumerator<StreamLine> lines)
    {
        var first = lines.Current.Number;
        // Lines of which none is a scenario yet: they may be one document together, which the end tells.
        var open = ScenarioJson.IsOneDocument(Content(lines.Current)) ? null : new MemoryStream();
        do
        {
            var line = lines.Current;
            var alone = line.IsWhole && Content(line).Length > 0 ? ScenarioJson.Parse(Content(line), line.Number) : null;
            if (open is not null && line.IsWhole && alone?.Scenario is null && open.Length + line.Bytes.Length < ScenarioJson.MaximumBytes)
            {
                Append(open, Bytes(line));
                continue;
            }
            foreach (var parsed in LinesOf(open, first))
                yield return parsed;
            open = null;
            if (!line.IsWhole)
                yield return Faulty(line.Number, "the document is larger than 32 MiB; split the scenario");
            else if (alone is not null)
                yield return alone;
        }
        while (lines.MoveNext());
        if (open is not null && ScenarioJson.IsOneDocument(Written(open)))
        {
            yield return ScenarioJson.Parse(Written(open), first);
            yield break;
        }
        foreach (var parsed in LinesOf(open, first))
            yield return parsed;
    }

    private static IEnumerable<ScenarioParse> LinesOf(MemoryStream? open, int first)
    {
        if (open is null)
            yield break;
        open.Position = 0;
        foreach (var line in new StreamLines(open, ScenarioJson.MaximumBytes).Read())
        {
            if (line.Bytes.Span.Trim(" \t\r"u8) is { Length: > 0 } content)
                yield return ScenarioJson.Parse(content, first + line.Number - 1);
        }
    }

    private static ReadOnlySpan<byte> Bytes(StreamLine line) =>
        line.Number == 1 && line.Bytes.Span.StartsWith("\uFEFF"u8) ? line.Bytes.Span[3..] : line.Bytes.Span;

    private static ReadOnlySpan<byte> Content(StreamLine line) => Bytes(line).Trim(" \t\r"u8);

    private static void Append(MemoryStream text, ReadOnlySpan<byte> line)
    {
        text.Write(line);
        text.WriteByte((byte)'\n');
    }

    private static ReadOnlySpan<byte> Written(MemoryStream text) => text.GetBuffer().AsSpan(0, (int)text.Length);

    private static ScenarioParse OfText(string text, string name)
    {
        if (ClaimText.IsClaim(text))
            return Faulty(1, "this is a claim, not a scenario: play it with bindwise lab prove FILE");
        var parsed = BindText.Parse(text, name);
        return parsed is { Scenario.Steps.IsEmpty: true } ? Faulty(1, Nothing) : parsed;
    }

    private static ScenarioParse Faulty(int line, string what) => new(null, [new ScenarioFault(what) { Line = line }]) { Line = line };
}

/// <summary>One line of a stream, without its end.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Bytes">Its bytes; of one that is too long only the beginning.</param>
internal readonly record struct StreamLine(int Number, ReadOnlyMemory<byte> Bytes, bool IsWhole);

/// <summary>Reads a stream line by line as it comes; a line is bounded, and one that is too long costs no memory.</summary>
internal sealed class StreamLines(Stream stream, int mostBytes)
{
    private readonly byte[] _chunk = new byte[64 * 1024];
    private int _start;
    private int _end;

    // Of a line that is too long, the rest is read only when the next one is asked for: a device's may have no end.
    private bool _hasRest;

    /// <summary>The lines. Their bytes are valid until the next is asked for.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IEnumerable<StreamLine> Read()
    {
        using var line = new MemoryStream();
        for (var number = 1; ; number++)
        {
            if (_hasRest && !Pass())
                yield break;
            line.SetLength(0);
            if (!ReadLine(line, out var isWhole))
                yield break;
            yield return new StreamLine(number, line.GetBuffer().AsMemory(0, (int)line.Length), isWhole);
        }
    }

    // False at the end of the stream, when nothing stands after the last line's end.
    private bool ReadLine(MemoryStream line, out bool isWhole)
    {
        isWhole = true;
        var isBegun = false;
        while (Fill())
        {
            isBegun = true;
            var rest = _chunk.AsSpan(_start, _end - _start);
            var length = rest.IndexOf((byte)'\n');
            var part = length < 0 ? rest : rest[..length];
            var room = (int)Math.Min(part.Length, mostBytes - line.Length);
            line.Write(part[..room]);
            _start += room;
            _hasRest = room < part.Length;
            if (_hasRest)
            {
                isWhole = false;
                return true;
            }
            if (length >= 0)
            {
                _start++;
                return true;
            }
        }
        return isBegun;
    }

    // False where the stream ends before the line.
    private bool Pass()
    {
        for (; Fill(); _start = _end)
        {
            var length = _chunk.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length < 0)
                continue;
            _start += length + 1;
            _hasRest = false;
            return true;
        }
        return false;
    }

    private bool Fill()
    {
        if (_start < _end)
            return true;
        _start = 0;
        _end = stream.Read(_chunk, 0, _chunk.Length);
        return _end > 0;
    }
}
