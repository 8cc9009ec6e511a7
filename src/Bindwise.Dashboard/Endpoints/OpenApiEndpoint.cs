using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/openapi.json</c>: the table of routes as OpenAPI 3.1, with the schemas of docs/schema.</summary>
internal static class OpenApiEndpoint
{
    private const string SchemaFolder = "schema/";
    private const string SchemaEnding = ".schema.json";
    private const string OwnSchemas = "own-schemas.json";
    private const string Definitions = "$defs";
    private const string Reference = "$ref";
    private const string Components = "#/components/schemas/";

    private static readonly ImmutableArray<int> ProblemsOfAll = [400, 401, 403, 405, 429, 500, 503, 504];
    private static readonly ImmutableArray<int> ProblemsOfBodies = [408, 413];

    public static ApiRoute Route { get; } = new("GET", "/api/v1/openapi.json", "This document.",
        static (context, services) => JsonAnswer.WriteObjectAsync(context, writer => Write(writer, services)))
    {
        Answer = """{"type":"object"}""",
        IsOpen = true,
    };

    private static void Write(Utf8JsonWriter writer, DashboardServices services)
    {
        writer.WriteText("openapi", "3.1.0");
        writer.WriteStartObject("info");
        writer.WriteText("title", "bindwise serve");
        writer.WriteText("version", services.Settings.Version);
        writer.WriteText("description", "The ports of a host: who holds them, why a bind fails, what happens. See /docs/serve.md.");
        writer.WriteEndObject();
        writer.WriteStartArray("security");
        writer.WriteStartObject();
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteTexts("token", []);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("paths");
        foreach (var path in services.Routes.GroupBy(static route => route.Path))
        {
            writer.WriteStartObject(path.Key);
            foreach (var route in path)
                WriteRoute(writer, route);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WritePropertyName("components");
        WriteComponents(writer);
    }

    private static void WriteRoute(Utf8JsonWriter writer, ApiRoute route)
    {
        writer.WriteStartObject(route.Method.ToLowerInvariant());
        writer.WriteText("operationId", OperationId(route));
        writer.WriteText("summary", route.Summary);
        writer.WriteList("parameters", route.Parameters, parameter =>
        {
            var isPath = route.Path.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal);
            writer.WriteText("name", parameter.Name);
            writer.WriteText("in", isPath ? "path" : "query");
            writer.WriteBoolean("required", isPath || parameter.IsRequired);
            writer.WriteText("description", parameter.Meaning);
            writer.WritePropertyName("schema");
            writer.WriteRawValue(parameter.Schema);
        });
        if (route.Body is { } body)
            writer.WriteObject("requestBody", body, schema =>
            {
                writer.WriteBoolean("required", true);
                WriteContent(writer, route.BodyType, schema);
            });
        WriteAnswers(writer, route);
        writer.WriteEndObject();
    }

    // As getFleetPortsPort of GET /api/v1/fleet/ports/{port}: what generators call the method.
    private static string OperationId(ApiRoute route) => route.Method.ToLowerInvariant() + string.Concat(
        route.Path.Replace("/api/v1/", "", StringComparison.Ordinal).Split(['/', '{', '}', '.'], StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static void WriteAnswers(Utf8JsonWriter writer, ApiRoute route)
    {
        writer.WriteStartObject("responses");
        writer.WriteStartObject(route.Answer.Length == 0 ? "204" : "200");
        writer.WriteText("description", route.Summary);
        if (route.Answer.Length > 0)
            WriteContent(writer, route.AnswerType, route.Answer);
        writer.WriteEndObject();
        foreach (var status in route.Problems.Union(ProblemsOfAll).Union(route.Body is not null ? ProblemsOfBodies : []).Order())
        {
            writer.WriteStartObject(status.ToString(CultureInfo.InvariantCulture));
            writer.WriteText("description", "A problem (RFC 9457).");
            WriteContent(writer, "application/problem+json", AnswerSchemas.Of("problem"));
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, string type, string schema)
    {
        writer.WriteStartObject("content");
        writer.WriteStartObject(type);
        writer.WritePropertyName("schema");
        writer.WriteRawValue(schema);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter writer)
    {
        var home = typeof(OpenApiEndpoint).Assembly;
        writer.WriteStartObject();
        writer.WriteStartObject("securitySchemes");
        writer.WriteStartObject("token");
        writer.WriteText("type", "http");
        writer.WriteText("scheme", "bearer");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("schemas");
        foreach (var name in home.GetManifestResourceNames().Where(static name => name.StartsWith(SchemaFolder, StringComparison.Ordinal))
            .Order())
        {
            using var file = home.GetManifestResourceStream(name)!;
            using var document = JsonDocument.Parse(file);
            WriteSchema(writer, name[SchemaFolder.Length..^SchemaEnding.Length], document.RootElement);
        }
        using var ownFile = home.GetManifestResourceStream(OwnSchemas)!;
        using var own = JsonDocument.Parse(ownFile);
        foreach (var schema in own.RootElement.EnumerateObject())
            schema.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // What a schema defines for itself stands beside it here, as NAME.DEFINITION: not every generator follows a schema's own base address.
    private static void WriteSchema(Utf8JsonWriter writer, string name, JsonElement schema)
    {
        writer.WritePropertyName(name);
        WriteReferring(writer, name, schema);
        if (!schema.TryGetProperty(Definitions, out var definitions))
            return;
        foreach (var one in definitions.EnumerateObject())
        {
            writer.WritePropertyName($"{name}.{one.Name}");
            WriteReferring(writer, name, one.Value);
        }
    }

    private static void WriteReferring(Utf8JsonWriter writer, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var one in value.EnumerateArray())
                WriteReferring(writer, name, one);
            writer.WriteEndArray();
            return;
        }
        if (value.ValueKind != JsonValueKind.Object)
        {
            value.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        foreach (var one in value.EnumerateObject())
        {
            if (one.Name is "$schema" or "$id" or Definitions)
                continue;
            if (one is { Name: Reference, Value.ValueKind: JsonValueKind.String })
            {
                var defined = one.Value.GetString()![$"#/{Definitions}/".Length..];
                writer.WriteString(Reference, $"{Components}{name}.{defined}");
                continue;
            }
            writer.WritePropertyName(one.Name);
            WriteReferring(writer, name, one.Value);
        }
        writer.WriteEndObject();
    }
}
