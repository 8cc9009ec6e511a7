using Bindwise.Model.Diagnosing;

namespace Bindwise.Conventions.Tests;

/// <summary>A cause is a row of the table, a page and a situation on the live kernel; its id is written down in the table alone.</summary>
public sealed class CauseTests
{
    private const string Table = "src/Bindwise.Model/Diagnosing/CauseBook.cs";

    /// <summary>Words of the scenario language and of an option that are spelled as a cause is.</summary>
    private static readonly (string File, string Text)[] OtherWords =
    [
        ("src/Bindwise.Model/Platforms/Matrices/MatrixSocket.cs", "time-wait"),
    ];

    [Fact]
    public void Causes_HaveARowAPageAndASituationEach()
    {
        var rows = CauseBook.All.Select(static cause => cause.Id()).ToList();
        var pages = Page.In("docs/causes").Keys.ToHashSet();
        var situations = Situations();
        Assert.Equal(rows.Count, rows.Distinct().Count());
        var missing = rows.Where(id => !pages.Contains(id)).Select(static id => $"docs/causes/{id}.md is missing")
            .Concat(rows.Where(id => !situations.Contains($"\"{id}\"", StringComparison.Ordinal)).Select(static id => $"no situation of tests/Bindwise.Kernel.Tests expects \"{id}\""))
            .Concat(pages.Where(id => !rows.Contains(id)).Select(static id => $"docs/causes/{id}.md has no row in {Table}")).ToList();
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void Ids_AreWrittenInTheTableAlone()
    {
        var ids = CauseBook.All.Select(static cause => cause.Id()).ToList();
        Assert.Empty(WorkingTree.Files("src", "*.cs").Where(static file => file != Table)
            .SelectMany(file => ids.Where(id => IsReported(id, file) && !OtherWords.Contains((file, id)) && Repository.Read(file).Contains($"\"{id}\"", StringComparison.Ordinal))
                .Select(id => $"{file} writes \"{id}\", which is Cause.{CauseBook.All[ids.IndexOf(id)]}")));
    }

    [Fact]
    public void Sources_PrintTheIdAndNotTheMember() => Assert.All(WorkingTree.Files("src", "*.cs"), static file =>
    {
        Assert.DoesNotContain("Cause}", Repository.Read(file), StringComparison.Ordinal);
        Assert.DoesNotContain("Cause.ToString()", Repository.Read(file), StringComparison.Ordinal);
    });

    /// <summary>A plain word, as free, means a cause only where causes are told.</summary>
    private static bool IsReported(string id, string file) =>
        id.Contains('-', StringComparison.Ordinal) || file.StartsWith("src/Bindwise.Model/Diagnosing/", StringComparison.Ordinal) || file == "src/Bindwise/Listening/BindRetry.cs";

    private static string Situations() => string.Concat(new[] { "Situations", "Everyday" }
        .SelectMany(static folder => WorkingTree.Files("tests/Bindwise.Kernel.Tests/" + folder, "*.cs")).Select(Repository.Read));
}
