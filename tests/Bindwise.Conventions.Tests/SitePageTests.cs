using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Playing;
using Bindwise.Model.Platforms;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Conventions.Tests;

/// <summary>
/// What the site's own pages name is there, and each of the classics has its two scenarios: on the model the one fails as its article did, and in
/// the other nothing does. (The kernel's side is in Bindwise.Lab.Kernel.Tests, with the scenarios of scenarios/.)
/// </summary>
public sealed partial class SitePageTests
{
    private const string Folder = "site/en/classics";

    private const string Scenarios = "site/classics";

    /// <summary>Their addresses, to which other pages of the world link.</summary>
    private static readonly string[] Names =
    [
        "64k-connections", "addressused", "addressused2", "bind-matrix", "closing", "isn-and-old-duplicates", "lsof-shows-nothing", "option-before-bind", "port-0",
        "retry", "reusable-tcp-server", "server-broken", "simultaneous-close", "so-linger", "tcp-tw-reuse", "three-services", "time-wait-meter",
    ];

    private static readonly string[] Titles = ["As printed", "What works"];

    /// <summary>The languages as pages name them, by the word behind a fence.</summary>
    private static readonly Dictionary<string, string> Fences = RuntimeBook.Languages.Select(static language => language.Id())
        .Where(static id => id != "asyncio").ToDictionary(static id => id switch { "node" => "js", "dotnet" => "csharp", _ => id });

    public static TheoryData<string> Classics => [.. Page.In(Folder).Keys];

