namespace Bindwise.Rendering.Saving;

internal abstract class Field<T>(string name, bool isRequired)
{
    public string Name { get; } = name;
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

/// <summary>
/// A record as a JSON object. A field that is missing keeps the record's default (older files), one that is not known is skipped (newer
/// ones); a field twice is a fault.
/// </summary>
/// <param name="blank">The record with its defaults, on which the fields are set one by one.</param>
internal sealed class RecordFormat<T>(T blank) : Format<T>
    where T : notnull
{
    private readonly List<Field<T>> _fields = [];

    public RecordFormat<T> Field<TValue>(string name, Format<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with) =>
        Add(new Field<T, TValue>(name, format, get, with, isRequired: false));

    /// <summary>Adds a field that older files have and newer ones say otherwise: it is read and not written.</summary>
    public RecordFormat<T> Former<TValue>(string name, Format<TValue> format, Func<T, TValue, T> with) =>
        Add(new FormerField<T, TValue>(name, format, with));

    public RecordFormat<T> Required<TValue>(string name, Format<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with) =>
        Add(new Field<T, TValue>(name, format, get, with, isRequired: true));

    public override void Write(Utf8JsonWriter writer, T value)
    {
        writer.WriteStartObject();
        foreach (var field in _fields)
            field.Write(writer, value);
        writer.WriteEndObject();
    }

    public override T Read(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SnapshotFault("an object was expected", start);
        var value = blank;
        var seen = new bool[_fields.Count];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var index = IndexOf(ref reader);
            if (index < 0)
            {
                reader.Skip();
                continue;
            }
            if (seen[index])
                throw new SnapshotFault($"the field {_fields[index].Name} stands twice", reader.TokenStartIndex);
            seen[index] = true;
            reader.Read();
            value = _fields[index].Read(ref reader, value);
        }
        for (var i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].IsRequired && !seen[i])
                throw new SnapshotFault($"the field {_fields[i].Name} is missing", start);
        }
        return value;
    }

    private RecordFormat<T> Add(Field<T> field)
    {
        _fields.Add(field);
        return this;
    }

    private int IndexOf(ref Utf8JsonReader reader)
    {
        try
        {
            for (var i = 0; i < _fields.Count; i++)
            {
                if (reader.ValueTextEquals(_fields[i].Name))
                    return i;
            }
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the name of no field.
        }
        return -1;
    }
}

internal sealed class FormerField<T, TValue>(string name, Format<TValue> format, Func<T, TValue, T> with)
    : Field<T>(name, isRequired: false)
{
    public override void Write(Utf8JsonWriter writer, T record)
    {
        // What it said stands in another field.
    }

    public override T Read(ref Utf8JsonReader reader, T record) => with(record, format.Read(ref reader));
}
