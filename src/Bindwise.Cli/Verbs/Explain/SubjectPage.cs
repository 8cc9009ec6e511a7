using System.Collections.Immutable;
using Markdig.Syntax;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>A page of the documentation that explains one subject: a term, a cause or a rule.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Id">The file's name without its ending.</param>
/// <param name="Markdown">The page as it stands.</param>
public sealed record SubjectPage(PageKind Kind, string Id, string Markdown)
{
    private const string AlsoMark = "\nAlso: ";
    private const string TitleMark = "# ";
    private const string ProveMark = "bindwise lab prove ";

    /// <summary>The path from the root of the repository.</summary>
    public string Path => $"docs/{Kind switch { PageKind.Term => "terms", PageKind.Cause => "causes", _ => "rules" }}/{Id}.md";

    /// <summary>The heading.</summary>
    public string Title => FirstLine(Markdown)[TitleMark.Length..];

    /// <summary>What it is about, in one sentence: the first of the text, of a rule the heading's own.</summary>
    public string Summary
    {
        get
        {
            if (Kind == PageKind.Rule)
                return Title[(Title.IndexOf(": ", StringComparison.Ordinal) + 2)..];
            var text = Markdown[(FirstLine(Markdown).Length + 1)..].TrimStart('\n');
            var paragraph = text[..Math.Max(0, text.IndexOf("\n\n", StringComparison.Ordinal))].ReplaceLineEndings(" ");
            for (var at = 0; (at = paragraph.IndexOfAny(['.', ':'], at)) >= 0; at++)
            {
                if (at + 1 == paragraph.Length || paragraph[at] == '.' && paragraph[at + 1] == ' ' && (at + 2 == paragraph.Length || char.IsUpper(paragraph[at + 2])))
                    return paragraph[..(at + 1)];
            }
            return paragraph;
        }
    }

    /// <summary>Other words for it.</summary>
    public ImmutableArray<string> Also
    {
        get
        {
            var start = Markdown.IndexOf(AlsoMark, StringComparison.Ordinal);
            if (start < 0)
                return [];
            start += AlsoMark.Length;
            var end = Markdown.IndexOf("\n\n", start, StringComparison.Ordinal);
            return [.. Markdown[start..end].ReplaceLineEndings(" ").TrimEnd('.').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }
    }

    /// <summary>The scenarios on the page, as .bind files.</summary>
    public ImmutableArray<string> Scenarios =>
        [.. Markdig.Markdown.Parse(Markdown).Descendants<FencedCodeBlock>().Where(static code => code.Info == "bind").Select(static code => code.Lines.ToString())];

    /// <summary>The claims that show it live, by their ids.</summary>
    public ImmutableArray<string> Claims
    {
        get
        {
            var ids = ImmutableArray.CreateBuilder<string>();
            for (var at = 0; (at = Markdown.IndexOf(ProveMark, at, StringComparison.Ordinal)) >= 0;)
            {
                at += ProveMark.Length;
                var end = Markdown.IndexOfAny(['`', '\n', ' '], at);
                ids.Add(Markdown[at..(end < 0 ? Markdown.Length : end)]);
            }
            return ids.ToImmutable();
        }
    }

    private static string FirstLine(string text) => text[..text.IndexOf('\n', StringComparison.Ordinal)];
}
