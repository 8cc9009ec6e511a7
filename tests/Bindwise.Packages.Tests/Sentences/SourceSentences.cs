using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bindwise.Packages.Tests.Sentences;

/// <summary>A sentence that the code of a room can say, and where it stands.</summary>
/// <param name="Text">The text; what is only known when it is said is <see cref="SourceSentences.Hole"/>.</param>
/// <param name="Place">The file and the line.</param>
internal sealed record SourceSentence(string Text, string Place);

/// <summary>The sentences in a room's sources: messages of exceptions, templates of log events, advice.</summary>
internal static class SourceSentences
{
    /// <summary>What stands for a value.</summary>
    public const string Hole = "{}";

    /// <summary>All of them, file by file. A text without a blank is a name or a number and no sentence, unless it names a key of the configuration.</summary>
    public static IEnumerable<SourceSentence> Of(string room)
    {
        var folder = Repository.File("src/" + room);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin"));
        return files.Order(StringComparer.Ordinal).SelectMany(file => OfText(room, File.ReadAllText(file), Path.GetFileName(file)));
    }

    /// <summary>Those of one text.</summary>
    public static IEnumerable<SourceSentence> OfText(string room, string source, string name)
    {
        var root = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();
        foreach (var node in root.DescendantNodes())
        {
            var text = node switch
            {
                InterpolatedStringExpressionSyntax interpolated => string.Concat(interpolated.Contents.Select(part => Render(room, part))),
                LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => literal.Token.ValueText,
                _ => null,
            };
            if (text is null)
                continue;
            // OptionsRules.Fault puts the section before its key.
            if (node.Parent is ArgumentSyntax { Parent: ArgumentListSyntax { Arguments: var arguments, Parent: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Fault" } } } } argument && arguments[0] == argument)
                text = $"{AspNetCore.BindwiseOptions.SectionName}:{text}";
            if (text.Contains(' ', StringComparison.Ordinal) || text.StartsWith(AspNetCore.BindwiseOptions.SectionName + ":", StringComparison.Ordinal))
                yield return new SourceSentence(text, $"{name}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}");
        }
    }

    private static string Render(string room, InterpolatedStringContentSyntax part) => part switch
    {
        InterpolatedStringTextSyntax text => text.TextToken.ValueText,
        InterpolationSyntax { Expression: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" }, ArgumentList.Arguments: [var named] } } => LastName(named.Expression),
        InterpolationSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax type, Name.Identifier.ValueText: var field } } => Constant(room, type.Identifier.ValueText, field) ?? Hole,
        _ => Hole,
    };

    private static string LastName(ExpressionSyntax named) => named switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => Hole,
    };

    private static string? Constant(string room, string type, string field) => Shipped.Rooms.Prepend(room)
        .SelectMany(static one => Shipped.Assembly(one).GetTypes()).Where(one => one.Name == type)
        .Select(one => one.GetField(field, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true } constant ? constant.GetRawConstantValue()?.ToString() : null).FirstOrDefault(static one => one is not null);
}
