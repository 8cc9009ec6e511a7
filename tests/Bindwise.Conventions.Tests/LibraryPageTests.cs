namespace Bindwise.Conventions.Tests;

/// <summary>The C# that people meet in a page is C# that compiles: it stands, as it is, in a test or in a sample.</summary>
public sealed class LibraryPageTests
{
    /// <summary>
    /// Pages whose code something else compiles: the analyzers' tests each example, and the lines of languages.md are those that `why` suggests.
    /// A translation has its source's code, which the site's check compares.
    /// </summary>
    private static readonly string[] TestedElsewhere = ["docs/analyzers.md", "docs/languages.md"];

    private static readonly string[] CSharp = ["csharp", "cs"];

    private static readonly Lazy<List<string>> Sources = new(static () =>
        [.. WorkingTree.Files("tests", "*.cs").Concat(WorkingTree.Files("samples", "*.cs")).Where(static file => file != "tests/Bindwise.Conventions.Tests/LibraryPageTests.cs").Select(static file => Normal(Repository.Read(file)))]);

    private static readonly List<string> Paths = [.. Page.All.Where(static page => page.Source == page.Path && Code(page).Any()).Select(static page => page.Path).Except(TestedElsewhere)];

    public static TheoryData<string> Pages => [.. Paths];

    [Theory]
    [MemberData(nameof(Pages))]
    public void CSharp_OfAPage_StandsInATestOrASample(string path) => Assert.All(Code(Page.All.Single(page => page.Path == path)), static block => Assert.True(Compiles(block), $"no file of tests/ or samples/ holds:\n{block}"));

    // The theory finds its pages by itself: it must not lose those that matter most.
    [Fact]
    public void Pages_WithCSharp_AreThoseOfEachPackageAndTheLibrary()
    {
        var packed = WorkingTree.Files("src", "README.md").Where(static file => file != "src/Bindwise.Analyzers/README.md");
        Assert.Empty(packed.Concat(["README.md", "docs/library.md", "docs/testing.md", "docs/hosting.md", "docs/tools.md"]).Except(Paths));
    }

    [Fact]
    public void Code_ThatNobodyCompiles_IsFound() => Assert.False(Compiles("var listener = Listener.Bind(\"a port\");"));

    private static IEnumerable<string> Code(Page page) => CSharp.SelectMany(page.Code);

    private static bool Compiles(string block)
    {
        var code = Normal(block);
        return Sources.Value.Exists(source => source.Contains(code, StringComparison.Ordinal));
    }

    // Indentation and line ends differ; words do not.
    private static string Normal(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
