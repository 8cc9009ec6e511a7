namespace Bindwise.Dashboard.Answers;

/// <summary>JSON Schemas of answers, for the OpenAPI document.</summary>
internal static class AnswerSchemas
{
    /// <summary>The schema of <c>docs/schema/NAME.schema.json</c>, or of one that the OpenAPI document has itself.</summary>
    public static string Of(string name) => $$"""{"$ref":"#/components/schemas/{{name}}"}""";

    /// <summary>Lists of documents, and remarks.</summary>
    /// <param name="lists">Each list's name, and the schema of its documents.</param>
    public static string ListsOf(params IReadOnlyList<(string Name, string Document)> lists) => Object(
        [.. lists.Select(static list => $"\"{list.Name}\":{{\"type\":\"array\",\"items\":{Of(list.Document)}}}"), Remarks]);

    public const string Time = """{"type":"string","format":"date-time"}""";

    public static string Remarks { get; } = $"\"remarks\":{{\"type\":\"array\",\"items\":{Of("remark")}}}";

    /// <summary>An object that has each of these fields.</summary>
    /// <param name="fields">Each as <c>"name":schema</c>.</param>
    public static string Object(params IReadOnlyList<string> fields)
    {
        var names = fields.Select(static field => field[..field.IndexOf(':', StringComparison.Ordinal)]);
        return $"{{\"type\":\"object\",\"required\":[{string.Join(',', names)}],\"properties\":{{{string.Join(',', fields)}}}}}";
    }
}
