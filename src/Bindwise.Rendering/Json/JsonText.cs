namespace Bindwise.Rendering.Json;

/// <summary>
/// Strings in JSON: letters of all scripts stay readable, while control, format and bidi characters and line separators are written as
/// \uXXXX, so that a document is harmless on a terminal too. The framework's encoders do one or the other.
/// </summary>
internal static class JsonText
{
    private const int MostOnStack = 256;

    // What stands for itself in a JSON string and on a terminal, in ASCII: most texts have nothing else.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Writes an object as one line of UTF-8, without the line's end.</summary>
    public static void Object(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        // Names are constants and texts are quoted here; validation would only repeat what the tests hold.
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }

    /// <summary>The same with the name and version of its form as the first field.</summary>
    public static void Document(IBufferWriter<byte> output, string schema, Action<Utf8JsonWriter> write) => Object(output, writer =>
    {
        writer.WriteText("schema", schema);
        write(writer);
    });

    /// <summary>A value as a word of the forms: <c>WouldFree</c> is <c>would-free</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static void WriteText(this Utf8JsonWriter writer, string name, string? value)
    {
        writer.WritePropertyName(name);
        writer.WriteTextValue(value);
    }

    public static void WriteTextValue(this Utf8JsonWriter writer, string? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else if (value.Length <= MostOnStack && !value.AsSpan().ContainsAnyExcept(Plain))
        {
            Span<byte> quoted = stackalloc byte[value.Length + 2];
            quoted[0] = quoted[^1] = (byte)'"';
            _ = Encoding.ASCII.GetBytes(value, quoted[1..]);
            writer.WriteRawValue(quoted, skipInputValidation: true);
        }
        else
        {
            writer.WriteRawValue(Quote(value), skipInputValidation: true);
        }
    }

    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteTextValue(value);
        writer.WriteEndArray();
    }

    public static void WriteNumber(this Utf8JsonWriter writer, string name, decimal? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    public static void WriteBoolean(this Utf8JsonWriter writer, string name, bool? value)
    {
        if (value is { } known)
            writer.WriteBoolean(name, known);
        else
            writer.WriteNull(name);
    }

    public static void WriteList<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> values, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStartObject();
            write(value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void WriteObject<T>(this Utf8JsonWriter writer, string name, T? value, Action<T> write)
        where T : class
    {
        if (value is null)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        write(value);
        writer.WriteEndObject();
    }

    /// <summary>
    /// The text as a JSON string with its quotes. A lone surrogate, which no JSON can carry, becomes the visible <c>\u{D800}</c>.
    /// </summary>
    public static string Quote(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            var status = Rune.DecodeFromUtf16(rest, out var rune, out var consumed);
            if (status != OperationStatus.Done)
                result.Append(CultureInfo.InvariantCulture, $"\\\\u{{{(int)rest[0]:X}}}");
            else if (rune.Value is '"' or '\\')
                result.Append('\\').Append((char)rune.Value);
            else if (Escaper.IsHarmful(rune))
                AppendEscape(result, rest[..consumed]);
            else
                result.Append(rest[..consumed]);
            rest = rest[consumed..];
        }
        return result.Append('"').ToString();
    }

    private static void AppendEscape(StringBuilder result, ReadOnlySpan<char> units)
    {
        foreach (var unit in units)
        {
            _ = unit switch
            {
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
            };
        }
    }
}
