using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Saving;

/// <summary>A text.</summary>
internal sealed class TextFormat : Format<string>
{
    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteTextValue(value);

    public override string Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new SnapshotFault("a text was expected", reader.TokenStartIndex);
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new SnapshotFault("the text is not UTF-8", reader.TokenStartIndex);
        }
    }
}

/// <summary>A value that a text stands for: an address, a state, a time.</summary>
internal sealed class SpelledFormat<T>(string what, Func<T, string> spell, Func<string, (bool IsValid, T Value)> parse) : Format<T>
{
    private static readonly TextFormat Text = new();

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteTextValue(spell(value));

    public override T Read(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        var (isValid, value) = parse(Text.Read(ref reader));
        return isValid ? value : throw new SnapshotFault($"{what} was expected", start);
    }
}

/// <summary>true or false.</summary>
internal sealed class BooleanFormat : Format<bool>
{
    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override bool Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw new SnapshotFault("true or false was expected", reader.TokenStartIndex),
    };
}

/// <summary>A whole number within the bounds of its type.</summary>
internal sealed class NumberFormat<T> : Format<T>
    where T : struct, ISpanParsable<T>, ISpanFormattable, System.Numerics.IBinaryInteger<T>
{
    public override void Write(Utf8JsonWriter writer, T value) =>
        writer.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);

    public override T Read(ref Utf8JsonReader reader)
    {
        Span<char> digits = stackalloc char[24];
        if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length <= digits.Length)
        {
            var length = System.Text.Encoding.ASCII.GetChars(reader.ValueSpan, digits);
            if (T.TryParse(digits[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                return value;
        }
        throw new SnapshotFault($"a whole number of the kind {typeof(T).Name} was expected", reader.TokenStartIndex);
    }
}

/// <summary>A list.</summary>
internal sealed class ListFormat<T>(Format<T> element) : Format<ImmutableArray<T>>
{
    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value)
    {
        writer.WriteStartArray();
        foreach (var item in value)
            element.Write(writer, item);
        writer.WriteEndArray();
    }

    public override ImmutableArray<T> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new SnapshotFault("a list was expected", reader.TokenStartIndex);
        var items = ImmutableArray.CreateBuilder<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(element.Read(ref reader));
        return items.DrainToImmutable();
    }
}

/// <summary>A value type or null.</summary>
internal sealed class NullableFormat<T>(Format<T> format) : Format<T?>
    where T : struct
{
    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is { } present)
            format.Write(writer, present);
        else
            writer.WriteNullValue();
    }

    public override T? Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : format.Read(ref reader);
}

/// <summary>An object or null.</summary>
internal sealed class OptionalFormat<T>(Format<T> format) : Format<T?>
    where T : class
{
    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            format.Write(writer, value);
    }

    public override T? Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : format.Read(ref reader);
}
