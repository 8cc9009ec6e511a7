using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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

/// <summary>
/// A finding and what its fix has to know of the code as it was found; the fix itself can be made on code that other fixes have changed.
/// </summary>
internal sealed class Finding
{
    private static readonly string[] NetworkTypes = ["IPAddress", "IPEndPoint"];

    private readonly Diagnostic _diagnostic;
    private readonly SyntaxNode _root;
    private readonly SyntaxNode _node;
    private readonly SyntaxNode? _other;
    private readonly string? _kind;
    private readonly string _network;
    private readonly string _type = "";
    private readonly bool _isDisposable;

    public Finding(Diagnostic diagnostic, SyntaxNode root, SemanticModel model)
    {
        _diagnostic = diagnostic;
        _root = root;
        _node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        _other = diagnostic.AdditionalLocations.Count > 0
            ? root.FindNode(diagnostic.AdditionalLocations[0].SourceSpan, getInnermostNodeForTie: true) : null;
        diagnostic.Properties.TryGetValue(FixKeys.Kind, out _kind);
        // What is written before IPAddress and IPEndPoint: nothing where the name alone means that type.
        _network = Array.TrueForAll(NetworkTypes, type =>
            model.LookupSymbols(_node.SpanStart, name: type) is { Length: 1 } known
                && known[0].ToDisplayString() == "System.Net." + type) ? "" : "System.Net.";
        if (diagnostic.Id == RuleIds.ObsoleteListener)
            _type = model.GetTypeInfo(_node).Type?.ToMinimalDisplayString(model, _node.SpanStart) ?? "";
        // Older compilers know no declaration with using.
        _isDisposable = diagnostic.Id == RuleIds.NeverClosed
            && root.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: >= LanguageVersion.CSharp8 }
            && model.GetDeclaredSymbol(_node) is ILocalSymbol { Type: { } type }
            && type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_IDisposable);
    }

    /// <summary>The nodes that <see cref="Edits"/> looks for in changed code.</summary>
    public IEnumerable<SyntaxNode> Nodes => _other is null ? [_node] : [_node, _other];

    /// <summary>What is fixed first has the lowest number: statements that move keep their order.</summary>
    public int Order => _kind == FixKeys.MoveAfter ? -_node.SpanStart : _node.SpanStart;

    /// <summary>The changes to choose from; none where the code is not, or no longer, what a change is safe for.</summary>
    public IEnumerable<SourceEdit> Edits(SyntaxNode root)
    {
        var node = root == _root ? _node : root.GetCurrentNode(_node);
        var other = root == _root || _other is null ? _other : root.GetCurrentNode(_other);
        if (node is null || (_other is not null && other is null))
            return [];
        return _diagnostic.Id switch
        {
            RuleIds.ReuseAddress => OptionEdits.Remove(root, node, "Remove the option", _diagnostic.Id),
            RuleIds.LingerZero => OptionEdits.Remove(root, node, "Close without a reset", _diagnostic.Id),
            RuleIds.OptionAfterBind when _kind == FixKeys.MoveBefore => OptionEdits.MoveBeforeBind(root, node, other!),
            RuleIds.OptionAfterBind when _kind == FixKeys.BindLater => OptionEdits.BindAfter(root, node, other!, _network),
            RuleIds.NeverClosed when _isDisposable => ListenerEdits.AddUsing(root, node),
            RuleIds.WildcardForLocalhost => ListenerEdits.ToLoopback(root, node),
            RuleIds.ObsoleteListener => ListenerEdits.SayTheAddress(root, node, _network, _type),
            RuleIds.PortReadTooEarly when _kind == FixKeys.MoveAfter => PortEdits.ReadAfterBind(root, node, other!),
            RuleIds.PortReadTooEarly when _kind == FixKeys.ReadFromSocket =>
                PortEdits.ReadFromSocket(root, node, _diagnostic.Properties[FixKeys.Receiver]!, _network),
            _ => [],
        };
    }
}

/// <summary>A change of a document, made when somebody asks for it.</summary>
/// <param name="title">What it does, as an editor shows it.</param>
/// <param name="key">The same for all changes of a rule that may be made at once.</param>
/// <param name="newRoot">Makes it.</param>
internal sealed class SourceEdit(string title, string key, Func<SyntaxNode> newRoot)
{
    public string Title { get; } = title;
    public string Key { get; } = key;
    public Func<SyntaxNode> NewRoot { get; } = newRoot;
}

