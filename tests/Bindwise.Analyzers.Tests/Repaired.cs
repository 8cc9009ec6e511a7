using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Bindwise.Analyzers.Tests;

/// <summary>Applies a fix to a snippet, to all that a rule finds in it at once, as "fix all" of an editor and <c>dotnet format</c> do.</summary>
internal static class Repaired
{
    /// <summary>The code with the rule's findings fixed; it must compile. Of several fixes, the one with that title.</summary>
    public static async Task<string> AllAsync(string id, string code, string? title = null)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, code);
        var found = (await FindAsync(document)).Where(one => one.Id == id).ToImmutableArray();
        Assert.NotEmpty(found);
        var action = (await ActionsAsync(document, found[0])).Single(one => title is null || one.Title == title);
        var all = new FixAllContext(document, new SocketCodeFix(), FixAllScope.Document, action.EquivalenceKey, [id], new Found(found), CancellationToken.None);
        var fixAll = await new SocketCodeFix().GetFixAllProvider()!.GetFixAsync(all);
        return await ApplyAsync(document, fixAll ?? action);
    }

    /// <summary>The titles of the fixes for the rule's first finding.</summary>
    public static async Task<IReadOnlyList<string>> TitlesAsync(string id, string code)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, code);
        return [.. (await ActionsAsync(document, (await FindAsync(document)).First(one => one.Id == id))).Select(static one => one.Title)];
    }

    private static async Task<string> ApplyAsync(Document document, CodeAction action)
    {
        var changed = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        var compilation = (await changed.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity == DiagnosticSeverity.Error));
        return (await changed.GetTextAsync()).ToString();
    }

    private static async Task<List<CodeAction>> ActionsAsync(Document document, Diagnostic diagnostic)
    {
        var actions = new List<CodeAction>();
        await new SocketCodeFix().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private static async Task<ImmutableArray<Diagnostic>> FindAsync(Document document)
    {
        var compilation = (await document.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity == DiagnosticSeverity.Error));
        var found = await compilation.WithAnalyzers([new SocketAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        return [.. found.OrderBy(static one => one.Location.SourceSpan.Start)];
    }

    private static Document Open(AdhocWorkspace workspace, string code)
    {
        var project = workspace.AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "Snippet", "Snippet", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable), parseOptions: Checked.ParseOptions, metadataReferences: Checked.References));
        workspace.AddDocument(project.Id, "Usings.cs", Checked.UsingsTree.GetText());
        return workspace.AddDocument(project.Id, "Snippet.cs", Microsoft.CodeAnalysis.Text.SourceText.From(code));
    }

    private sealed class Found(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);
    }
}
