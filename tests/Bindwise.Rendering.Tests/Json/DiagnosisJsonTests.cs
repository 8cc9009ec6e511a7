using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Tests.Escaping;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Json;

[Trait("Seed", "any")]
public partial class DiagnosisJsonTests
{
    private static readonly Lazy<JsonElement> Schema = new(() => Parse(Repository.Read("docs/schema/diagnosis.schema.json")));

    public static TheoryData<string> Names() => [.. Samples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Sample_KeepsToTheSchema(string sample) =>
        Assert.Empty(new SchemaChecker(Schema.Value).Check(Parse(DiagnosisJson.Render(Samples.All[sample]))));

    [Fact]
    public void Render_AllSamples_FillEveryPropertyOfTheSchema()
    {
        var checker = new SchemaChecker(Schema.Value);
        foreach (var sample in Samples.All.Values)
            _ = checker.Check(Parse(DiagnosisJson.Render(sample)));
        Assert.Empty(checker.NeverMet);
    }

    [Theory]
    [InlineData("""{"verdict":"maybe"}""", "verdict")]
    [InlineData("""{"extra":1}""", "additionalProperties")]
    [InlineData("""{"freeAt":"tomorrow"}""", "freeAt")]
    [InlineData("""{"rule":{"id":"4"}}""", "rule")]
    public void Check_DocumentThatStrays_IsToldSo(string change, string what)
    {
        var document = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(DiagnosisJson.Render(Samples.All["listener"]))!;
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(change)!)
            document[name] = value;
        Assert.Contains(new SchemaChecker(Schema.Value).Check(JsonSerializer.SerializeToElement(document)), fault => fault.Contains(what, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Sample_ReadsAsExpected(string sample)
    {
        // One line as printed; laid out here so that a change can be reviewed.
        var json = DiagnosisJson.Render(Samples.All[sample]);
        Assert.DoesNotContain('\n', json);
        if (sample is not ("workers" or "time-wait"))
            Expectation.Check($"{sample}.json.txt", json.Replace(",\"", ",\n\"", StringComparison.Ordinal) + "\n");
    }

    [Fact]
    public void Render_AnyNames_IsOneHarmlessLineThatReadsBack() =>
        Prop.ForAll(HostileText.Arbitrary, text =>
        {
            var json = DiagnosisJson.Render(Samples.All["listener"] with { Summary = text });
            return EscaperTests.IsHarmless(json) && Parse(json).GetProperty("summary").GetString() == WithoutLoneSurrogates(text);
        }).Holds();

    [Fact]
    public void Render_Letters_StayReadable()
    {
        var json = DiagnosisJson.Render(Samples.All["listener"] with { Summary = "Grüße & <世界> 'it' 🎉 \u202e \\xff" });
        Assert.Contains("\"Grüße & <世界> 'it' 🎉 \\u202e \\\\xff\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ParentsInACircle_EndsTheChain()
    {
        var a = Samples.Node with { Id = 1, ParentId = 2 };
        var b = Samples.Node with { Id = 2, ParentId = 1 };
        var sample = Samples.All["listener"];
        var json = Parse(DiagnosisJson.Render(sample with
        {
            Processes = [a, b],
            Blockers = [sample.Blockers[0] with { Owners = [new Owner { Process = a, Role = OwnerRole.Holder, Descriptors = [] }] }],
        }));
        Assert.Equal(1, json.GetProperty("blockers")[0].GetProperty("owners")[0].GetProperty("parents").GetArrayLength());
    }

    [Theory]
    [InlineData(new string[0], "kworker", "kworker")]
    [InlineData(new[] { "nginx: master process" }, "nginx", "nginx: master process")]
    [InlineData(new[] { "a", "b c", "", "d'e" }, "a", "a 'b c' '' 'd'\\''e'")]
    [InlineData(new[] { "a", "", "" }, "a", "a")]
    [InlineData(new[] { "a", "\\xff" }, "a", "a '\\xff'")]
    [InlineData(new string[0], "", null)]
    public void Render_CommandLine_IsQuotedAsAShellReadsIt(string[] arguments, string name, string? command)
    {
        var sample = Samples.All["listener"];
        var process = new ProcessRecord { Id = 5, Name = name, Arguments = [.. arguments] };
        var json = Parse(DiagnosisJson.Render(sample with
        {
            Blockers = [sample.Blockers[0] with { Owners = [new Owner
        {
            Process = process,
            Role = OwnerRole.Holder,
            Descriptors = [],
        }] }]
        }));
        Assert.Equal(command, json.GetProperty("blockers")[0].GetProperty("owners")[0].GetProperty("command").GetString());
    }

    [Fact]
    public void Page_ExampleInTheDocument_KeepsToTheSchema()
    {
        var page = Repository.Read("docs/json.md");
        var examples = Example().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(new SchemaChecker(Schema.Value).Check(Parse(example))));
    }

    [Fact]
    public void Page_Fields_AreAllDocumented()
    {
        var page = Repository.Read("docs/json.md");
        var names = Properties(Schema.Value).Distinct();
        Assert.Equal([], names.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ToList());
    }

    [Fact]
    public void Page_NamesEverySchema()
    {
        var page = Repository.Read("docs/json.md");
        Assert.All(Directory.GetFiles(Repository.File("docs/schema")), file => Assert.Contains($"schema/{Path.GetFileName(file)}", page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Properties(JsonElement schema) => schema.ValueKind != JsonValueKind.Object
        ? []
        : schema.EnumerateObject().SelectMany(keyword => keyword.Name == "properties"
            ? keyword.Value.EnumerateObject().SelectMany(property => Properties(property.Value).Prepend(property.Name))
            : Properties(keyword.Value));

    private static string WithoutLoneSurrogates(string text) => string.Concat(Units(text));

    private static IEnumerable<string> Units(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text, i))
                yield return text.Substring(i++, 2);
            else
                yield return char.IsSurrogate(text[i]) ? $"\\u{{{(int)text[i]:X}}}" : text[i].ToString();
        }
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
