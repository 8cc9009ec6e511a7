using System.Text.Json;

namespace Bindwise.Rendering.Saving;

internal abstract class Field<T>(string name, bool isRequired)
{
    public string Name { get; } = name;

    /// <summary>A file without it is at fault.</summary>
    public bool IsRequired { get; } = isRequired;

    public abstract void Write(Utf8JsonWriter writer, T record);
    public abstract T Read(ref Utf8JsonReader reader, T record);
}

internal sealed class Field<T, TValue>(string name, Format<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with, bool isRequired)
    : Field<T>(name, isRequired)
{
    public override void Write(Utf8JsonWriter writer, T record)
    {
        writer.WritePropertyName(Name);
        format.Write(writer, get(record));
    }

    public override T Read(ref Utf8JsonReader reader, T record) => with(record, format.Read(ref reader));
}
