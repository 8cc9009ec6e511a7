using System.Text.Json;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>A parameter of a tool: the input schema and the check of what is given are both made from it.</summary>
internal abstract class ToolParameter(string name, string description)
{
    public string Name => name;

    public bool IsRequired { get; init; }

    /// <summary>What is wrong with a value, to stand after the parameter's name; null for nothing.</summary>
    public abstract string? WhyNot(JsonElement value);

    public void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(name);
        WriteType(writer);
        writer.WriteString("description", description);
        writer.WriteEndObject();
    }

    protected abstract void WriteType(Utf8JsonWriter writer);
}

/// <summary>A text of 1 to some number of characters. Agents often give a port as a number: an integer counts as its digits.</summary>
internal sealed class TextParameter(string name, string description, int mostChars) : ToolParameter(name, description)
{
    public string? Read(ToolArguments arguments) =>
        arguments.Find(this) is { } value ? value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.GetString() : null;

    public override string? WhyNot(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _))
            return null;
        if (value.ValueKind != JsonValueKind.String)
            return "is not a string";
        var length = value.GetString()!.EnumerateRunes().Count();
        return length == 0 ? "is empty"
            : length > mostChars ? string.Create(CultureInfo.InvariantCulture, $"has {length} characters: give at most {mostChars}") : null;
    }

    protected override void WriteType(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteNumber("minLength", 1);
        writer.WriteNumber("maxLength", mostChars);
    }
}

/// <summary>Yes or no; no unless given.</summary>
internal sealed class FlagParameter(string name, string description) : ToolParameter(name, description)
{
    public bool Read(ToolArguments arguments) => arguments.Find(this) is { ValueKind: JsonValueKind.True };

    public override string? WhyNot(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "is neither true nor false";

    protected override void WriteType(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "boolean");
        writer.WriteBoolean("default", false);
    }
}

/// <summary>One of a few words; the first unless given.</summary>
internal sealed class ChoiceParameter(string name, string description, params string[] words) : ToolParameter(name, description)
{
    public string Read(ToolArguments arguments) => arguments.Find(this)?.GetString() ?? words[0];

    public override string? WhyNot(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()) ? null : $"is not one of {string.Join(", ", words)}";

    protected override void WriteType(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteStartArray("enum");
        foreach (var word in words)
            writer.WriteStringValue(word);
        writer.WriteEndArray();
        writer.WriteString("default", words[0]);
    }
}

/// <summary>A number within limits; the usual one unless given, where there is one.</summary>
internal sealed class NumberParameter(string name, string description, double least, double most, double? usual = null)
    : ToolParameter(name, description)
{
    public bool IsWhole { get; init; }

    public double Read(ToolArguments arguments) => Find(arguments)!.Value;
    public double? Find(ToolArguments arguments) => arguments.Find(this)?.GetDouble() ?? usual;

    public override string? WhyNot(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || (IsWhole && number != Math.Floor(number)))
            return IsWhole ? "is not a whole number" : "is not a number";
        return number >= least && number <= most ? null
            : string.Create(CultureInfo.InvariantCulture, $"is out of range: give {least} to {most}");
    }

    protected override void WriteType(Utf8JsonWriter writer)
    {
        writer.WriteString("type", IsWhole ? "integer" : "number");
        writer.WriteNumber("minimum", least);
        writer.WriteNumber("maximum", most);
        if (usual is { } number)
            writer.WriteNumber("default", number);
    }
}
