using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>What a tool does with a call. It may block.</summary>
internal delegate ToolAnswer ToolHandler(ToolArguments arguments, ToolContext context);

/// <summary>A verb as agents call it: a row of the table (<see cref="ToolTable"/>).</summary>
/// <param name="Description">When to call it, and what it gives.</param>
internal sealed record AgentTool(string Name, string Title, string Description, ToolHandler Handler)
{
    /// <summary>Its parameters, in the order of the schema.</summary>
    public required IReadOnlyList<ToolParameter> Parameters { get; init; }

    /// <summary>The name of the form of each result, as <c>bindwise.diagnosis/1</c>.</summary>
    public required string ResultSchema { get; init; }

    /// <summary>It changes nothing. Otherwise it may end programs.</summary>
    public bool IsReadOnly { get; init; } = true;

    public bool LooksUpNames { get; init; }

    /// <summary>It may take minutes, and waits most of the time.</summary>
    public bool Waits { get; init; }

    /// <summary>The input schema, as JSON Schema 2020-12.</summary>
    public JsonElement InputSchema() => Parse(writer =>
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (var parameter in Parameters)
            parameter.WriteSchema(writer);
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (var parameter in Parameters.Where(static parameter => parameter.IsRequired))
            writer.WriteStringValue(parameter.Name);
        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
    });

    /// <summary>The schema of the structured content; that of each result stands in docs/schema.</summary>
    public JsonElement OutputSchema() => Parse(writer =>
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject(ToolAnswer.Results);
        writer.WriteString("type", "array");
        writer.WriteString("description", $"The lines of bindwise {Name} --json.");
        writer.WriteStartObject("items");
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("schema");
        writer.WriteString("const", ResultSchema);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        writer.WriteStringValue("schema");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject(ToolAnswer.LeftOut);
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", 0);
        writer.WriteString("description", "How many more results there are.");
        writer.WriteEndObject();
        if (!IsReadOnly)
        {
            writer.WriteStartObject(ToolAnswer.Confirm);
            writer.WriteString("type", "string");
            writer.WriteString("description", "What to pass as confirm to do exactly what this result shows.");
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        writer.WriteStringValue(ToolAnswer.Results);
        writer.WriteStringValue(ToolAnswer.LeftOut);
        writer.WriteEndArray();
    });

    public Tool ToProtocol() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = InputSchema(),
        OutputSchema = OutputSchema(),
        Annotations = new ToolAnnotations
        {
            Title = Title,
            ReadOnlyHint = IsReadOnly,
            DestructiveHint = !IsReadOnly,
            IdempotentHint = IsReadOnly,
            OpenWorldHint = LooksUpNames,
        },
    };

    private static JsonElement Parse(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return document.RootElement.Clone();
    }
}
