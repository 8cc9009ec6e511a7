using System.Collections.Immutable;
using Bindwise.Packages.Tests.Packing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Bindwise.Analyzers.Tests;

/// <summary>Every fix is made for all findings of its rule: in a file, a project and a solution, by an editor and by <c>dotnet format analyzers</c>.</summary>
[Trait("Lane", "second")]
public sealed class FixAllTests
{
    public static TheoryData<string> Rules => [.. FixableCode.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task FixAll_InAFile_MendsTheFile(string id) => MendAsync(id, FixAllScope.Document);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task FixAll_InAProject_MendsTheProject(string id) => MendAsync(id, FixAllScope.Project);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task FixAll_InASolution_MendsEachProject(string id) => MendAsync(id, FixAllScope.Solution);

    [Theory]
    [InlineData("as numbered")]
    [InlineData("backwards")]
    public async Task AllFixes_InAnyOrder_LeadToTheSameCode(string order)
    {
        using var workspace = Open();
        var solution = workspace.CurrentSolution;
        foreach (var id in order == "backwards" ? FixableCode.Rules.Reverse() : FixableCode.Rules)
        {
            var found = await Repaired.FindAsync(solution);
            var first = found.Values.First()[0];
            // Once for each project, as `dotnet format` does: the second time with findings that the first has mended.
            for (var project = 0; project < FixableCode.Projects.Count; project++)
            {
                if (solution.GetDocument(first.Location.SourceTree) is { } document)
                    solution = await Repaired.FixAllAsync(document, FixAllScope.Solution, id, await Repaired.KeyAsync(solution, first), found);
            }
        }
        Assert.Equal(FixableCode.Projects.SelectMany(FixableCode.Files).Select(static file => file.After), await TextsAsync(solution));
        Assert.All((await Repaired.FindAsync(solution)).Values, static found => Assert.Equal(FixableCode.Left, found.Select(Shown)));
    }

    [Fact]
    [Trait("Lane", "second")]
    public async Task DotnetFormat_OfASolution_AppliesEveryFix()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-format-").FullName;
        try
        {
            foreach (var project in FixableCode.Projects)
            {
                Directory.CreateDirectory(Path.Combine(folder, project));
                await File.WriteAllTextAsync(Path.Combine(folder, project, project + ".csproj"), $"""
                    <Project Sdk="Microsoft.NET.Sdk">
                      <PropertyGroup>
                        <TargetFramework>net10.0</TargetFramework>
                        <Nullable>enable</Nullable>
                        <ImplicitUsings>enable</ImplicitUsings>
                      </PropertyGroup>
                      <ItemGroup>
                        <Analyzer Include="{typeof(SocketAnalyzer).Assembly.Location}" />
                        <Analyzer Include="{typeof(SocketCodeFix).Assembly.Location}" />
                      </ItemGroup>
                    </Project>
                    """);
                foreach (var (file, before, _) in FixableCode.Files(project))
                    await File.WriteAllTextAsync(Path.Combine(folder, project, file), before);
            }
            await File.WriteAllTextAsync(Path.Combine(folder, "All.slnx"), $"<Solution>{string.Concat(FixableCode.Projects.Select(static name => $"""<Project Path="{name}/{name}.csproj" />"""))}</Solution>");
            await File.WriteAllTextAsync(Path.Combine(folder, ".editorconfig"), "root = true\n");
            await Tool.RunAsync(folder, "dotnet", "restore", "All.slnx");
            var said = await Tool.RunAsync(folder, ["dotnet", "format", "analyzers", "All.slnx", "--no-restore", "--severity", "info", "--verbosity", "normal", "--diagnostics", .. FixableCode.Rules]);
            Assert.DoesNotContain("Unable to fix", said, StringComparison.Ordinal);
            foreach (var project in FixableCode.Projects)
            {
                foreach (var (file, _, after) in FixableCode.Files(project))
                    Assert.Equal(after, await File.ReadAllTextAsync(Path.Combine(folder, project, file)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MendAsync(string id, FixAllScope scope)
    {
        using var workspace = Open();
        var found = await Repaired.FindAsync(workspace.CurrentSolution);
        var first = found.Values.First().First(one => one.Id == id);
        var document = workspace.CurrentSolution.GetDocument(first.Location.SourceTree)!;
        // An editor gives the key of the fix that was chosen, `dotnet format` that of the first finding of any rule.
        string? key = null;
        foreach (var one in found.Values.First().Where(one => one.Id == id))
            key ??= await Repaired.KeyAsync(workspace.CurrentSolution, one);
        Assert.NotNull(key);
        var own = await Repaired.FixAllAsync(document, scope, id, key, found);
        var foreign = await Repaired.FixAllAsync(document, scope, id, await Repaired.KeyAsync(workspace.CurrentSolution, found.Values.First()[0]), found);
        var after = await Repaired.FindAsync(own);
        Assert.Equal(await TextsAsync(own), await TextsAsync(foreign));
        foreach (var project in workspace.CurrentSolution.Projects)
        {
            var isMended = scope == FixAllScope.Solution || project.Id == document.Project.Id;
            var (before, left) = (Of(found[project.Id], id), Of(after[project.Id], id));
            // Where ReuseAddress has no place, to remove it is another rule's fix.
            Assert.Equal(isMended ? [.. Left(id), .. before.Where(static one => one == "BWC002 socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true)")] : before, left);
            Assert.True(before.Count > Left(id).Count);
        }
    }

    private static AdhocWorkspace Open()
    {
        var workspace = new AdhocWorkspace();
        foreach (var project in FixableCode.Projects)
            Repaired.AddProject(workspace, project, [.. FixableCode.Files(project).Select(static file => (file.File, file.Before))]);
        return workspace;
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(Solution solution)
    {
        var texts = new List<string>();
        foreach (var document in solution.Projects.SelectMany(static project => project.Documents).Where(static document => document.Name != "Usings.cs"))
            texts.Add((await document.GetTextAsync()).ToString());
        return texts;
    }

    private static List<string> Left(string id) => [.. FixableCode.Left.Where(one => one.StartsWith(id, StringComparison.Ordinal))];

    private static List<string> Of(ImmutableArray<Diagnostic> found, string id) => [.. found.Where(one => one.Id == id).Select(Shown)];

    private static string Shown(Diagnostic diagnostic) => $"{diagnostic.Id} {diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan)}";
}
