using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Bindwise.Analyzers.Tests;

/// <summary>Compiles a snippet against the frameworks that this test runs on, and compares what the analyzer finds with the marks.</summary>
internal static class Checked
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net;
        global using System.Net.Sockets; global using System.Threading; global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.Extensions.Logging;
        """;

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Latest);

    public static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => path.Contains("Microsoft.NETCore.App", StringComparison.Ordinal) || path.Contains("Microsoft.AspNetCore.App", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    // Compilations made from these share what has been read of the references.
    private static readonly CSharpCompilation Library = Empty(OutputKind.DynamicallyLinkedLibrary);
    private static readonly CSharpCompilation Program = Empty(OutputKind.ConsoleApplication);

    public static SyntaxTree UsingsTree { get; } = CSharpSyntaxTree.ParseText(Usings, ParseOptions, "Usings.cs");

    /// <summary>Fails unless exactly the marks are found.</summary>
    public static async Task AsMarkedAsync(string marked)
    {
        var code = MarkedCode.Parse(marked);
        var found = await FindAsync(code.Text);
        Assert.Equal(code.Marks.OrderBy(static mark => (mark.Span.Start, mark.Id)).Select(mark => $"{mark.Id} {code.Text.Substring(mark.Span.Start, mark.Span.Length)}"),
            found.OrderBy(static one => (one.Location.SourceSpan.Start, one.Id)).Select(one => $"{one.Id} {code.Text.Substring(one.Location.SourceSpan.Start, one.Location.SourceSpan.Length)}"));
    }

    /// <summary>What the analyzer finds; the code must compile.</summary>
    public static async Task<ImmutableArray<Diagnostic>> FindAsync(string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, ParseOptions, "Snippet.cs");
        var isProgram = (await tree.GetRootAsync()).ChildNodes().OfType<GlobalStatementSyntax>().Any();
        return await FindAsync((isProgram ? Program : Library).AddSyntaxTrees(UsingsTree, tree));
    }

    private static async Task<ImmutableArray<Diagnostic>> FindAsync(Compilation compilation)
    {
        Assert.Empty(compilation.GetDiagnostics().Where(static one => one.Severity == DiagnosticSeverity.Error));
        return await compilation.WithAnalyzers([new SocketAnalyzer()]).GetAnalyzerDiagnosticsAsync();
    }

    private static CSharpCompilation Empty(OutputKind kind) =>
        CSharpCompilation.Create("Snippet", references: References, options: new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
}
