using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Bindwise.Analyzers.Tests;

/// <summary>Applies a fix to all that a rule finds in a file, a project or a solution at once, as "fix all" of an editor and <c>dotnet format</c> do.</summary>
internal static class Repaired
{
    /// <summary>The code with the rule's findings fixed; it must compile. Of several fixes, the one with that title.</summary>
    public static async Task<string> AllAsync(string id, string code, string? title = null, LanguageVersion version = LanguageVersion.Latest)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, code, version);
        var found = (await FindAsync(document.Project)).First(one => one.Id == id);
        var action = (await ActionsAsync(document, found)).Single(one => title is null || one.Title == title);
        var solution = await FixAllAsync(document, FixAllScope.Document, id, action.EquivalenceKey, await FindAsync(document.Project.Solution));
        await FindAsync(solution.Projects.Single());
        return (await solution.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }

    /// <summary>The titles of the fixes for the rule's first finding.</summary>
    public static async Task<IReadOnlyList<string>> TitlesAsync(string id, string code, LanguageVersion version = LanguageVersion.Latest)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, code, version);
        return [.. (await ActionsAsync(document, (await FindAsync(document.Project)).First(one => one.Id == id))).Select(static one => one.Title)];
    }

    /// <summary>What an editor or <c>dotnet format</c> asks for: the fixes of a rule, by that key, for findings that may be older than the document.</summary>
    public static async Task<Solution> FixAllAsync(Document document, FixAllScope scope, string id, string? key, IReadOnlyDictionary<ProjectId, ImmutableArray<Diagnostic>> found)
    {
        var fixes = new SocketCodeFix();
        Assert.Contains(scope, fixes.GetFixAllProvider()!.GetSupportedFixAllScopes());
        var action = await fixes.GetFixAllProvider()!.GetFixAsync(new FixAllContext(document, fixes, scope, key!, [id], new Found(found), CancellationToken.None));
        return (await action!.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single().ChangedSolution;
    }

    /// <summary>The key of the first fix for a finding; null where it has none.</summary>
    public static async Task<string?> KeyAsync(Solution solution, Diagnostic diagnostic) =>
        (await ActionsAsync(solution.GetDocument(diagnostic.Location.SourceTree)!, diagnostic)).FirstOrDefault()?.EquivalenceKey;

    /// <summary>What the analyzer finds in each project; all of it must compile.</summary>
    public static async Task<IReadOnlyDictionary<ProjectId, ImmutableArray<Diagnostic>>> FindAsync(Solution solution)
    {
        var found = new Dictionary<ProjectId, ImmutableArray<Diagnostic>>();
        foreach (var project in solution.Projects)
            found.Add(project.Id, await FindAsync(project));
        return found;
    }

    /// <summary>A project with these files.</summary>
    public static Project AddProject(AdhocWorkspace workspace, string name, params (string Name, string Code)[] files)
    {
        var project = workspace.AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, name, name, LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable), parseOptions: Checked.ParseOptions, metadataReferences: Checked.References));
        workspace.AddDocument(project.Id, "Usings.cs", Checked.UsingsTree.GetText());
        foreach (var (file, code) in files)
            workspace.AddDocument(DocumentInfo.Create(DocumentId.CreateNewId(project.Id), file, loader: TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Default)), filePath: $"/{name}/{file}"));
        return workspace.CurrentSolution.GetProject(project.Id)!;
    }

    private static async Task<List<CodeAction>> ActionsAsync(Document document, Diagnostic diagnostic)
    {
        var actions = new List<CodeAction>();
        await new SocketCodeFix().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private static async Task<ImmutableArray<Diagnostic>> FindAsync(Project project)
    {
        var compilation = (await project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity == DiagnosticSeverity.Error));
        var found = await compilation.WithAnalyzers([new SocketAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        return [.. found.OrderBy(static one => one.Location.SourceTree!.FilePath, StringComparer.Ordinal).ThenBy(static one => one.Location.SourceSpan.Start).ThenBy(static one => one.Id, StringComparer.Ordinal)];
    }

    private static Document Open(AdhocWorkspace workspace, string code, LanguageVersion version)
    {
        var project = AddProject(workspace, "Snippet", ("Snippet.cs", code));
        if (version < LanguageVersion.CSharp10)
            project = project.RemoveDocument(project.Documents.Single(static one => one.Name == "Usings.cs").Id).WithParseOptions(Checked.ParseOptions.WithLanguageVersion(version))
                .WithCompilationOptions(((CSharpCompilationOptions)project.CompilationOptions!).WithNullableContextOptions(NullableContextOptions.Disable));
        return project.Documents.Single(static one => one.Name == "Snippet.cs");
    }

    private sealed class Found(IReadOnlyDictionary<ProjectId, ImmutableArray<Diagnostic>> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult(diagnostics[document.Project.Id].Where(one => one.Location.SourceTree!.FilePath == document.FilePath));

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics[project.Id]);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => GetProjectDiagnosticsAsync(project, cancellationToken);
    }
}
