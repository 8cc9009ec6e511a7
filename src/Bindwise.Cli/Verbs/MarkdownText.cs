using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Explaining;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Bindwise.Cli.Verbs;

/// <summary>A page of the documentation as text for a terminal: the same words, without the marks.</summary>
/// <param name="links">What links become; null for their text alone.</param>
internal sealed class MarkdownText(PageLinks? links)
{
    // Stands for a blank at which no line is broken.
    private const char Tie = '\u00a0';

    private const int Indent = 2;
    private const int CodeIndent = 4;

    private static readonly MarkdownPipeline Dialect = new MarkdownPipelineBuilder().UsePipeTables().Build();

    /// <param name="width">The columns to wrap at, at least <see cref="TextOptions.MinimumWidth"/>; null
    /// for no wrapping. Code is never wrapped.</param>
    public ImmutableArray<TextLine> Render(string markdown, int? width)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        int? columns = width is { } wanted ? Math.Max(wanted, TextOptions.MinimumWidth) : null;
        foreach (var block in Markdown.Parse(markdown, Dialect))
            Append(lines, block, columns, lines.Count == 0 ? 0 : Indent);
        return lines.ToImmutable();
    }

    private void Append(ImmutableArray<TextLine>.Builder lines, Block block, int? width, int indent)
    {
        switch (block)
        {
            case HeadingBlock heading:
                Part(lines);
                Wrap(lines, new Paragraph().Add(heading.Level == 1 ? TextRole.Name : TextRole.Label, PlainText(heading.Inline)), width, "",
                    "");
                break;
            case ParagraphBlock paragraph:
                Part(lines, lines.Count > 0 && lines[^1].Spans.Any(static span => span.Role == TextRole.Label));
                if (IsListOfLinks(paragraph.Inline))
                    AddLinks(lines, paragraph.Inline!, width, indent);
                else
                    Wrap(lines, Words(paragraph.Inline), width, Spaces(indent), Spaces(indent));
                break;
            case ListBlock list:
                Part(lines, lines.Count > 0 && lines[^1].Spans.Any(static span => span.Role == TextRole.Label));
                Items(lines, list, width, indent);
                break;
            case CodeBlock code:
                Part(lines);
                foreach (var line in code.Lines.Lines.AsSpan(0, code.Lines.Count))
                    lines.Add(new TextLine([new TextSpan(TextRole.Text, Spaces(CodeIndent)),
                        new TextSpan(TextRole.Command, Escaper.Escape(line.ToString()))]));
                break;
            case Table table:
                Part(lines);
                Rows(lines, table, width, indent);
                break;
            case ContainerBlock container:
                foreach (var inner in container)
                    Append(lines, inner, width, indent);
                break;
        }
    }

    private void Items(ImmutableArray<TextLine>.Builder lines, ListBlock list, int? width, int indent)
    {
        var number = int.TryParse(list.OrderedStart, out var start) ? start : 1;
        foreach (var item in list)
        {
            var mark = Spaces(indent) + (list.IsOrdered ? $"{number++}. " : "- ");
            foreach (var part in (ListItemBlock)item)
            {
                if (part is ParagraphBlock paragraph)
                    Wrap(lines, Words(paragraph.Inline), width, mark, Spaces(mark.Length));
                else if (part is ListBlock inner)
                    Items(lines, inner, width, mark.Length);
                else
                    Append(lines, part, width, mark.Length);
                mark = Spaces(mark.Length);
            }
        }
    }

    // A table's columns rarely fit a terminal: each row is told as its first cell, and the others under it, each after its heading.
    private void Rows(ImmutableArray<TextLine>.Builder lines, Table table, int? width, int indent)
    {
        var headings = table.OfType<TableRow>().Where(static row => row.IsHeader).SelectMany(static row => row)
            .Select(cell => ((TableCell)cell).OfType<ParagraphBlock>().Select(part => PlainText(part.Inline)).FirstOrDefault("")).ToList();
        foreach (var row in table.OfType<TableRow>().Where(static row => !row.IsHeader))
        {
            var column = 0;
            foreach (var cell in row)
            {
                var heading = headings.ElementAtOrDefault(column) is { Length: > 0 } title ? title + ": " : "";
                foreach (var part in ((TableCell)cell).OfType<ParagraphBlock>())
                {
                    var text = new Paragraph().Add(TextRole.Dim, heading);
                    AddWords(text, part.Inline, TextRole.Text);
                    Wrap(lines, text, width, Spaces(column == 0 ? indent : indent + Indent), Spaces(indent + Indent));
                    heading = "";
                }
                column++;
            }
        }
    }

    private static void Wrap(ImmutableArray<TextLine>.Builder lines, Paragraph text, int? width, string first, string others)
    {
        var margin = first;
        foreach (var broken in Wrapping.Break(text.Spans, width - first.Length, 0))
        {
            var spans = broken.Select(static span => span with { Text = span.Text.Replace(Tie, ' ') }).ToImmutableArray();
            lines.Add(new TextLine(margin.Length == 0 ? spans : [new TextSpan(TextRole.Text, margin), .. spans]));
            margin = others;
        }
    }

    // Blocks stand apart; a heading and what follows it stand together.
    private static void Part(ImmutableArray<TextLine>.Builder lines, bool isUnderHeading = false)
    {
        if (lines.Count > 0 && !isUnderHeading)
            lines.Add(new TextLine([]));
    }

    private Paragraph Words(ContainerInline? inlines)
    {
        var text = new Paragraph();
        AddWords(text, inlines, TextRole.Text);
        return text;
    }

    private void AddWords(Paragraph text, ContainerInline? inlines, TextRole role)
    {
        for (var inline = inlines?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Add(role, literal.NextSibling is LinkInline next && IsOnlyRemark(next) ? "; " : WithoutBrackets(literal));
                    break;
                case LinkInline link when IsDeadInBrackets(link):
                    break;
                case CodeInline code:
                    text.Add(TextRole.Command, code.Content);
                    break;
                case LineBreakInline:
                    if (inline.NextSibling is not LiteralInline { NextSibling: var after } bracket || !IsDeadInBrackets(after)
                        || bracket.Content.Length > 1)
                        text.Add(role, " ");
                    break;
                case LinkInline link when IsOnlyRemark(link):
                    text.Add(role, PlainText(link) + ": ").Add(TextRole.Command, links!.Resolve(link.Url)!.Replace(' ', Tie));
                    break;
                case LinkInline link:
                    AddLink(text, link, role);
                    break;
                case AutolinkInline address:
                    text.Add(TextRole.Command, address.Url);
                    break;
                case EmphasisInline emphasis:
                    AddWords(text, emphasis, TextRole.Name);
                    break;
                case ContainerInline container:
                    AddWords(text, container, role);
                    break;
            }
        }
    }

    // "See also": links with commas between them, each a line of its own here.
    private bool IsListOfLinks(ContainerInline? inlines)
    {
        if (links is null || inlines?.OfType<LinkInline>().Any(link => links.Resolve(link.Url) is not null) is not true)
            return false;
        foreach (var inline in inlines)
        {
            var belongs = inline switch
            {
                LinkInline link => links.Resolve(link.Url) is not { } shown || PageLinks.IsCommand(shown),
                LiteralInline text => IsBetweenLinks(text.Content.ToString()),
                _ => inline is LineBreakInline,
            };
            if (!belongs)
                return false;
        }
        return true;
    }

    private static bool IsBetweenLinks(string text) =>
        text.Split([',', '.', ';', ' '], StringSplitOptions.RemoveEmptyEntries)
            .All(static word => word is "cause" or "causes" or "term" or "terms" or "rule" or "rules" or "and");

    private void AddLinks(ImmutableArray<TextLine>.Builder lines, ContainerInline inlines, int? width, int indent)
    {
        foreach (var command in inlines.OfType<LinkInline>().Select(link => links!.Resolve(link.Url)).OfType<string>())
            Wrap(lines, new Paragraph().Add(TextRole.Command, command), width, Spaces(indent), Spaces(indent));
    }

    private void AddLink(Paragraph text, LinkInline link, TextRole role)
    {
        var shown = PlainText(link);
        var command = links?.Resolve(link.Url);
        if (command is null)
        {
            AddWords(text, link, role);
            return;
        }
        // In brackets, and before a colon, the command says it all; within a sentence it would not read.
        var (before, after) = (link.PreviousSibling?.ToString(), link.NextSibling?.ToString());
        var isAlone = before is null && after is [':', ..] || before is [.., '('] && after is [')', ..];
        if (isAlone && command.EndsWith(" " + shown, StringComparison.Ordinal) || command == shown)
            text.Add(TextRole.Command, command.Replace(' ', Tie));
        else
        {
            AddWords(text, link, role);
            text.Add(role, " (").Add(TextRole.Command, command.Replace(' ', Tie)).Add(role, ")");
        }
    }

    // "text ([page](page.md))." of a page that can only be read elsewhere: "text."
    private bool IsDeadInBrackets(Inline? inline) =>
        links is not null && inline is LinkInline { PreviousSibling: LiteralInline before, NextSibling: LiteralInline after } link
        && links.Resolve(link.Url) is null && before.Content.ToString().EndsWith('(') && after.Content.ToString().StartsWith(')');

    private string WithoutBrackets(LiteralInline literal)
    {
        var text = literal.Content.ToString();
        if (IsDeadInBrackets(literal.PreviousSibling))
            text = text[1..];
        return IsDeadInBrackets(literal.NextSibling) ? text[..^1].TrimEnd(' ') : text;
    }

    // "`command`: [why](page)": what stands after the colon is another command, and would read as part of the first.
    private bool IsOnlyRemark(LinkInline link) =>
        link is { PreviousSibling: LiteralInline { PreviousSibling: CodeInline } before, NextSibling: null }
        && before.Content.ToString() == ": " && links?.Resolve(link.Url) is { } command && PageLinks.IsCommand(command);

    private string PlainText(ContainerInline? inlines) => string.Concat(Words(inlines).Spans.Select(static span => span.Text));

    private static string Spaces(int count) => new(' ', count);
}

