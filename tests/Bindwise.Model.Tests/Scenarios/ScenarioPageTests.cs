using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Json;
using Bindwise.Model.Scenarios.Text;

namespace Bindwise.Model.Tests.Scenarios;

/// <summary>What docs/scenario-language.md and the files in scenarios/ say is what the parsers read.</summary>
public partial class ScenarioPageTests
{
    private static readonly string Page = Repository.Read("docs/scenario-language.md");

    public static TheoryData<string> Files() => [.. Directory.GetFiles(Repository.File("scenarios"), "*.bind").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Parse_ScenarioFile_TellsInCommentsWhatMustHappen(string file)
    {
        var text = Repository.Read("scenarios/" + file);
        var parse = BindText.Parse(text, file);
        Assert.Null(parse.Fault);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
        Assert.Contains(parse.Scenario!.Steps, step => step is ExpectStep);
        Assert.Equal(parse.Scenario, BindText.Parse(BindText.Write(parse.Scenario!), file).Scenario);
    }

    [Fact]
    public void Parse_BindBlocksOfThePage_AreRight()
    {
        var blocks = Blocks("bind");
        Assert.True(blocks.Length >= 4);
        Assert.All(blocks, block => Assert.Null(BindText.Parse(block).Fault));
    }

    [Fact]
    public void Parse_JsonBlocksOfThePage_AreRight()
    {
        var parses = Blocks("json").SelectMany(block => ScenarioFile.Parse(block)).ToList();
        Assert.NotEmpty(parses);
        Assert.All(parses, parse => Assert.Null(parse.Fault));
    }

    [Fact]
    public void Parse_RowsOfThePage_SayTheSameInBothForms()
    {
        var rows = StepRow().Matches(Page).Select(match => (Bind: match.Groups[1].Value, Json: match.Groups[2].Value)).ToList();
        Assert.All(rows, row =>
        {
            // An expectation alone needs a step before it.
            var isAlone = row.Bind.StartsWith("expect", StringComparison.Ordinal);
            var json = ScenarioJson.Parse("""{"steps":[""" + (isAlone ? """{"op":"close","socket":"x"},""" : "") + row.Json + "]}");
            Assert.Null(json.Fault);
            Assert.Equal(json.Scenario, BindText.Parse((isAlone ? "close x\n" : "") + row.Bind).Scenario);
        });
        Assert.Empty(JsonStepForm.Ops.Where(op => !rows.Any(row => row.Json.Contains($"\"op\":\"{op}\"", StringComparison.Ordinal))));
        Assert.Empty(BindVerb.Words.Where(word => !rows.Any(row => row.Bind.StartsWith(word + " ", StringComparison.Ordinal))));
    }

    [Fact]
    public void Parse_OptionRowsOfThePage_SayTheSameByWordAndByName()
    {
        var rows = OptionRow().Matches(Page);
        Assert.Equal(BindOptions.Known.Count - SocketOptionNames.All.Count(), rows.Count);
        Assert.All(rows, row => Assert.Equal(BindText.Parse("set a " + row.Groups[1].Value).Scenario, BindText.Parse("set a " + row.Groups[2].Value).Scenario));
    }

    [Fact]
    public void Page_Lists_EveryOptionSysctlAndLimit()
    {
        Assert.All(SocketOptionNames.All.Concat(ScenarioSysctls.All.Select(sysctl => sysctl.Name)), name => Assert.Contains(name, Page, StringComparison.Ordinal));
        int[] limits = [Scenario.MaximumSteps, ScenarioLimits.BytesInAll, ScenarioLimits.WaitSeconds, ScenarioLimits.OpenSockets, ScenarioLimits.NameLength, ScenarioLimits.Processes, ScenarioLimits.Attempts, ScenarioLimits.AttemptsInAll, (int)ScenarioLimits.StreamBytes];
        Assert.All(limits, limit => Assert.Matches($"(?m)^\\| [^|]+ \\| {limit}( s)? \\|$", Page));
    }

    [Fact]
    public void Page_Results_CanBeExpected() =>
        Assert.All(ResultName().Matches(Page[Page.IndexOf("## Results", StringComparison.Ordinal)..Page.IndexOf("## JSON", StringComparison.Ordinal)]),
            match => Assert.Null(BindText.Parse("close a -> " + match.Groups[1].Value).Fault));

    [Fact]
    public void Page_Fault_IsWhatTheParserSays() =>
        Assert.Equal(Assert.Single(Blocks("text"), block => block.StartsWith("restart.bind", StringComparison.Ordinal)).Trim(), BindText.Parse("close a\nb = tcp reuseaddr 127.0.0.1:8080 lisen\n").Fault!.At("restart.bind"));

    [Fact]
    public void Page_Grammar_HasEveryWord()
    {
        var grammar = Assert.Single(Blocks("ebnf"));
        string[] words = [.. BindVerb.Words, .. BindProtocols.Words, .. BindOptions.Known.Where(word => char.IsLower(word[0])), "accept", "user", "device", "in", "scenario", "of", "by", "to", "for", "claimed", "data", "reset", "INT", "KILL", "MiB"];
        Assert.All(words, word => Assert.Contains($"\"{word}\"", grammar, StringComparison.Ordinal));
    }

    private static ImmutableArray<string> Blocks(string language) => [.. Block().Matches(Page).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    [GeneratedRegex("(?ms)^```([a-z]+)\\n(.*?)^```$")]
    private static partial Regex Block();

    [GeneratedRegex("(?m)^\\| `([^`]+)` \\| `(\\{[^`]+)` \\| ")]
    private static partial Regex StepRow();

    [GeneratedRegex("(?m)^\\| `([a-z0-9]+)` \\| `([A-Z0-9_]+=[01])` \\| ")]
    private static partial Regex OptionRow();

    [GeneratedRegex("`(ok|E[A-Z0-9]+)`")]
    private static partial Regex ResultName();
}
