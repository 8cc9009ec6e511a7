using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Bindwise.Analyzers;

/// <summary>Changes of the statement that sets a socket option.</summary>
internal static class OptionEdits
{
    /// <summary>Takes the statement away, or the member of an object initializer; not where a directive is inside.</summary>
    public static IEnumerable<SourceEdit> Remove(SyntaxNode root, SyntaxNode set, string title, string key)
    {
        if (StatementOf(set) is { } statement)
        {
            if (statement.WithoutLeadingTrivia().ContainsDirectives)
                yield break;
            if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
                yield return new SourceEdit(title, key, () => Without(root, statement));
            else if (statement.Parent is GlobalStatementSyntax global)
                yield return new SourceEdit(title, key, () => Without(root, global));
        }
        else if (set.Parent is InitializerExpressionSyntax { ContainsDirectives: false } initializer && set is ExpressionSyntax expression)
            yield return new SourceEdit(title, key,
                () => initializer.Expressions.Count > 1 ? Without(root, expression) : WithoutInitializer(root, initializer));
    }

    /// <summary>
    /// Puts the statement before that of the call, where both stand in one list and nothing between them makes what it needs, or is
    /// compiled for some symbols only.
    /// </summary>
    public static IEnumerable<SourceEdit> MoveBeforeBind(SyntaxNode root, SyntaxNode set, SyntaxNode bind)
    {
        if (StatementOf(set) is not { } statement || bind.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } bound
            || statement.Parent != block)
            yield break;
        var (from, to) = (block.Statements.IndexOf(statement), block.Statements.IndexOf(bound));
        var made = block.Statements.Skip(to).Take(from - to).SelectMany(PortEdits.Given);
        if (to < from && !PortEdits.Names(statement).Intersect(made).Any() && !HasDirectives(block.Statements.Skip(to).Take(from - to + 1)))
            yield return new SourceEdit("Set the option before Bind", RuleIds.OptionAfterBind,
                () => root.ReplaceNode(block, Moved(block, from, to)));
    }

    /// <summary>The block with a statement in another place. Where some share a line, what is between them stays where it is.</summary>
    public static BlockSyntax Moved(BlockSyntax block, int from, int to)
    {
        var before = block.Statements;
        var after = before.RemoveAt(from).Insert(to, before[from]);
        // What is before each of them, and after the last.
        var gaps = before.Select(static one => one.GetTrailingTrivia()).Prepend(block.OpenBraceToken.TrailingTrivia)
            .Skip(Math.Min(from, to)).Take(Math.Abs(to - from) + 2);
        if (!gaps.All(static gap => gap.Any(SyntaxKind.EndOfLineTrivia)))
            after = SyntaxFactory.List(after.Select((one, index) => one.WithTriviaFrom(before[index])));
        return block.WithStatements(after);
    }

    /// <summary>
    /// Makes the socket without its port, and binds it once the options are set: UdpClient with a number, and the statements that follow
    /// it.
    /// </summary>
    public static IEnumerable<SourceEdit> BindAfter(SyntaxNode root, SyntaxNode set, SyntaxNode creation, string network)
    {
        if (StatementOf(set) is not { Parent: BlockSyntax block } statement
            || creation is not ObjectCreationExpressionSyntax { ArgumentList.Arguments: { Count: 1 } arguments, Initializer: null } created
            || created.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator }
            || declarator.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is not { } declaration || declaration.Parent != block
            || arguments[0].Expression is not (LiteralExpressionSyntax or IdentifierNameSyntax))
            yield break;
        var at = block.Statements.IndexOf(declaration);
        var options = block.Statements.Skip(at + 1).TakeWhile(one => SetsAnOptionOf(one, declarator.Identifier.Text)).ToList();
        if (!options.Contains(statement) || HasDirectives(options))
            yield break;
        yield return new SourceEdit("Bind once the option is set", RuleIds.OptionAfterBind, () =>
        {
            var code = $"{declarator.Identifier.Text}.Client.Bind(new {network}IPEndPoint({network}IPAddress.Any, "
                + $"{arguments[0].Expression}));";
            var bind = SyntaxFactory.ParseStatement(code)
                .WithLeadingTrivia(statement.GetLeadingTrivia().Where(static one => one.IsKind(SyntaxKind.WhitespaceTrivia)))
                .WithTrailingTrivia(statement.GetTrailingTrivia().Where(static one => one.IsKind(SyntaxKind.EndOfLineTrivia)));
            var unbound = declaration.ReplaceNode(created, created.WithArgumentList(SyntaxFactory.ArgumentList()).WithTriviaFrom(created));
            return root.ReplaceNode(block,
                block.WithStatements(block.Statements.Replace(declaration, unbound).Insert(at + 1 + options.Count, bind)));
        });
    }

    /// <summary>The statement that is nothing but this expression.</summary>
    public static ExpressionStatementSyntax? StatementOf(SyntaxNode expression) =>
        expression as ExpressionStatementSyntax ?? expression.Parent as ExpressionStatementSyntax;

    public static bool HasDirectives(IEnumerable<StatementSyntax> statements) => statements.Any(static one => one.ContainsDirectives);

    private static bool SetsAnOptionOf(StatementSyntax statement, string variable)
    {
        var at = (statement as ExpressionStatementSyntax)?.Expression switch
        {
            AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax property } => property.Expression,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "SetSocketOption" } method } =>
                method.Expression,
            _ => null,
        };
        while (at is MemberAccessExpressionSyntax member)
            at = member.Expression;
        return at is IdentifierNameSyntax name && name.Identifier.Text == variable;
    }

    // The directives before it stay, with the code between them that is not compiled; a comment after them was on what is removed.
    private static SyntaxNode Without(SyntaxNode root, SyntaxNode node)
    {
        var (before, mark) = (node.GetLeadingTrivia().ToList(), new SyntaxAnnotation());
        var kept = before.Take(before.FindLastIndex(static one => one.IsDirective) + 1);
        // A statement that follows on its line begins where it did.
        if (node is StatementSyntax or GlobalStatementSyntax && !node.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia)
            && before.LastOrDefault() is var indent && indent.IsKind(SyntaxKind.WhitespaceTrivia))
            kept = kept.Append(indent);
        root = root.ReplaceNode(node, node.WithLeadingTrivia(kept).WithAdditionalAnnotations(mark));
        return root.RemoveNode(root.GetAnnotatedNodes(mark).Single(), SyntaxRemoveOptions.KeepLeadingTrivia)!;
    }

    private static SyntaxNode WithoutInitializer(SyntaxNode root, InitializerExpressionSyntax initializer)
    {
        var creation = (BaseObjectCreationExpressionSyntax)initializer.Parent!;
        var arguments = creation.ArgumentList ?? SyntaxFactory.ArgumentList();
        BaseObjectCreationExpressionSyntax bare = creation switch
        {
            ObjectCreationExpressionSyntax named => named.WithInitializer(null).WithArgumentList(arguments),
            _ => creation.WithInitializer(null).WithArgumentList(arguments),
        };
        return root.ReplaceNode(creation, bare.WithArgumentList(arguments.WithoutTrailingTrivia())
            .WithTrailingTrivia(creation.GetTrailingTrivia()).WithAdditionalAnnotations(Formatter.Annotation));
    }
}
