using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Text;

namespace Bindwise.Analyzers;

/// <summary>
/// The fixes of BWC001, BWC002, BWC004, BWC006, BWC007, BWC008 and BWC010, for one place or for many at once (docs/analyzers.md).
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
public sealed class SocketCodeFix : CodeFixProvider
{
    private static readonly FixAllProvider FixAll = FixAllProvider.Create(
        static async (context, document, diagnostics) => await FixAsync(context, document, diagnostics).ConfigureAwait(false),
        ImmutableArray.Create(FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution, FixAllScope.ContainingMember,
            FixAllScope.ContainingType));

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.ReuseAddress, RuleIds.OptionAfterBind, RuleIds.LingerZero, RuleIds.NeverClosed, RuleIds.WildcardForLocalhost,
        RuleIds.ObsoleteListener, RuleIds.PortReadTooEarly);

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => FixAll;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            foreach (var edit in new Finding(diagnostic, root, model).Edits(root))
            {
                var action = CodeAction.Create(edit.Title, cancellation => Task.FromResult(context.Document.WithSyntaxRoot(edit.NewRoot())),
                    edit.Key);
                context.RegisterCodeFix(action, diagnostic);
            }
        }
    }

    // One change after the other, each made on what the last one left: merged as texts, changes that touch would be dropped.
    private static async Task<Document> FixAsync(FixAllContext context, Document document, ImmutableArray<Diagnostic> diagnostics)
    {
        if (await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
            return document;
        var text = await document.GetTextAsync(context.CancellationToken).ConfigureAwait(false);
        var findings = diagnostics.Where(one => IsOf(one, text)).Select(one => new Finding(one, root, model))
            .OrderBy(static one => one.Order).ToList();
        root = root.TrackNodes(findings.SelectMany(static one => one.Nodes).Distinct());
        foreach (var finding in findings)
        {
            var edits = finding.Edits(root).ToList();
            // `dotnet format` gives the key of the first finding of all, which can be another rule's, or have
            // no fix: then it is the first fix, as for itself.
            if ((edits.Find(edit => edit.Key == context.CodeActionEquivalenceKey) ?? edits.FirstOrDefault()) is { } edit)
                root = edit.NewRoot();
        }
        return await Formatter.FormatAsync(document.WithSyntaxRoot(root), Formatter.Annotation,
            cancellationToken: context.CancellationToken).ConfigureAwait(false);
    }

    // `dotnet format` asks once for each project of a solution, with the findings from before the first time.
    private static bool IsOf(Diagnostic diagnostic, SourceText text) =>
        diagnostic.Location.SourceTree?.GetText().ContentEquals(text) == true;
}
