namespace Bindwise.Lab.Reading;

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

    /// <summary>The lines. Their bytes are valid until the next is asked for.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IEnumerable<StreamLine> Read()
    {
        using var line = new MemoryStream();
        for (var number = 1; ; number++)
        {
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
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = stream.Read(_chunk, 0, _chunk.Length);
                if (_end == 0)
                    return isBegun;
            }
            isBegun = true;
            var rest = _chunk.AsSpan(_start, _end - _start);
            var length = rest.IndexOf((byte)'\n');
            var part = length < 0 ? rest : rest[..length];
            var room = (int)Math.Min(part.Length, mostBytes - line.Length);
            line.Write(part[..room]);
            isWhole &= room == part.Length;
            _start += length < 0 ? rest.Length : length + 1;
            if (length >= 0)
                return true;
        }
    }
}
