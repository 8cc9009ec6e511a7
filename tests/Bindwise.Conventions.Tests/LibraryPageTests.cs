namespace Bindwise.Conventions.Tests;

/// <summary>The code that a newcomer to the library meets is code that runs.</summary>
public sealed class LibraryPageTests
{
    [Theory]
    [InlineData("docs/library.md", 9)]
    [InlineData("README.md", 2)]
    [InlineData("src/Bindwise/README.md", 1)]
    [InlineData("docs/outgoing.md", 7)]
    [InlineData("docs/testing.md", 10)]
    [InlineData("src/Bindwise.AspNetCore/README.md", 1)]
    [InlineData("src/Bindwise.Testing/README.md", 1)]
    [InlineData("src/Bindwise.Testing.AspNetCore/README.md", 1)]
    public void CSharp_OfThePage_StandsInATestOrASample(string path, int least)
    {
        var page = Assert.Single(Page.All, page => page.Path == path);
        var sources = Repository.Files("tests", "*.cs").Concat(Repository.Files("samples", "*.cs")).Select(static file => Normal(Repository.Read(file))).ToList();
        var blocks = page.Code("csharp").ToList();
        Assert.True(blocks.Count >= least, $"{blocks.Count} blocks");
        Assert.All(blocks, block => Assert.True(sources.Exists(source => source.Contains(Normal(block), StringComparison.Ordinal)), $"no file of tests/ or samples/ holds:\n{block}"));
    }

    // Indentation and line ends differ; words do not.
    private static string Normal(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
