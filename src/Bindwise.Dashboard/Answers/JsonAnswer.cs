using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using Bindwise.Rendering.Json;
using Microsoft.Net.Http.Headers;

namespace Bindwise.Dashboard.Answers;

/// <summary>An answer whose body is whole before it is sent.</summary>
internal static class JsonAnswer
{
    private const int LeastToCompress = 1024;

    // What the server is given at once, it copies; and by each piece it is seen whether the client reads.
    private const int PieceBytes = 16 << 10;

    public static async Task WriteAsync(HttpContext context, Action<BodyBuffer> write)
    {
        using var body = new BodyBuffer();
        write(body);
        await WriteAsync(context, "application/json", body);
    }

    public static Task WriteObjectAsync(HttpContext context, Action<Utf8JsonWriter> write) =>
        WriteAsync(context, output => WriteObject(output, write));

    public static void WriteObject(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }

    /// <summary>Answers with a body, compressed where that is worth it and the client takes it; not to be kept.</summary>
    public static Task WriteAsync(HttpContext context, string type, BodyBuffer body) => WriteAsync(context, type, body.Pieces, body.Length);

    /// <inheritdoc cref="WriteAsync(HttpContext, string, BodyBuffer)" />
    public static Task WriteAsync(HttpContext context, string type, ReadOnlyMemory<byte> body) =>
        WriteAsync(context, type, [body], body.Length);

    private static async Task WriteAsync(HttpContext context, string type, IEnumerable<ReadOnlyMemory<byte>> pieces, long length)
    {
        var response = context.Response;
        response.ContentType = type;
        response.Headers.CacheControl = "no-store";
        response.Headers.Append(HeaderNames.Vary, "Accept-Encoding");
        if (length < LeastToCompress || !AcceptedEncodings.Has(context.Request, "gzip"))
        {
            response.ContentLength = length;
            foreach (var piece in pieces)
                await WritePiecesAsync(context, response.Body, piece);
            return;
        }
        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        foreach (var piece in pieces)
            await WritePiecesAsync(context, gzip, piece);
    }

    private static async Task WritePiecesAsync(HttpContext context, Stream output, ReadOnlyMemory<byte> body)
    {
        var progress = context.Features.Get<IAnswerProgress>();
        for (var at = 0; at < body.Length; at += PieceBytes)
        {
            await output.WriteAsync(body.Slice(at, Math.Min(PieceBytes, body.Length - at)), context.RequestAborted);
            progress?.Advance();
        }
    }
}

/// <summary>Who sends an answer piece by piece tells here that its client has taken one more.</summary>
internal interface IAnswerProgress
{
    void Advance();
}

/// <summary>What a client takes (RFC 9110, 12.5.3).</summary>
internal static class AcceptedEncodings
{
    /// <summary>Whether it takes an encoding by name; one with q=0 it does not.</summary>
    public static bool Has(HttpRequest request, string encoding)
    {
        foreach (var part in request.Headers.AcceptEncoding.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var words = part.Split(';', StringSplitOptions.TrimEntries);
            if (words[0].Equals(encoding, StringComparison.OrdinalIgnoreCase))
                return !words.Any(static word => word is "q=0" or "q=0.0" or "q=0.00" or "q=0.000");
        }
        return false;
    }
}

/// <summary>Documents of the command line, one a line there, as one answer.</summary>
internal static class DocumentList
{
    /// <summary>Writes <c>{"NAME": [documents], "remarks": [...]}</c>.</summary>
    /// <param name="lists">Each list's name, and its documents, each with its line's end: nothing is left of them there.</param>
    public static void Write(BodyBuffer output, IEnumerable<Remark> remarks, params IReadOnlyList<(string Name, BodyBuffer Lines)> lists)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        foreach (var (name, documents) in lists)
        {
            writer.WriteStartArray(name);
            writer.Flush();
            output.MoveDocuments(documents);
            writer.WriteEndArray();
        }
        WriteRemarks(writer, remarks);
        writer.WriteEndObject();
    }

    /// <summary>What the command line says beside its documents, which has no id there.</summary>
    public static Remark Note(string text) => Remark.Of("note", text);

    public static void WriteRemarks(Utf8JsonWriter writer, IEnumerable<Remark> remarks) => writer.WriteList("remarks", remarks, remark =>
    {
        writer.WriteText("id", remark.Id);
        writer.WriteText("text", remark.Text);
    });
}

/// <summary>Moments in answers that are this server's own.</summary>
internal static class JsonMoment
{
    /// <summary>In UTC, to the last digit: who asks for what came after it does not get it again.</summary>
    public static string Of(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>
/// Where a body is put together: in arrays of the pool, which go back there, each too small for the heap of large objects. That one is not
/// compacted: answers of megabytes, one array each, would fill a limit of memory with gaps.
/// </summary>
internal sealed class BodyBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 4096;
    private const int NextBytes = 64 << 10;

    private readonly List<ArraySegment<byte>> _full = [];
    private byte[] _last = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _lastLength;

    public long Length => _full.Sum(static piece => (long)piece.Count) + _lastLength;

    /// <summary>What was written, in order; until the next write.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces =>
        _full.Append(new(_last, 0, _lastLength)).Select(static piece => (ReadOnlyMemory<byte>)piece);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _last.Length - _lastLength);
        _lastLength += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last.Length - _lastLength < Math.Max(1, sizeHint))
        {
            var next = ArrayPool<byte>.Shared.Rent(Math.Max(NextBytes, sizeHint));
            TakeLast();
            _last = next;
        }
        return _last.AsMemory(_lastLength);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Takes the JSON documents of another, each with its line's end, with commas between; nothing is left there.</summary>
    public void MoveDocuments(BodyBuffer lines)
    {
        lines.TakeLast();
        TakeLast();
        if (lines._full is [.., var end])
            lines._full[^1] = end[..^1];
        foreach (var piece in lines._full)
        {
            // A line's end stands nowhere else in a document of JSON.
            piece.AsSpan().Replace((byte)'\n', (byte)',');
            _full.Add(piece);
        }
        lines._full.Clear();
    }

    public void Dispose()
    {
        TakeLast();
        foreach (var piece in _full)
            ArrayPool<byte>.Shared.Return(piece.Array!);
        _full.Clear();
    }

    private void TakeLast()
    {
        if (_lastLength > 0)
            _full.Add(new(_last, 0, _lastLength));
        else if (_last.Length > 0)
            ArrayPool<byte>.Shared.Return(_last);
        (_last, _lastLength) = ([], 0);
    }
}
