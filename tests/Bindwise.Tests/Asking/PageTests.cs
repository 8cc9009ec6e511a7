using System.Text.RegularExpressions;

namespace Bindwise.Tests.Asking;

/// <summary>Every C# block of these pages stands in the tests of what it shows, not just in some file that compiles.</summary>
public sealed partial class PageTests
{
    [Theory]
    [InlineData("docs/asking.md", 8, "tests/Bindwise.Tests/Asking/PageExampleTests.cs", "tests/Bindwise.Tests/Events/LiveEventsTests.cs")]
    [InlineData("docs/tools.md", 2, "tests/Bindwise.Tools.Tests/PageExampleTests.cs", "tests/Bindwise.Tools.Tests/Freeing/FreeExampleTests.cs")]
    [InlineData("docs/closing.md", 2, "tests/Bindwise.Tests/Closing/PageExampleTests.cs")]
    [InlineData("docs/outgoing.md", 7, "tests/Bindwise.Tests/Connecting/PageExampleTests.cs", "tests/Bindwise.Outgoing.Tests/Documentation/Examples.cs")]
    public async Task Blocks_StandInATest(string page, int count, params string[] tests)
    {
        var compiled = Plain(string.Join(' ', tests.Select(static test => Repository.Read(test))));
        var blocks = Block().Matches(await File.ReadAllTextAsync(Repository.File(page))).Select(static match => match.Groups[1].Value).ToList();
        Assert.Equal(count, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(Plain(block), compiled, StringComparison.Ordinal));
    }

    private static string Plain(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
