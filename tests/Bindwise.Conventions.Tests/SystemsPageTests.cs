using System.Text;
using Bindwise.Model.Platforms;

namespace Bindwise.Conventions.Tests;

/// <summary>docs/systems.md says of each system what its profile says: the rules with their sources, the facts, what is unknown.</summary>
public sealed class SystemsPageTests
{
    private static readonly Page Systems = Page.All.Single(page => page.Path == "docs/systems.md");

    public static TheoryData<string> Ids() => [.. PlatformProfiles.All.Where(platform => platform is not LinuxProfile).Select(platform => platform.Id)];

    // Written anew by: BINDWISE_WRITE_PAGES=1 dotnet test tests/Bindwise.Conventions.Tests --filter SystemsPageTests
    [Theory]
    [MemberData(nameof(Ids))]
    public void Section_OfASystem_IsItsProfile(string id)
    {
        var platform = PlatformProfiles.Find(id)!;
        if (Environment.GetEnvironmentVariable("BINDWISE_WRITE_PAGES") == "1" && Systems.Section(platform.Name) is { Length: > 0 } old)
            File.WriteAllText(Repository.File(Systems.Path), Repository.Read(Systems.Path).Replace(old, SectionOf(platform), StringComparison.Ordinal));
        Assert.Equal(SectionOf(platform), Systems.Section(platform.Name).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Page_OfTheSystems_LeadsToLinuxsRulesAndIsFound()
    {
        Assert.Contains("rules/README.md", Systems.Links);
        Assert.All(Page.All.Where(page => page.Path == "docs/README.md"), page => Assert.Contains("systems.md", page.Links));
        Assert.Contains(PlatformProfiles.Linux.Name, Systems.Headings);
    }

    /// <summary>The section as it stands on the page.</summary>
    private static string SectionOf(PlatformProfile platform)
    {
        var text = new StringBuilder($"As of: {platform.Release}. `bindwise matrix --on {platform.Id} --rules`\n\n");
        text.Append("| rule | what it says | source | how sure |\n| --- | --- | --- | --- |\n");
        foreach (var rule in platform.Rules)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {rule.Id} | {rule.Sentence} | {rule.Citation} | {ConfidenceNames.Of(rule.Confidence)} |\n");
        text.Append("\n| about | what is known | source | how sure |\n| --- | --- | --- | --- |\n");
        foreach (var (heading, fact) in platform.Facts.Listed)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {heading} | {fact.Text} | {fact.Citation} | {ConfidenceNames.Of(fact.Confidence)} |\n");
        return text.ToString().Trim();
    }
}