/// <summary>Changes of where the port of a socket is read.</summary>
internal static class PortEdits
{
    /// <summary>
    /// Puts the statement that reads it after that of the call, where nothing between them needs what it declares or has a directive.
    /// </summary>
    public static IEnumerable<SourceEdit> ReadAfterBind(SyntaxNode root, SyntaxNode read, SyntaxNode bind)
    {
        if (read.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } statement
            || bind.FirstAncestorOrSelf<StatementSyntax>() is not { } bound || bound.Parent != block)
            yield break;
        var (from, to) = (block.Statements.IndexOf(statement), block.Statements.IndexOf(bound));
        if (to < from || statement is not (LocalDeclarationStatementSyntax or ExpressionStatementSyntax)
            || block.Statements.Skip(from + 1).Take(to - from).SelectMany(Names).Intersect(Given(statement)).Any()
            || OptionEdits.HasDirectives(block.Statements.Skip(from).Take(to - from + 1)))
            yield break;
        yield return new SourceEdit("Read it once the socket is bound", RuleIds.PortReadTooEarly,
            () => root.ReplaceNode(block, OptionEdits.Moved(block, from, to)));
    }

    public static IEnumerable<string> Given(StatementSyntax statement) =>
        statement.DescendantNodes().OfType<VariableDeclaratorSyntax>().Select(static one => one.Identifier.Text)
            .Concat(statement.DescendantNodes().OfType<SingleVariableDesignationSyntax>().Select(static one => one.Identifier.Text))
            .Concat(statement.DescendantNodes().OfType<AssignmentExpressionSyntax>().Select(static one => one.Left)
                .OfType<IdentifierNameSyntax>().Select(static one => one.Identifier.Text));

    public static IEnumerable<string> Names(StatementSyntax statement) =>
        statement.DescendantNodes().OfType<IdentifierNameSyntax>().Select(static one => one.Identifier.Text);

    /// <summary>Reads it from the socket in place of the address that was asked for.</summary>
    public static IEnumerable<SourceEdit> ReadFromSocket(SyntaxNode root, SyntaxNode read, string receiver, string network)
    {
        if (read is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax } access)
            yield return new SourceEdit("Read it from the socket", RuleIds.PortReadTooEarly, () => root.ReplaceNode(access.Expression,
                SyntaxFactory.ParseExpression($"(({network}IPEndPoint){receiver})").WithTriviaFrom(access.Expression)));
    }
}

/// <summary>Changes of how a listener is made.</summary>
internal static class ListenerEdits
{
    private static readonly Regex Wildcard = new(@"(?<=//)(?:\*|\+|0\.0\.0\.0|\[::\])(?=:)", RegexOptions.CultureInvariant);

    /// <summary>Closes it at the end of its scope, into which no goto may jump. A TcpListener can be disposed of since .NET 8.</summary>
    public static IEnumerable<SourceEdit> AddUsing(SyntaxNode root, SyntaxNode declarator)
    {
        if (declarator.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>()
            is { UsingKeyword.RawKind: 0, Declaration.Variables.Count: 1, Parent: BlockSyntax block } declaration
            && !block.Statements.Any(SyntaxKind.LabeledStatement))
        {
            yield return new SourceEdit("Close it at the end of its scope", RuleIds.NeverClosed, () =>
            {
                var word = SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithLeadingTrivia(declaration.GetLeadingTrivia())
                    .WithTrailingTrivia(SyntaxFactory.Space);
                return root.ReplaceNode(declaration, declaration.WithoutLeadingTrivia().WithUsingKeyword(word));
            });
        }
    }

    /// <summary>Makes it listen for this host alone.</summary>
    public static IEnumerable<SourceEdit> ToLoopback(SyntaxNode root, SyntaxNode address)
    {
        const string Title = "Listen on localhost";
        switch (address)
        {
            case MemberAccessExpressionSyntax { Name.Identifier.Text: "Any" } any:
                yield return new SourceEdit(Title, RuleIds.WildcardForLocalhost,
                    () => root.ReplaceNode(any.Name, SyntaxFactory.IdentifierName("Loopback").WithTriviaFrom(any.Name)));
                break;
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "ListenAnyIP" } call }:
                yield return new SourceEdit(Title, RuleIds.WildcardForLocalhost,
                    () => root.ReplaceNode(call.Name, SyntaxFactory.IdentifierName("ListenLocalhost").WithTriviaFrom(call.Name)));
                break;
            case InterpolatedStringExpressionSyntax or LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression }:
                // Of several, some may be meant for other hosts.
                if (Wildcard.Matches(address.ToString()).Count == 1)
                    yield return new SourceEdit(Title, RuleIds.WildcardForLocalhost,
                        () => root.ReplaceNode(address,
                            SyntaxFactory.ParseExpression(Wildcard.Replace(address.ToString(), "localhost")).WithTriviaFrom(address)));
                break;
        }
    }

    /// <summary>Replaces the obsolete constructor: by what it does, by this host alone, and by both families.</summary>
    public static IEnumerable<SourceEdit> SayTheAddress(SyntaxNode root, SyntaxNode node, string network, string type)
    {
        if (node.FirstAncestorOrSelf<BaseObjectCreationExpressionSyntax>()
            is not { ArgumentList.Arguments: { Count: 1 } arguments } creation)
            yield break;
        foreach (var (title, address) in new[]
        {
            ("Listen on every IPv4 address, as now", "Any"),
            ("Listen on localhost (IPv4)", "Loopback"),
        })
        {
            yield return new SourceEdit(title, RuleIds.ObsoleteListener + title,
                () => root.ReplaceNode(creation, creation.WithArgumentList(creation.ArgumentList.WithArguments(
                    SyntaxFactory.SeparatedList<ArgumentSyntax>(new SyntaxNodeOrToken[]
                    {
                        SyntaxFactory.Argument(SyntaxFactory.ParseExpression($"{network}IPAddress.{address}")),
                        SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space),
                        arguments[0],
                    })))));
        }
        // What an initializer sets, Create takes no more.
        const string Both = "Listen on every address, IPv6 and IPv4";
        if (creation.Initializer is null)
            yield return new SourceEdit(Both, RuleIds.ObsoleteListener + Both, () => root.ReplaceNode(creation,
                SyntaxFactory.ParseExpression($"{type}.Create({arguments[0]})").WithTriviaFrom(creation)));
    }
}
