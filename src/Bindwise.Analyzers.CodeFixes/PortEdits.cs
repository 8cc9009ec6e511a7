using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bindwise.Analyzers;

/// <summary>Changes of where the port of a socket is read.</summary>
internal static class PortEdits
{
    /// <summary>Puts the statement that reads it after that of the call, where nothing between them needs what it declares.</summary>
    public static IEnumerable<SourceEdit> ReadAfterBind(SyntaxNode root, SyntaxNode read, SyntaxNode bind)
    {
        if (read.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } statement
            || bind.FirstAncestorOrSelf<StatementSyntax>() is not { } bound || bound.Parent != block)
            yield break;
        var (from, to) = (block.Statements.IndexOf(statement), block.Statements.IndexOf(bound));
        if (to < from || statement is not (LocalDeclarationStatementSyntax or ExpressionStatementSyntax)
            || block.Statements.Skip(from + 1).Take(to - from).SelectMany(Names).Intersect(Given(statement)).Any())
            yield break;
        yield return new SourceEdit("Read it once the socket is bound", RuleIds.PortReadTooEarly, () =>
        {
            var statements = block.Statements.RemoveAt(from);
            return root.ReplaceNode(block, block.WithStatements(statements.Insert(to, statement)));
        });
    }

    /// <summary>The names that a statement gives a value.</summary>
    public static IEnumerable<string> Given(StatementSyntax statement) =>
        statement.DescendantNodes().OfType<VariableDeclaratorSyntax>().Select(static one => one.Identifier.Text)
            .Concat(statement.DescendantNodes().OfType<SingleVariableDesignationSyntax>().Select(static one => one.Identifier.Text))
            .Concat(statement.DescendantNodes().OfType<AssignmentExpressionSyntax>().Select(static one => one.Left)
                .OfType<IdentifierNameSyntax>().Select(static one => one.Identifier.Text));

    /// <summary>The names that stand in a statement.</summary>
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
