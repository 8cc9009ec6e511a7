using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>What a tool does with a call. It may block.</summary>
internal delegate ToolAnswer ToolHandler(ToolArguments arguments, ToolContext context);

/// <summary>A verb as agents call it: a row of the table (<see cref="ToolTable"/>).</summary>
internal sealed record AgentTool(string Name, string Title, string Description, ToolHandler Handler)
{
    public required IReadOnlyList<ToolParameter> Parameters { get; init; }

    /// <summary>The name of the form of each result, as <c>bindwise.diagnosis/1</c>.</summary>
    public required string ResultSchema { get; init; }

    /// <summary>It changes nothing. Otherwise it may end programs.</summary>
    public bool IsReadOnly { get; init; } = true;

    /// <summary>A second call has other ports: those of the first are kept from it for a while.</summary>
    public bool KeepsPorts { get; init; }

    public bool LooksUpNames { get; init; }

    /// <summary>It may take minutes, and waits most of the time.</summary>
    public bool Waits { get; init; }

    /// <summary>The input schema, as JSON Schema 2020-12.</summary>
    public JsonElement InputSchema()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
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
            writer.WriteEndObject();
        }
        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>The schema of the structured content; that of each result stands in docs/schema.</summary>
    public JsonElement OutputSchema()
    {
        var confirm = IsReadOnly ? "" : $$"""
            , "{{ToolAnswer.Confirm}}":
              { "type": "string", "description": "What to pass as confirm to do exactly what this result shows." }
            """;
        using var document = JsonDocument.Parse($$"""
            {
              "type": "object",
              "properties": {
                "{{ToolAnswer.Results}}": {
                  "type": "array",
                  "description": "The lines of bindwise {{Name}} --json.",
                  "items": { "type": "object", "properties": { "schema": { "const": "{{ResultSchema}}" } }, "required": ["schema"] }
                },
                "{{ToolAnswer.LeftOut}}": { "type": "integer", "minimum": 0,
                  "description": "How many more results there are; past 64 addresses, at least." }{{confirm}}
              },
              "required": ["{{ToolAnswer.Results}}", "{{ToolAnswer.LeftOut}}"]
            }
            """);
        return document.RootElement.Clone();
    }

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
            IdempotentHint = IsReadOnly && !KeepsPorts,
            OpenWorldHint = LooksUpNames,
        },
    };
}

/// <param name="Progress">Takes the seconds that have passed, those that it may take at most, and what is
/// waited for; null where nobody wants to know.</param>
internal sealed record ToolContext(Action<double, double, string>? Progress, CancellationToken Cancellation);

internal static class ToolTable
{
    public static IReadOnlyList<AgentTool> Of(bool allowsActions, PreparedReleases releases)
    {
        List<AgentTool> tools = [WhyTool.Tool, LsTool.Tool, WaitTool.Tool];
        if (OperatingSystem.IsLinux())
            tools.Add(PickTool.Tool);
        tools.Add(PlanTool.Tool);
        if (allowsActions && OperatingSystem.IsLinux())
            tools.Add(FreeTool.Of(releases));
        return tools;
    }
}

/// <summary>The arguments of a call, after the check.</summary>
internal sealed class ToolArguments(IReadOnlyDictionary<string, JsonElement> given)
{
    private static readonly Dictionary<string, JsonElement> None = [];

    public static ToolArguments? Of(AgentTool tool, IDictionary<string, JsonElement>? given, out string? fault)
    {
        // Some clients give null for what they leave out.
        var arguments = given?.Where(static one => one.Value.ValueKind != JsonValueKind.Null).ToDictionary(StringComparer.Ordinal) ?? None;
        fault = arguments.Keys.FirstOrDefault(name => !tool.Parameters.Any(parameter => parameter.Name == name)) is { } unknown
            ? $"{tool.Name} has no argument {unknown}: it takes "
                + $"{string.Join(", ", tool.Parameters.Select(static parameter => parameter.Name))}"
            : tool.Parameters.Select(parameter => WhyNot(parameter, arguments)).FirstOrDefault(static wrong => wrong is not null);
        return fault is null ? new ToolArguments(arguments) : null;
    }

    public JsonElement? Find(ToolParameter parameter) => given.TryGetValue(parameter.Name, out var value) ? value : null;

    private static string? WhyNot(ToolParameter parameter, Dictionary<string, JsonElement> arguments)
    {
        if (!arguments.TryGetValue(parameter.Name, out var value))
            return parameter.IsRequired ? $"{parameter.Name} is missing" : null;
        return parameter.WhyNot(value) is { } wrong ? $"{parameter.Name} {wrong}" : null;
    }
}
