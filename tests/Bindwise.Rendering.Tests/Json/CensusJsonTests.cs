using System.Buffers;
using System.Text;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Tests.Json;

public class CensusJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly CensusRow Row = new(Protocol.Tcp, "0.0.0.0:8080", "LISTEN", 4026531840, 42, "nginx", 33);

    [Fact]
    public void Json_OfEveryCensus_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/census.schema.json"));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var facts in new[] { null, new CensusFacts([Row, Row with { Program = null, UserId = null }, Row with { Address = "[::]:8080", IsDualStack = true }], [("LISTEN", 1)], 7), Many(10_000) })
            Assert.All(Lines(facts), line => Assert.Empty(checker.Check(JsonDocument.Parse(line).RootElement)));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_IsOneLineInTheOrderOfTheSchema() => Assert.Equal(
        ["""{"schema":"bindwise.census/1","time":"2026-01-02T03:04:05.000000Z","same":false,"part":1,"sockets":[{"protocol":"tcp","address":"0.0.0.0:8080","state":"LISTEN","networkNamespace":4026531840,"pid":42,"program":"nginx","userId":33}],"states":{"LISTEN":1},"omitted":0,"more":false}"""],
        Lines(new CensusFacts([Row], [("LISTEN", 1)])));

    [Fact]
    public void Json_OfVeryManySockets_IsSeveralLinesThatAreTogetherWhatThereWas()
    {
        var facts = Many(10_000);
        var lines = Lines(facts);
        Assert.InRange(lines.Count, 2, 10_000);
        Assert.All(lines, static line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, (1 << 20) - 1));
        var documents = lines.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, lines.Count), documents.Select(static one => one.GetProperty("part").GetInt32()));
        Assert.Equal(Enumerable.Range(1, lines.Count).Select(number => number < lines.Count), documents.Select(static one => one.GetProperty("more").GetBoolean()));
        Assert.Equal(Enumerable.Range(1, 10_000), documents.SelectMany(static one => one.GetProperty("sockets").EnumerateArray())
            .Select(static row => row.GetProperty("pid").GetInt32()));
    }

    [Fact]
    public void Page_NamesEveryField()
    {
        var page = Repository.Read("docs/json.md");
        var section = page[page.IndexOf("## bindwise.census/1", StringComparison.Ordinal)..];
        Assert.All(JsonDocument.Parse(Lines(Many(1))[0]).RootElement.EnumerateObject(),
            field => Assert.Contains($"| `{field.Name}` |", section, StringComparison.Ordinal));
    }

    // Names of 107 bytes, each of which becomes six.
    private static CensusFacts Many(int count) => new([.. Enumerable.Range(1, count).Select(static number =>
        new CensusRow(Protocol.Unix, "@" + new string('\0', 107), "UNCONN", ulong.MaxValue, number, new string('\u0001', 15), uint.MaxValue))], []);

    private static List<string> Lines(CensusFacts? facts)
    {
        var lines = new List<string>();
        for (CensusPart? part = CensusPart.Beginning; part is { } number;)
        {
            var line = new ArrayBufferWriter<byte>();
            part = CensusJson.Write(line, Time, facts, number);
            lines.Add(Encoding.UTF8.GetString(line.WrittenSpan));
        }
        return lines;
    }
}
