using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Bindwise.Analyzers;

/// <summary>Changes of the statement that sets a socket option.</summary>
internal static class OptionEdits
{
    /// <summary>Takes the statement away, or the member of an object initializer.</summary>
    public static IEnumerable<SourceEdit> Remove(SyntaxNode root, SyntaxNode set, string title)
    {
        if (StatementOf(set) is { } statement)
        {
            if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
                yield return new SourceEdit(title, () => Without(root, statement));
            else if (statement.Parent is GlobalStatementSyntax global)
                yield return new SourceEdit(title, () => Without(root, global));
        }
        else if (set.Parent is InitializerExpressionSyntax initializer && set is ExpressionSyntax expression)
            yield return new SourceEdit(title, () => initializer.Expressions.Count > 1 ? Without(root, expression) : WithoutInitializer(root, initializer));
    }

    /// <summary>Puts the statement before that of the call, where both stand in one list and nothing between them makes what it needs.</summary>
    public static IEnumerable<SourceEdit> MoveBeforeBind(SyntaxNode root, SyntaxNode set, Location bind)
    {
        if (StatementOf(set) is not { } statement || StatementAt(root, bind) is not { Parent: BlockSyntax block } bound || statement.Parent != block)
            yield break;
        var (from, to) = (block.Statements.IndexOf(statement), block.Statements.IndexOf(bound));
        var made = block.Statements.Skip(to).Take(from - to).SelectMany(PortEdits.Given);
        if (!PortEdits.Names(statement).Intersect(made).Any())
            yield return new SourceEdit("Set the option before Bind", () => root.ReplaceNode(block, block.WithStatements(block.Statements.RemoveAt(from).Insert(to, statement))));
    }

    /// <summary>Makes the socket without its port, and binds it once the option is set: UdpClient with a number, and the next statement.</summary>
    public static IEnumerable<SourceEdit> BindAfter(SyntaxNode root, SyntaxNode set, Location creation, string network)
    {
        if (StatementOf(set) is not { Parent: BlockSyntax block } statement
            || root.FindNode(creation.SourceSpan, getInnermostNodeForTie: true) is not ObjectCreationExpressionSyntax { ArgumentList.Arguments: { Count: 1 } arguments, Initializer: null } created
            || created.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator }
            || declarator.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is not { } declaration || declaration.Parent != block
            || block.Statements.IndexOf(statement) != block.Statements.IndexOf(declaration) + 1 || arguments[0].Expression is not (LiteralExpressionSyntax or IdentifierNameSyntax))
            yield break;
        yield return new SourceEdit("Bind once the option is set", () =>
        {
            var code = $"{declarator.Identifier.Text}.Client.Bind(new {network}IPEndPoint({network}IPAddress.Any, {arguments[0].Expression}));";
            var bind = SyntaxFactory.ParseStatement(code).WithLeadingTrivia(statement.GetLeadingTrivia().Where(static one => one.IsKind(SyntaxKind.WhitespaceTrivia)))
                .WithTrailingTrivia(statement.GetTrailingTrivia().Where(static one => one.IsKind(SyntaxKind.EndOfLineTrivia)));
            var tracked = root.TrackNodes(created, statement);
            tracked = tracked.ReplaceNode(tracked.GetCurrentNode(created)!, created.WithArgumentList(SyntaxFactory.ArgumentList()).WithTriviaFrom(created));
            return tracked.InsertNodesAfter(tracked.GetCurrentNode(statement)!, [bind]);
        });
    }

    /// <summary>The statement that is nothing but this expression.</summary>
    public static ExpressionStatementSyntax? StatementOf(SyntaxNode expression) => expression as ExpressionStatementSyntax ?? expression.Parent as ExpressionStatementSyntax;

    /// <summary>The statement at a place.</summary>
    public static StatementSyntax? StatementAt(SyntaxNode root, Location place) => root.FindNode(place.SourceSpan).FirstAncestorOrSelf<StatementSyntax>();

    private static SyntaxNode Without(SyntaxNode root, SyntaxNode node) => root.RemoveNode(node, SyntaxRemoveOptions.KeepUnbalancedDirectives)!;

    private static SyntaxNode WithoutInitializer(SyntaxNode root, InitializerExpressionSyntax initializer)
    {
        var creation = (BaseObjectCreationExpressionSyntax)initializer.Parent!;
        var arguments = creation.ArgumentList ?? SyntaxFactory.ArgumentList();
        BaseObjectCreationExpressionSyntax bare = creation switch
        {
            ObjectCreationExpressionSyntax named => named.WithInitializer(null).WithArgumentList(arguments),
            _ => creation.WithInitializer(null).WithArgumentList(arguments),
        };
        return root.ReplaceNode(creation, bare.WithArgumentList(arguments.WithoutTrailingTrivia()).WithTrailingTrivia(creation.GetTrailingTrivia()).WithAdditionalAnnotations(Formatter.Annotation));
    }
}
