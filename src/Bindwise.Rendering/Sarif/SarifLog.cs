using static System.FormattableString;

namespace Bindwise.Rendering.Sarif;

/// <param name="Line">The line, from 1; null where the file is no text.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Offset">The offset in a file that is no text.</param>
internal sealed record SarifPlace(string File, int? Line = null, int Column = 1, ulong? Offset = null, string? Function = null);

/// <param name="Level"><c>error</c>, <c>warning</c> or <c>note</c>.</param>
internal sealed record SarifResult(string Rule, string Level, string Message, SarifPlace? Place = null, SarifPlace? Other = null,
    string OtherMessage = "");

/// <summary>Findings as SARIF 2.1.0 (OASIS), for what shows findings of checks beside the lines that they are about.</summary>
internal static class SarifLog
{
    private const string SchemaAddress = "https://json.schemastore.org/sarif-2.1.0.json";

    /// <summary>Writes it, indented, with the end of its last line.</summary>
    /// <param name="describe">A rule's description by its id.</param>
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<SarifResult> results, Func<string, string> describe, string version)
    {
        var rules = results.Select(static one => one.Rule).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", SchemaAddress);
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            writer.WriteStartObject("tool");
            writer.WriteStartObject("driver");
            writer.WriteString("name", "bindwise");
            writer.WriteText("version", version);
            writer.WriteList("rules", rules, rule =>
            {
                writer.WriteText("id", rule);
                WriteMessage(writer, "shortDescription", describe(rule));
            });
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteString("columnKind", "utf16CodeUnits");
            writer.WriteList("results", results, result => WriteResult(writer, result, rules.IndexOf(result.Rule)));
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static void WriteResult(Utf8JsonWriter writer, SarifResult result, int rule)
    {
        writer.WriteText("ruleId", result.Rule);
        writer.WriteNumber("ruleIndex", rule);
        writer.WriteString("level", result.Level);
        WriteMessage(writer, "message", result.Message);
        writer.WriteStartArray("locations");
        if (result.Place is { } place)
            WritePlace(writer, place, null, null);
        writer.WriteEndArray();
        if (result.Other is { } other)
        {
            writer.WriteStartArray("relatedLocations");
            WritePlace(writer, other, 1, result.OtherMessage);
            writer.WriteEndArray();
        }
    }

    private static void WritePlace(Utf8JsonWriter writer, SarifPlace place, int? id, string? message)
    {
        writer.WriteStartObject();
        if (id is { } number)
            writer.WriteNumber("id", number);
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", UriOf(place.File));
        writer.WriteEndObject();
        if (place.Line is { } line)
        {
            writer.WriteStartObject("region");
            writer.WriteNumber("startLine", line);
            writer.WriteNumber("startColumn", place.Column);
            writer.WriteEndObject();
        }
        else if (place.Offset is { } offset)
        {
            writer.WriteStartObject("region");
            writer.WriteNumber("byteOffset", offset);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        if (place.Function is { } function)
        {
            writer.WriteStartArray("logicalLocations");
            writer.WriteStartObject();
            writer.WriteText("fullyQualifiedName", function);
            writer.WriteString("kind", "function");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        if (message is not null)
            WriteMessage(writer, "message", message);
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, string name, string text)
    {
        writer.WriteStartObject(name);
        writer.WriteText("text", text);
        writer.WriteEndObject();
    }

    /// <summary>
    /// A path as a relative URI reference (RFC 3986), an absolute one as a file URI. Whatever is not plain is percent-encoded.
    /// </summary>
    private static string UriOf(string path)
    {
        var text = new StringBuilder(path.StartsWith('/') ? "file://" : "");
        foreach (var value in Encoding.UTF8.GetBytes(path))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || (char)value is '/' or '.' or '-' or '_' or '~')
                text.Append((char)value);
            else
                text.Append(Invariant($"%{value:X2}"));
        }
        return text.ToString();
    }
}
