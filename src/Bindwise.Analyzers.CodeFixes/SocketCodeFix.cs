using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Bindwise.Analyzers;

/// <summary>The fixes of BWC001, BWC002, BWC004, BWC006, BWC007, BWC008 and BWC010, for one place or for many at once (docs/analyzers.md).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
public sealed class SocketCodeFix : CodeFixProvider
{
    private static readonly string[] NetworkTypes = ["IPAddress", "IPEndPoint"];

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        RuleIds.ReuseAddress, RuleIds.OptionAfterBind, RuleIds.LingerZero, RuleIds.NeverClosed, RuleIds.WildcardForLocalhost, RuleIds.ObsoleteListener, RuleIds.PortReadTooEarly);

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            foreach (var edit in EditsOf(diagnostic, root, node, model))
            {
                var action = CodeAction.Create(edit.Title, cancellation => Task.FromResult(context.Document.WithSyntaxRoot(edit.NewRoot())), diagnostic.Id + edit.Title);
                context.RegisterCodeFix(action, diagnostic);
            }
        }
    }

    private static IEnumerable<SourceEdit> EditsOf(Diagnostic diagnostic, SyntaxNode root, SyntaxNode node, SemanticModel model)
    {
        diagnostic.Properties.TryGetValue(FixKeys.Kind, out var kind);
        // What is written before IPAddress and IPEndPoint: nothing where the file's usings know them.
        var network = Array.TrueForAll(NetworkTypes, type =>
            model.LookupNamespacesAndTypes(node.SpanStart, name: type) is { Length: 1 } known && known[0].ToDisplayString() == "System.Net." + type) ? "" : "System.Net.";
        return diagnostic.Id switch
        {
            RuleIds.ReuseAddress => OptionEdits.Remove(root, node, "Remove the option"),
            RuleIds.LingerZero => OptionEdits.Remove(root, node, "Close without a reset"),
            RuleIds.OptionAfterBind when kind == FixKeys.MoveBefore => OptionEdits.MoveBeforeBind(root, node, diagnostic.AdditionalLocations[0]),
            RuleIds.OptionAfterBind when kind == FixKeys.BindLater => OptionEdits.BindAfter(root, node, diagnostic.AdditionalLocations[0], network),
            RuleIds.NeverClosed => ListenerEdits.AddUsing(root, node, model),
            RuleIds.WildcardForLocalhost => ListenerEdits.ToLoopback(root, node),
            RuleIds.ObsoleteListener => ListenerEdits.SayTheAddress(root, node, network),
            RuleIds.PortReadTooEarly when kind == FixKeys.MoveAfter => PortEdits.ReadAfterBind(root, node, diagnostic.AdditionalLocations[0]),
            RuleIds.PortReadTooEarly when kind == FixKeys.ReadFromSocket => PortEdits.ReadFromSocket(root, node, diagnostic.Properties[FixKeys.Receiver]!, network),
            _ => [],
        };
    }
}

/// <summary>A change of a document, made when somebody asks for it.</summary>
internal sealed class SourceEdit(string title, Func<SyntaxNode> newRoot)
{
    public string Title { get; } = title;

    public Func<SyntaxNode> NewRoot { get; } = newRoot;
}
