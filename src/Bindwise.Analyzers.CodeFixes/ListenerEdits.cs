using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bindwise.Analyzers;

/// <summary>Changes of how a listener is made.</summary>
internal static class ListenerEdits
{
    /// <summary>Closes it at the end of its scope. A TcpListener can be disposed of since .NET 8.</summary>
    public static IEnumerable<SourceEdit> AddUsing(SyntaxNode root, SyntaxNode declarator)
    {
        if (declarator.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>()
            is { UsingKeyword.RawKind: 0, Declaration.Variables.Count: 1, Parent: BlockSyntax } declaration)
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
                var code = address.ToString();
                var text = code;
                foreach (var host in new[] { "*", "+", "0.0.0.0", "[::]" })
                    text = text.Replace($"//{host}:", "//localhost:");
                if (text != code)
                    yield return new SourceEdit(Title, RuleIds.WildcardForLocalhost,
                        () => root.ReplaceNode(address, SyntaxFactory.ParseExpression(text).WithTriviaFrom(address)));
                break;
        }
    }

    /// <summary>Replaces the obsolete constructor: by what it does, by this host alone, and by both families.</summary>
    public static IEnumerable<SourceEdit> SayTheAddress(SyntaxNode root, SyntaxNode node, string network)
    {
        if (node.FirstAncestorOrSelf<BaseObjectCreationExpressionSyntax>()
            is not { ArgumentList.Arguments: { Count: 1 } arguments } creation)
            yield break;
        var port = arguments[0].Expression;
        var type = creation is ObjectCreationExpressionSyntax named ? named.Type.ToString() : "TcpListener";
        foreach (var (title, code) in new[]
        {
            ("Listen on every IPv4 address, as now", $"new {type}({network}IPAddress.Any, {port})"),
            ("Listen on localhost (IPv4)", $"new {type}({network}IPAddress.Loopback, {port})"),
            ("Listen on every address, IPv6 and IPv4", $"{type}.Create({port})"),
        })
        {
            yield return new SourceEdit(title, RuleIds.ObsoleteListener + title,
                () => root.ReplaceNode(creation, SyntaxFactory.ParseExpression(code).WithTriviaFrom(creation)));
        }
    }
}
