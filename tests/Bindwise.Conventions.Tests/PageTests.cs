using System.Text.RegularExpressions;
using Bindwise.Model.Auditing;
using Bindwise.Model.Rules;

namespace Bindwise.Conventions.Tests;

/// <summary>Every rule and every cause has its page, every page its rule or cause, and every link its end.</summary>
public sealed partial class PageTests
{
    private static readonly string[] RuleSections = ["Example", "Why", "Source", "What to do", "See also"];
    private static readonly string[] TermSections = ["In plain words", "See also"];
    private static readonly string[] CauseSections = ["What to do", "Why it happens", "How to see it", "Rules"];

    [Fact]
    public void Rules_AndTheirPages_StandForEachOther() =>
        Assert.Equal(EveryRule.Select(rule => rule.Id.Value).Order(StringComparer.Ordinal), Page.In("docs/rules").Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void AuditRules_AllThatTheBookNames_AreInItsList()
    {
        var named = typeof(AuditRuleBook).GetFields().Where(field => field.FieldType == typeof(Rule)).Select(field => (Rule)field.GetValue(null)!);
        Assert.Equal(named.Select(rule => rule.Id.Value), AuditRuleBook.All.Select(rule => rule.Id.Value));
    }

    [Fact]
    public void Rules_AllThatTheBookNames_AreInItsList()
    {
        var named = typeof(RuleBook).GetFields().Concat(typeof(ConnectionRuleBook).GetFields()).Where(field => field.FieldType == typeof(Rule)).Select(field => (Rule)field.GetValue(null)!);
        Assert.Equal(named.Select(rule => rule.Id.Value), RuleBook.All.Select(rule => rule.Id.Value));
        Assert.Equal(RuleBook.All.Length, RuleBook.All.Select(rule => rule.Id).Distinct().Count());
    }

    [Fact]
    public void RulePages_SayTheSentenceAndTheSource()
    {
        var pages = Page.In("docs/rules");
        Assert.All(EveryRule, rule =>
        {
            var page = pages[rule.Id.Value];
            Assert.Equal($"{rule.Id}: {rule.Sentence}", page.Title);
            Assert.Contains(rule.Source, page.Section("Source"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void RulePages_HaveEverySection() =>
        Assert.All(Page.In("docs/rules").Values, page => Assert.All(RuleSections, section => Assert.False(page.Section(section).Length == 0, $"{page.Path} says nothing under {section}")));

    [Fact]
    public void CausePages_AreNamedAfterTheCause() =>
        Assert.All(Page.In("docs/causes"), page => Assert.Equal(page.Key, page.Value.Title));

    [Fact]
    public void CausePages_HaveEverySection() =>
        Assert.All(Page.In("docs/causes").Values, page => Assert.All(CauseSections, section => Assert.False(page.Section(section).Length == 0, $"{page.Path} says nothing under {section}")));

    [Fact]
    public void TermPages_HaveEverySection() =>
        Assert.All(Page.In("docs/terms").Values, page => Assert.All(TermSections, section => Assert.False(page.Section(section).Length == 0, $"{page.Path} says nothing under {section}")));

    [Fact]
    public void TermPages_NameOnlyClaimsThatExist()
    {
        var claims = Page.In("docs/terms").Values.SelectMany(page => ClaimName().Matches(page.Text).Select(match => (page.Path, Claim: match.Groups[1].Value))).ToList();
        Assert.NotEmpty(claims);
        Assert.All(claims, claim => Assert.True(WorkingTree.Files("scenarios/claims", claim.Claim + ".bind").Any(), $"{claim.Path} names the claim {claim.Claim}"));
    }

    [Fact]
    public void CausePages_NeverBeginWithForce() =>
        Assert.All(Page.In("docs/causes").Values, page =>
        {
            var advice = page.Section("What to do");
            var force = new[] { "kill -9", "kill -KILL", "SIGKILL" }.Select(word => advice.IndexOf(word, StringComparison.Ordinal)).Where(at => at >= 0);
            var second = advice.IndexOf("\n2. ", StringComparison.Ordinal);
            Assert.All(force, at => Assert.True(second >= 0 && at > second, page.Path + " advises force first"));
        });

    [Fact]
    public void Indexes_NameEveryPageOfTheirFolder()
    {
        foreach (var folder in new[] { "docs/rules", "docs/causes", "docs/terms" })
        {
            var index = Assert.Single(Page.All, page => page.Path == folder + "/README.md");
            Assert.All(Page.In(folder).Keys, name => Assert.Contains(name + ".md", index.Links));
        }
    }

    [Fact]
    public void Pages_NameOnlyRulesThatExist()
    {
        var known = EveryRule.Select(rule => rule.Id.Value).ToHashSet();
        Assert.All(Page.All, page => Assert.All(RuleName().Matches(page.Text).Select(match => match.Value), name => Assert.True(known.Contains(name), $"{page.Path} names {name}, which is no rule")));
    }

    [Fact]
    public void Links_WithinTheRepository_LeadSomewhere() =>
        Assert.All(Page.All, page => Assert.All(page.Links, link => Assert.True(Leads(page, link), $"{page.Path} links to {link}, which is not there")));

    [Fact]
    public void Page_WithLinksInCode_ShowsOnlyThoseInProse()
    {
        var page = Page.Of("docs/a.md", "# A page\n\n[one](b.md#part) `[two](c.md)`\n\n```sh\n# not a heading\n[three](d.md)\n```\n\n## Why: it's so\n\ntext\n");
        Assert.Equal(["b.md#part"], page.Links);
        Assert.Equal(["A page", "Why: it's so"], page.Headings);
        Assert.Equal("text", page.Section("Why: it's so"));
        Assert.Equal("why-its-so", Page.Anchor(page.Headings[1]));
    }

    [Theory]
    [InlineData("README.md", "LICENSE", true)]
    [InlineData("docs/README.md", "../LICENSE", true)]
    [InlineData("docs/README.md", "no-such-page.md", false)]
    [InlineData("docs/README.md", "../README.md#no-such-heading", false)]
    [InlineData("README.md", "https://example.org/", true)]
    public void Link_ToAPlace_IsFollowedFromItsPage(string from, string link, bool leads) => Assert.Equal(leads, Leads(Page.Of(from, "# A\n"), link));

    [Theory]
    [InlineData("../rules/BW004.md", true)]
    [InlineData("../claims.md#tw-length", true)]
    [InlineData("#why-it-happens", true)]
    [InlineData("../../../docs/rules/BW004.md", false)]
    public void Link_OfATranslation_IsFollowedFromItsSource(string link, bool leads) =>
        Assert.Equal(leads, Leads(Page.Of("site/zh/causes/time-wait.md", "---\nsource: docs/causes/time-wait.md\nsha256: 0\n---\n\n# A\n"), link));

    private static IEnumerable<Rule> EveryRule => RuleBook.All.Concat(AuditRuleBook.All);

    private static bool Leads(Page page, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
            return true;
        var parts = link.Split('#', 2);
        var folder = Path.GetDirectoryName(Repository.File(page.Source))!;
        var target = parts[0].Length == 0 ? page.Source : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, parts[0]))).Replace('\\', '/');
        if (target.StartsWith("..", StringComparison.Ordinal) || !WorkingTree.Has(target))
            return false;
        return parts.Length == 1 || Page.All.Single(other => other.Path == target).Headings.Any(heading => Page.Anchor(heading) == parts[1]);
    }

    [GeneratedRegex("`bindwise lab prove ([a-z0-9-]+)`")]
    private static partial Regex ClaimName();

    [GeneratedRegex(@"\bBWA?\d{3}\b")]
    private static partial Regex RuleName();
}
