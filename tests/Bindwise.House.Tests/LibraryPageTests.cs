namespace Bindwise.House.Tests;

/// <summary>The code of docs/library.md is code that runs.</summary>
public sealed class LibraryPageTests
{
    [Fact]
    public void CSharp_OfThePage_StandsInATestOrASample()
    {
        var page = Assert.Single(Page.All, static page => page.Path == "docs/library.md");
        var sources = Repository.Files("tests", "*.cs").Concat(Repository.Files("samples", "*.cs")).Select(static file => Normal(Repository.Read(file))).ToList();
        var blocks = page.Code("csharp").ToList();
        Assert.True(blocks.Count >= 8, $"{blocks.Count} blocks");
        Assert.All(blocks, block => Assert.True(sources.Exists(source => source.Contains(Normal(block), StringComparison.Ordinal)), $"no file of tests/ or samples/ holds:\n{block}"));
    }

    // Indentation and line ends differ; words do not.
    private static string Normal(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
