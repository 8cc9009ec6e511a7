using System.Text.RegularExpressions;

namespace Bindwise.Samples.Tests;

/// <summary>C# in docs/taking-over.md stands, as it is, in a program that is built.</summary>
public sealed partial class PageCodeTests
{
    [Fact]
    public void Code_OfTakingOver_IsASamples()
    {
        var samples = Directory.GetFiles(Repository.File("samples/library"), "Program.cs", SearchOption.AllDirectories).Select(static file => Bare(File.ReadAllText(file))).ToList();
        var blocks = Block().Matches(Repository.Read("docs/taking-over.md")).Select(static block => Bare(block.Groups[1].Value)).ToList();
        Assert.Equal(3, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(samples, sample => sample.Contains(block, StringComparison.Ordinal)));
    }

    private static string Bare(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
