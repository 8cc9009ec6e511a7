using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>What .ci/run selects tests by: a mark that it does not know would take a test out of every run.</summary>
public sealed partial class LaneTests
{
    [Fact]
    public void Marks_OfTests_AreThoseOfCI()
    {
        string[] known = ["\"Lane\", \"second\"", "\"Seed\", \"any\"", "\"Program\", \"both\""];
        var marks = WorkingTree.Files("tests", "*.cs").SelectMany(static path => Mark().Matches(Repository.Read(path))).Select(static match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(known.Order(StringComparer.Ordinal), marks.Order(StringComparer.Ordinal));
        var lanes = WorkingTree.Files("tests", "*.csproj").SelectMany(static path => Lane().Matches(Repository.Read(path))).Select(static match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(["second"], lanes);
        var run = Repository.Read(".ci/run");
        Assert.All(known, mark => Assert.Contains(mark.Replace("\"", "", StringComparison.Ordinal).Replace(", ", "=", StringComparison.Ordinal), run, StringComparison.Ordinal));
    }

    /// <summary>A project that .ci/run names under an old name would quietly change the part that it is of, or its place in the row.</summary>
    [Fact]
    public void Projects_ThatCINames_AreThere()
    {
        var named = Project().Matches(Repository.Read(".ci/run")).Select(static match => match.Value).ToHashSet();
        Assert.True(named.Count > 10, $"few are found: {string.Join(", ", named)}");
        var there = WorkingTree.Files("tests", "*.csproj").Select(Path.GetFileNameWithoutExtension).ToHashSet();
        Assert.All(named, name => Assert.Contains(name, there));
    }

    [GeneratedRegex(@"\bBindwise(\.\w+)*\.Tests\b")]
    private static partial Regex Project();

    [GeneratedRegex(@"^\s*\[Trait\((.*)\)\]", RegexOptions.Multiline)]
    private static partial Regex Mark();

    [GeneratedRegex("<TestLane>(.*)</TestLane>")]
    private static partial Regex Lane();
}
