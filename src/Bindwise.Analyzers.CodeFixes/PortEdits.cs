using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bindwise.Analyzers;

/// <summary>Changes of where the port of a socket is read.</summary>
internal static class PortEdits
{
    /// <summary>Puts the statement that reads it after that of the call, where nothing between them needs what it declares.</summary>
    public static IEnumerable<SourceEdit> ReadAfterBind(SyntaxNode root, SyntaxNode read, Location bind)
    {
        if (read.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } statement || OptionEdits.StatementAt(root, bind) is not { } bound || bound.Parent != block)
            yield break;
        var from = block.Statements.IndexOf(statement);
        var to = block.Statements.IndexOf(bound);
        var declared = statement.DescendantNodes().OfType<VariableDeclaratorSyntax>().Select(static one => one.Identifier.Text).ToList();
        var isNeeded = block.Statements.Skip(from + 1).Take(to - from).SelectMany(static one => one.DescendantNodes()).OfType<IdentifierNameSyntax>().Any(name => declared.Contains(name.Identifier.Text));
        if (to < from || isNeeded || statement is not (LocalDeclarationStatementSyntax or ExpressionStatementSyntax))
            yield break;
        yield return new SourceEdit("Read it once the socket is bound", () =>
        {
            var statements = block.Statements.RemoveAt(from);
            return root.ReplaceNode(block, block.WithStatements(statements.Insert(to, statement)));
        });
    }

    /// <summary>Reads it from the socket in place of the address that was asked for.</summary>
    public static IEnumerable<SourceEdit> ReadFromSocket(SyntaxNode root, SyntaxNode read, string receiver)
    {
        if (read is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax } access)
            yield return new SourceEdit("Read it from the socket", () => root.ReplaceNode(access.Expression, SyntaxFactory.ParseExpression($"((IPEndPoint){receiver})").WithTriviaFrom(access.Expression)));
    }
}
