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

    public static async Task WriteAsync(HttpContext context, Action<IBufferWriter<byte>> write)
    {
        using var body = new BodyBuffer();
        write(body);
        await WriteAsync(context, "application/json", body.Written);
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
    public static async Task WriteAsync(HttpContext context, string type, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.ContentType = type;
        response.Headers.CacheControl = "no-store";
        response.Headers.Append(HeaderNames.Vary, "Accept-Encoding");
        if (body.Length < LeastToCompress || !AcceptedEncodings.Has(context.Request, "gzip"))
        {
            response.ContentLength = body.Length;
            await WritePiecesAsync(context, response.Body, body);
            return;
        }
        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await WritePiecesAsync(context, gzip, body);
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
    /// <param name="lists">Each list's name, and its documents, each with its line's end.</param>
    public static void Write(IBufferWriter<byte> output, IEnumerable<Remark> remarks,
        params IReadOnlyList<(string Name, ReadOnlyMemory<byte> Lines)> lists)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        foreach (var (name, documents) in lists)
        {
            writer.WriteStartArray(name);
            var lines = documents.Span;
            for (int end; (end = lines.IndexOf((byte)'\n')) >= 0; lines = lines[(end + 1)..])
                writer.WriteRawValue(lines[..end], skipInputValidation: true);
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
/// Where a body is put together: an array of the pool, which goes back there. Arrays of megabytes of which each answer leaves several would
/// otherwise stay until the collector looks at old objects.
/// </summary>
internal sealed class BodyBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 4096;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    /// <summary>What was written; until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    private void MakeRoom(int bytes)
    {
        if (_bytes.Length - _length >= bytes)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(2 * _length, _length + bytes)));
        Written.Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
