using System.Buffers;
using System.Text.Json;
using Bindwise.Rendering.Listing;
using Bindwise.Rendering.Tests.Json;

namespace Bindwise.Rendering.Tests.Listing;

public sealed class PortJsonTests
{
    private static readonly Lazy<JsonElement> Schema = new(() => JsonDocument.Parse(Repository.Read("docs/schema/port.schema.json")).RootElement);

    [Fact]
    public void Json_EveryKindOfPort_KeepsToTheSchema()
    {
        var checker = new SchemaChecker(Schema.Value);
        Assert.All(Lines(PortTableTests.Samples()), line => Assert.Empty(checker.Check(line)));
        // The parts of an owner's origin are those of the diagnosis, whose tests meet them all.
        string[] ofOrigins = ["#/$defs/socketUnit/", "#/$defs/container/", "#/$defs/compose/", "#/$defs/pod/"];
        Assert.DoesNotContain(checker.NeverMet, property => !Array.Exists(ofOrigins, property.StartsWith));
    }

    [Fact]
    public void Json_Port_SaysWhatTheTableSays()
    {
        var web = Lines(PortTableTests.Samples())[0];
        Assert.Equal(("8080/tcp", "3000/tcp"), (Lines(PortTableTests.Samples())[2].GetProperty("target").GetString(), web.GetProperty("target").GetString()));
        Assert.Equal(
            ("server.js", 9911, 129, "2026-07-01T16:02:31.000+02:00"),
            (web.GetProperty("name").GetString(), web.GetProperty("pid").GetInt32(), web.GetProperty("queue").GetInt32(), web.GetProperty("since").GetString()));
        Assert.Equal("node server.js", web.GetProperty("owners")[0].GetProperty("command").GetString());
        Assert.Equal("systemd", web.GetProperty("owners")[0].GetProperty("parents")[0].GetProperty("name").GetString());
        Assert.True(Lines(PortTableTests.Samples())[2].GetProperty("sockets")[0].GetProperty("dualStack").GetBoolean());
        Assert.True(Lines(PortTableTests.Samples())[1].GetProperty("ownerHidden").GetBoolean());
    }

    [Fact]
    public void Schema_DefinitionsOfOwners_AreThoseOfTheDiagnosis()
    {
        var diagnosis = JsonDocument.Parse(Repository.Read("docs/schema/diagnosis.schema.json")).RootElement.GetProperty("$defs");
        var shared = Schema.Value.GetProperty("$defs").EnumerateObject().Where(definition => diagnosis.TryGetProperty(definition.Name, out _)).ToList();
        Assert.Contains(shared, static definition => definition.Name == "owner");
        Assert.All(shared, definition => Assert.True(JsonElement.DeepEquals(definition.Value, diagnosis.GetProperty(definition.Name)), definition.Name));
    }

    [Fact]
    public void Page_Fields_AreAllDocumented()
    {
        var page = Repository.Read("docs/json.md");
        var section = page[page.IndexOf("## A listed port", StringComparison.Ordinal)..page.IndexOf("## An example", StringComparison.Ordinal)];
        var names = Names(Schema.Value).Concat(Names(Schema.Value.GetProperty("$defs").GetProperty("socket")));
        Assert.Equal([], names.Where(name => !section.Contains($"| `{name}` |", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Names(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(static property => property.Name);

    private static List<JsonElement> Lines(PortListing listing)
    {
        var output = new ArrayBufferWriter<byte>();
        PortJson.Write(output, listing);
        var text = System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }
}