/// <summary>What a link on a page becomes in a terminal: the command that shows what it leads to, where this program has it.</summary>
/// <param name="from">What the page with the link is about: its folder is where links start.</param>
internal sealed class PageLinks(PageStore store, PageKind from)
{
    private const string Program = "bindwise ";
    private const string ClaimList = "../claims.md#";
    private const string PageEnding = ".md";

    /// <summary>The command, or the address of the web; null for what can only be read elsewhere.</summary>
    public string? Resolve(string? url)
    {
        if (url is null)
            return null;
        if (url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("http://", StringComparison.Ordinal))
            return url;
        if (url.StartsWith(ClaimList, StringComparison.Ordinal))
            return ScenarioCatalogue.Claims.Contains(url[ClaimList.Length..]) ? $"{Program}lab show {url[ClaimList.Length..]}" : null;
        var path = url.Split('#')[0];
        var parts = path.Split('/');
        PageKind? kind = parts switch
        {
            [_] => from,
            ["..", "terms", _] => PageKind.Term,
            ["..", "causes", _] => PageKind.Cause,
            ["..", "rules", _] => PageKind.Rule,
            _ => null,
        };
        if (kind is null || !path.EndsWith(PageEnding, StringComparison.Ordinal))
            return null;
        var page = store.Pages.FirstOrDefault(page => page.Kind == kind && page.Id == parts[^1][..^PageEnding.Length]);
        return page is null ? null : CommandFor(page);
    }

    /// <summary>Whether it is a command, and not an address of the web.</summary>
    public static bool IsCommand(string resolved) => resolved.StartsWith(Program, StringComparison.Ordinal);

    public static string CommandFor(SubjectPage page) => $"{Program}explain {(page.Kind == PageKind.Term ? page.Title : page.Id)}";
}
