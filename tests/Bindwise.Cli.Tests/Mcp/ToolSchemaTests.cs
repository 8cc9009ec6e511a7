using System.Text.Json;
using System.Text.Json.Nodes;
using Bindwise.Cli.Verbs.Mcp;
using Bindwise.Tools;

namespace Bindwise.Cli.Tests.Mcp;

/// <summary>What a tool's schema allows is what its handler accepts, since both are made from one definition.</summary>
public sealed class ToolSchemaTests
{
    private static readonly string[] Keywords = ["type", "description", "default", "enum", "minimum", "maximum", "minLength", "maxLength"];

    private static IReadOnlyList<AgentTool> Tools { get; } = ToolTable.Of(allowsActions: true, new PreparedReleases());

    [Fact]
    public void Schema_OfEachTool_IsAClosedObjectOfDescribedProperties() => Assert.All(Tools, static tool =>
    {
        var schema = JsonNode.Parse(tool.InputSchema().GetRawText())!;
        Assert.Equal(("object", false), (schema["type"]!.GetValue<string>(), schema["additionalProperties"]!.GetValue<bool>()));
        var properties = schema["properties"]!.AsObject();
        Assert.Equal(tool.Parameters.Select(static one => one.Name), properties.Select(static one => one.Key));
        Assert.All(schema["required"]!.AsArray(), name => Assert.True(properties.ContainsKey(name!.GetValue<string>())));
        Assert.All(properties, static one =>
        {
            Assert.Empty(one.Value!.AsObject().Select(static keyword => keyword.Key).Except(Keywords));
            Assert.EndsWith(".", one.Value["description"]!.GetValue<string>(), StringComparison.Ordinal);
        });
        Assert.Equal("object", tool.OutputSchema().GetProperty("type").GetString());
        Assert.Equal(tool.ResultSchema, tool.OutputSchema().GetProperty("properties").GetProperty("results").GetProperty("items").GetProperty("properties").GetProperty("schema").GetProperty("const").GetString());
    });

    [Fact]
    public void Values_ThatTheSchemaAllows_AreAcceptedAndOthersAreNot() => Assert.All(Tools, static tool =>
    {
        var properties = tool.InputSchema().GetProperty("properties");
        foreach (var parameter in tool.Parameters)
        {
            var property = properties.GetProperty(parameter.Name);
            var (good, bad) = Samples(property);
            Assert.All(good, value => Assert.Null(parameter.WhyNot(Json(value))));
            Assert.All(bad, value => Assert.NotNull(parameter.WhyNot(Json(value))));
            if (property.TryGetProperty("default", out var usual))
                Assert.Null(parameter.WhyNot(usual));
        }
    });

    [Fact]
    public void Arguments_WithAnUnknownOrMissingOne_AreRefusedAndNullCountsAsNotGiven() => Assert.All(Tools, static tool =>
    {
        var least = tool.Parameters.Where(static one => one.IsRequired).ToDictionary(static one => one.Name, static _ => Json("\"8080\""));
        Assert.NotNull(ToolArguments.Of(tool, least, out _));
        Assert.Null(ToolArguments.Of(tool, new Dictionary<string, JsonElement>(least) { ["nope"] = Json("1") }, out var fault));
        Assert.StartsWith($"{tool.Name} has no argument nope: it takes ", fault, StringComparison.Ordinal);
        Assert.Equal(least.Count == 0, ToolArguments.Of(tool, null, out _) is not null);
        Assert.NotNull(ToolArguments.Of(tool, least.Concat(tool.Parameters.Where(static one => !one.IsRequired).Select(static one => KeyValuePair.Create(one.Name, Json("null")))).ToDictionary(), out _));
    });

    [Theory]
    [InlineData("""{"id":7,"jsonrpc":"2.0","method":""", "7")]
    [InlineData("""{"params":{"id":9,"x":[{"id":8}]},"id":"a-7","z""", "a-7")]
    [InlineData("""{"params":{"id":9""", null)]
    [InlineData("""{"id":1.5,"method":""", null)]
    [InlineData("""{"id":{},"method":""", null)]
    [InlineData("""rubbish "id":7""", null)]
    [InlineData("", null)]
    public void RequestOf_PartOfAMessage_FindsItsId(string line, string? id) => Assert.Equal(id, LineTransport.RequestOf(System.Text.Encoding.UTF8.GetBytes(line))?.ToString());

    [Fact]
    public void Answer_ThatIsLong_IsCutAtALineAndSaysSo()
    {
        var answer = new ToolAnswer();
        for (var i = 0; i < 3000; i++)
            answer.Say($"line {i}").Add(static bytes => System.Buffers.BuffersExtensions.Write(bytes, System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', 1000)}\"")));
        var result = answer.ToProtocol();
        var text = ((ModelContextProtocol.Protocol.TextContentBlock)result.Content[0]).Text;
        Assert.InRange(text.Length, ToolAnswer.MostChars - 100, ToolAnswer.MostChars + 100);
        Assert.EndsWith(" more lines: ask for less at a time)", text, StringComparison.Ordinal);
        var content = result.StructuredContent!.Value;
        Assert.Equal(3000, content.GetProperty("results").GetArrayLength() + content.GetProperty("leftOut").GetInt32());
        Assert.InRange(content.GetRawText().Length, ToolAnswer.MostBytes - 2000, ToolAnswer.MostBytes + 2000);
    }

    private static (string[] Good, string[] Bad) Samples(JsonElement property)
    {
        switch (property.GetProperty("type").GetString())
        {
            case "boolean":
                return (["true", "false"], ["\"true\"", "1", "[]"]);
            case "string" when property.TryGetProperty("enum", out var words):
                return ([.. words.EnumerateArray().Select(static word => word.GetRawText())], ["\"\"", "\"Free \"", "true", "{}"]);
            case "string":
                var most = property.GetProperty("maxLength").GetInt32();
                return (["\"x\"", "\"😀\"", $"\"{string.Concat(Enumerable.Repeat("😀", most))}\""], ["\"\"", "true", "[]", $"\"{new string('x', most + 1)}\""]);
            default:
                var (least, greatest) = (property.GetProperty("minimum").GetDouble(), property.GetProperty("maximum").GetDouble());
                string[] bad = [Number(least - 1), Number(greatest + 1), "\"1\"", "true", "1e999"];
                return ([Number(least), Number(greatest)], property.GetProperty("type").GetString() == "integer" ? [.. bad, Number(least + 0.5)] : bad);
        }
    }

    private static string Number(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
