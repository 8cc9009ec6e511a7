using System.Text.RegularExpressions;

namespace Bindwise.Outgoing.Tests.Documentation;

/// <summary>docs/outgoing.md against the code.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Blocks_OfCSharp_StandInCompiledSource()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Bindwise.slnx")))
            root = root.Parent ?? throw new InvalidOperationException("Bindwise.slnx is in no folder above " + AppContext.BaseDirectory);
        string[] files = ["tests/Bindwise.Outgoing.Tests/Documentation/Examples.cs", "tests/Bindwise.Tests/Connecting/PageExampleTests.cs"];
        var sources = string.Join('\n', files.Select(file => Flat(File.ReadAllText(Path.Combine(root.FullName, file)))));
        var blocks = CSharpBlock().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs/outgoing.md"))).Select(static match => Flat(match.Groups[1].Value)).ToList();
        Assert.Equal(7, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(block, sources, StringComparison.Ordinal));
    }

    private static string Flat(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