    [Fact]
    public void Classics_AreThoseThatOthersLinkTo() => Assert.Equal(Names, Page.In(Folder).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Parts_OfEveryPage_NameWhatIsThere()
    {
        var sections = Page.All.Single(static page => page.Path == "docs/languages.md").Headings.Select(Page.Anchor).ToHashSet();
        var parts = Page.All.Where(static page => page.Path.StartsWith("site/", StringComparison.Ordinal)).SelectMany(static page => Parts(page).Select(part => (page.Path, Part: part))).ToList();
        Assert.NotEmpty(parts);
        Assert.All(parts, named => Assert.True(named.Part.Name switch
        {
            "Player" => FileOf(named.Part["experiment"]) is not null && named.Part["title"].Length > 0,
            "Claim" => ScenarioCatalogue.Claims.Contains(named.Part["id"]),
            "Language" => sections.Contains(named.Part["section"]) && (named.Part["name"] is "" || Fences.ContainsValue(named.Part["name"])),
            _ => false,
        }, $"{named.Path}: {named.Part}"));
    }

    // The player and the gallery show them in English, and say so, where they are missing.
    // Without one, the build says that docs/languages.md lacks its lines.
    [Fact]
    public void Languages_OfTheGenerator_AreThoseOfTheTable()
    {
        var maps = Repository.Read("site/generator/languages.js");
        var missing = RuntimeBook.Languages.Select(static runtime => runtime.Id()).Append("c").Where(id => maps.Split($": '{id}'").Length != 3).ToList();
        Assert.True(missing.Count == 0, $"not in the two maps of site/generator/languages.js: {string.Join(", ", missing)}");
    }

    [Fact]
    public void Sentences_OfEveryRuleAndClaim_AreInChinese()
    {
        var chinese = JsonSerializer.Deserialize<Dictionary<string, string>>(Repository.Read("site/zh/sentences.json"))!;
        var claims = ScenarioCatalogue.Claims.Select(static id => ClaimText.Parse(ScenarioCatalogue.ClaimText(id)!).Claim!).ToList();
        var told = RuleBook.All.Select(static rule => rule.Sentence).Concat(PlatformProfiles.All.SelectMany(static system => system.Rules).Select(static rule => rule.Sentence))
            .Concat(claims.Select(static claim => claim.Says)).Concat(claims.SelectMany(Conditions));
        Assert.Empty(told.Where(sentence => !chinese.TryGetValue(sentence, out var words) || !words.Any(static letter => letter is >= '\u4e00' and <= '\u9fff')).Distinct());
    }

    [Theory]
    [MemberData(nameof(Classics))]
    public void Classic_HasItsTwoScenarios_AndTheCommandThatPlaysOne(string name)
    {
        var page = Page.In(Folder)[name];
        var players = Parts(page).Where(static part => part.Name == "Player").ToList();
        Assert.Equal(Titles, players.Select(static part => part["title"]));
        var files = players.Select(static part => FileOf(part["experiment"])!).ToList();
        Assert.All(files.Zip([".printed", ".works"]), pair => Assert.True(pair.First.StartsWith("scenarios/", StringComparison.Ordinal) || pair.First == $"{Scenarios}/{name}{pair.Second}.bind", pair.First));
        var run = LabRun().Matches(page.Text).Select(static match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(run);
        Assert.All(run, word => Assert.True(ScenarioCatalogue.Programs.Contains(word) || files.Any(file => Path.GetFileName(file) == word), $"{page.Path}: bindwise lab run {word}"));
    }

    [Theory]
    [MemberData(nameof(Classics))]
    public void Classic_FrontMatter_SaysWhatThePageHas(string name)
    {
        var page = Page.In(Folder)[name];
        var parts = Parts(page);
        Assert.Equal(parts.Where(static part => part.Name == "Claim").Select(static part => part["id"]), Listed(page, "claims"));
        var shown = parts.Where(static part => part.Name == "Language").SelectMany(static part => part["name"].Length > 0 ? [part["name"]] : Fences.Values.AsEnumerable());
        var written = Fences.Where(fence => page.Code(fence.Key).Any()).Select(static fence => fence.Value);
        Assert.Equal(shown.Concat(written).Distinct().Order(StringComparer.Ordinal), Listed(page, "languages").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Classics))]
    public void Classic_AsPrinted_Fails_AndWhatWorks_DoesNot(string name)
    {
        var players = Parts(Page.In(Folder)[name]).Where(static part => part.Name == "Player").Select(static part => Play(FileOf(part["experiment"])!)).ToList();
        Assert.NotEmpty(Failed(players[0]));
        Assert.Empty(Failed(players[1]));
    }

    [Fact]
    public void Scenarios_OfTheClassics_AreEachOnAPage()
    {
        var played = Page.In(Folder).Values.SelectMany(Parts).Where(static part => part.Name == "Player").Select(static part => FileOf(part["experiment"])).ToHashSet();
        Assert.All(WorkingTree.Files(Scenarios, "*"), file => Assert.True(played.Contains(file), $"{file} is on no page"));
    }

    private static IEnumerable<string> Failed(ScenarioResult result) => result.Steps
        .Where(static outcome => outcome.Step is not (ExpectStep or StateStep or NameStep) && outcome.Result != StepResult.Ok).Select(static outcome => $"{outcome.Step}: {outcome.Result}");

    private static ScenarioResult Play(string file)
    {
        var parse = BindText.Parse(Repository.Read(file));
        Assert.True(parse.IsSuccess, $"{file}: {parse.Fault}");
        var result = ScenarioHosts.OfModel.Play(parse.Scenario!);
        Assert.Null(result.Error);
        Assert.All(result.Steps, (outcome, index) => Assert.False(outcome.IsFailedExpectation, $"{file}, step {index}: {outcome.Because}"));
        return result;
    }

    /// <summary>A scenario of the site's own, else a program of the catalogue, else one of scenarios/.</summary>
    private static string? FileOf(string experiment) =>
        new[] { Scenarios, "scenarios/programs", "scenarios" }.Select(folder => $"{folder}/{experiment}.bind").FirstOrDefault(WorkingTree.Has);

    private static List<Part> Parts(Page page) => [.. PartLine().Matches(page.Text).Select(static match => new Part(match))];

    private static string[] Listed(Page page, string name) =>
        Regex.Match(page.Text, $@"\A---\n(?:.+\n)*{name}: \[(.*)\]\n", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^<(\w+)((?: +[a-z-]+=""[^""]*"")*) */>\r?$", RegexOptions.Multiline)]
    private static partial Regex PartLine();

    [GeneratedRegex(@"([a-z-]+)=""([^""]*)""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^bindwise lab run ([\w.-]+)", RegexOptions.Multiline)]
    private static partial Regex LabRun();

    /// <summary>A line such as &lt;Claim id="tw-length" /&gt;.</summary>
    private sealed class Part(Match line)
    {
        private readonly Dictionary<string, string> _attributes = Attribute().Matches(line.Groups[2].Value).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);

        public string Name { get; } = line.Groups[1].Value;

        public string this[string attribute] => _attributes.GetValueOrDefault(attribute, "");

        public override string ToString() => line.Value.Trim();
    }

    /// <summary>In which cases a claim that holds in some does.</summary>
    private static IEnumerable<string> Conditions(Claim claim) =>
        claim.Recorded.Where(static verdict => verdict.System == ClaimSystems.Linux).SelectMany(static verdict => verdict.HoldsIn).Select(name => claim.Cases.Single(part => part.Name == name).When);
}
