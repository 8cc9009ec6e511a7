namespace Bindwise.Dashboard.Answers;

/// <summary>JSON Schemas of answers, for the OpenAPI document.</summary>
internal static class AnswerSchemas
{
    /// <summary>The schema of <c>docs/schema/NAME.schema.json</c>, or of one that the OpenAPI document has itself.</summary>
    public static string Of(string name) => $$"""{"$ref":"#/components/schemas/{{name}}"}""";

    /// <summary>A list of documents and remarks.</summary>
    /// <param name="list">The list's name.</param>
    /// <param name="document">The schema of each document.</param>
    public static string ListOf(string list, string document) => Object(
        $"\"{list}\":{{\"type\":\"array\",\"items\":{Of(document)}}}", Remarks);

    /// <summary>A moment.</summary>
    public const string Time = """{"type":"string","format":"date-time"}""";

    /// <summary>The field <c>remarks</c>.</summary>
    public static string Remarks { get; } = $"\"remarks\":{{\"type\":\"array\",\"items\":{Of("remark")}}}";

    /// <summary>An object that has each of these fields.</summary>
    /// <param name="fields">Each as <c>"name":schema</c>.</param>
    public static string Object(params IReadOnlyList<string> fields)
    {
        var names = fields.Select(static field => field[..field.IndexOf(':', StringComparison.Ordinal)]);
        return $"{{\"type\":\"object\",\"required\":[{string.Join(',', names)}],\"properties\":{{{string.Join(',', fields)}}}}}";
    }
}
