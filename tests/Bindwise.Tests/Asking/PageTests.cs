using System.Text.RegularExpressions;

namespace Bindwise.Tests.Asking;

/// <summary>Every C# block of the pages stands in a test that compiles and runs.</summary>
public sealed partial class PageTests
{
    [Theory]
    [InlineData("docs/asking.md", "tests/Bindwise.Tests/Asking/PageExampleTests.cs", 10)]
    [InlineData("docs/closing.md", "tests/Bindwise.Tests/Closing/PageExampleTests.cs", 2)]
    [InlineData("docs/outgoing.md", "tests/Bindwise.Tests/Connecting/PageExampleTests.cs", 3)]
    public async Task Blocks_StandInATest(string page, string test, int count)
    {
        var compiled = Plain(await File.ReadAllTextAsync(RepositoryFiles.Path(test)));
        var blocks = Block().Matches(await File.ReadAllTextAsync(RepositoryFiles.Path(page))).Select(static match => match.Groups[1].Value).ToList();
        Assert.Equal(count, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(Plain(block), compiled, StringComparison.Ordinal));
    }

    private static string Plain(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
