using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>docs/security.md promises only what a test proves: the tests that it names are there.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly Lazy<string> Sources = new(static () => string.Concat(WorkingTree.Files("tests", "*Tests.cs").Select(Repository.Read)));

    public static TheoryData<string> Names => [.. NamesOfThePage().Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void TestThatThePageNames_Exists(string name)
    {
        var parts = name.Split('.');
        Assert.Matches($@"class {parts[0]}\b", Sources.Value);
        if (parts.Length > 1)
            Assert.Matches($@" {parts[1]}\(", Sources.Value);
    }

    [Fact]
    public void EveryPromise_IsFollowedByItsTests()
    {
        var sections = Repository.Read("docs/security.md").Split("\n### ")[1..];
        Assert.NotEmpty(sections);
        Assert.All(sections, static section => Assert.Contains("Tests: ", section, StringComparison.Ordinal));
    }

    private static IEnumerable<string> NamesOfThePage() => TestName().Matches(Repository.Read("docs/security.md")).Select(static match => match.Groups[1].Value);

    [GeneratedRegex(@"`([A-Z]\w*Tests(?:\.\w+)?)`")]
    private static partial Regex TestName();
}
