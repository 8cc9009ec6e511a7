using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Bindwise.Rendering.Tests.Json;

/// <summary>
/// As much of JSON Schema 2020-12 as the schemas in docs/schema use; a keyword that it does not know is a fault, not silence.
/// It also remembers which properties of the schema it has met.
/// </summary>
internal sealed class SchemaChecker(JsonElement root)
{
    private static readonly string[] Annotations = ["description", "title", "$schema", "$id", "$defs"];

    private readonly HashSet<string> _met = [];

    /// <summary>The faults of a document, each with its path.</summary>
    public List<string> Check(JsonElement document)
    {
        var faults = new List<string>();
        Check(document, root, "", "#", faults);
        return faults;
    }

    /// <summary>Properties that the schema names and no document checked so far had.</summary>
    public IReadOnlyList<string> NeverMet => [.. Declared(root, "#").Where(property => !_met.Contains(property))];

    private void Check(JsonElement value, JsonElement schema, string path, string place, List<string> faults)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            var argument = keyword.Value;
            var holds = keyword.Name switch
            {
                "$ref" => CheckReference(value, argument.GetString()!, path, faults),
                "type" => (argument.ValueKind == JsonValueKind.Array ? argument.EnumerateArray().ToArray() : [argument]).Any(type => IsOf(value, type.GetString()!)),
                "enum" => argument.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)),
                "const" => JsonElement.DeepEquals(argument, value),
                "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, argument.GetString()!),
                "format" => value.ValueKind != JsonValueKind.String || DateTimeOffset.TryParseExact(
                    value.GetString(), "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= argument.GetDecimal(),
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= argument.GetDecimal(),
                "anyOf" => argument.EnumerateArray().Any(choice => IsMet(value, choice, path, place)),
                "required" => value.ValueKind != JsonValueKind.Object || argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
                "if" => true,
                "then" => !IsMet(value, schema.GetProperty("if"), path, place) || IsMet(value, argument, path, place),
                "properties" => CheckProperties(value, argument, path, place, faults),
                "additionalProperties" => value.ValueKind != JsonValueKind.Object || argument.ValueKind != JsonValueKind.False
                    || value.EnumerateObject().All(property => schema.GetProperty("properties").TryGetProperty(property.Name, out _)),
                "items" => CheckItems(value, argument, path, place, faults),
                _ => Annotations.Contains(keyword.Name) ? true : throw new InvalidOperationException($"the checker does not know {keyword.Name}"),
            };
            if (!holds)
                faults.Add($"{path}: {keyword.Name} {argument} does not hold for {Shorten(value.GetRawText())}");
        }
    }

    private bool IsMet(JsonElement value, JsonElement schema, string path, string place)
    {
        var inner = new List<string>();
        Check(value, schema, path, place, inner);
        return inner.Count == 0;
    }

    private bool CheckReference(JsonElement value, string reference, string path, List<string> faults)
    {
        var name = reference["#/$defs/".Length..];
        Check(value, root.GetProperty("$defs").GetProperty(name), path, reference, faults);
        return true;
    }

    private bool CheckProperties(JsonElement value, JsonElement properties, string path, string place, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        foreach (var property in properties.EnumerateObject())
        {
            if (!value.TryGetProperty(property.Name, out var inner))
                continue;
            _met.Add($"{place}/{property.Name}");
            Check(inner, property.Value, $"{path}/{property.Name}", $"{place}/{property.Name}", faults);
        }
        return true;
    }

    private bool CheckItems(JsonElement value, JsonElement items, string path, string place, List<string> faults)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
                Check(item, items, $"{path}/{index++}", $"{place}/items", faults);
        }
        return true;
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDecimal() % 1 == 0,
        _ => throw new InvalidOperationException($"the checker does not know the type {type}"),
    };

    private static IEnumerable<string> Declared(JsonElement schema, string place)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
                yield return $"{place}/{property.Name}";
        }
        if (schema.TryGetProperty("$defs", out var definitions))
        {
            foreach (var property in definitions.EnumerateObject().SelectMany(definition => Declared(definition.Value, "#/$defs/" + definition.Name)))
                yield return property;
        }
    }

    private static string Shorten(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
