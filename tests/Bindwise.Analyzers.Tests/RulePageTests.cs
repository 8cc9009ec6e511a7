using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Bindwise.Analyzers.Tests;

/// <summary>docs/analyzers.md has each rule, as the compiler shows it, and its examples are what the analyzer says of them.</summary>
public sealed partial class RulePageTests
{
    private static readonly string Page = Repository.Read(AnalyzerRules.Page);

    private static readonly string Readme = Repository.Read("src/Bindwise.Analyzers/README.md");

    public static TheoryData<string> Rules => [.. AnalyzerRules.All.Select(static rule => rule.Id)];

    [Fact]
    public void Rules_HaveIdsInOrderAndAWholeLinkToTheirHeading()
    {
        Assert.Equal(Enumerable.Range(1, AnalyzerRules.All.Length).Select(static number => $"BWC{number:000}"), AnalyzerRules.All.Select(static rule => rule.Id));
        Assert.All(AnalyzerRules.All, static rule =>
        {
            Assert.True(Uri.TryCreate(rule.HelpLinkUri, UriKind.Absolute, out var link) && link.Scheme == Uri.UriSchemeHttps, rule.HelpLinkUri);
            Assert.Equal($"{AnalyzerRules.Address}#{rule.Id.ToLowerInvariant()}", rule.HelpLinkUri);
            // What the link shows, and what the package has.
            Assert.Contains(rule.Id, Readme, StringComparison.Ordinal);
            Assert.Contains($"\n## {rule.Id}\n", Page, StringComparison.Ordinal);
        });
        Assert.Equal(AnalyzerRules.All, new SocketAnalyzer().SupportedDiagnostics);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task SectionOfARule_SaysItsTitleAndSeverity_AndShowsCodeThatItFinds(string id)
    {
        var rule = AnalyzerRules.All.Single(one => one.Id == id);
        var section = Page.Split($"\n## {id}\n")[1].Split("\n## ")[0];
        Assert.StartsWith($"\n**{rule.Title}**\n", section, StringComparison.Ordinal);
        Assert.Contains($"| [{id}](#{id.ToLowerInvariant()}) | {(rule.DefaultSeverity == DiagnosticSeverity.Info ? "suggestion" : "warning")} |", Page, StringComparison.Ordinal);
        var examples = Block().Matches(section).Select(static match => match.Groups[1].Value).ToList();
        Assert.InRange(examples.Count, 1, 2);
        foreach (var example in examples)
        {
            var code = $"class Example\n{{\n#pragma warning disable CS0618\n{example}\n}}";
            var line = Array.FindIndex(code.Split('\n'), text => text.EndsWith("// " + id, StringComparison.Ordinal));
            var found = Assert.Single((await Checked.FindAsync(code)).Select(static one => $"{one.Id} in line {one.Location.GetLineSpan().StartLinePosition.Line}").DefaultIfEmpty("nothing"));
            Assert.Equal(example == examples[0] ? $"{id} in line {line}" : "nothing", found);
        }
    }

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
