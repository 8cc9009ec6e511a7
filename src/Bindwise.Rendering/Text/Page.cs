using System.Collections.Immutable;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Rendering.Text;

/// <summary>The lines of one answer: rows with a label at the left and text that hangs at one column.</summary>
internal sealed class Page(TextOptions options)
{
    private const int LabelIndent = 2;
    private const int TextColumn = 8;

    private readonly int? width = options.Width is { } columns ? Math.Max(columns, TextOptions.MinimumWidth) : null;
    private readonly ImmutableArray<TextLine>.Builder lines = ImmutableArray.CreateBuilder<TextLine>();

    /// <summary>How much is shown.</summary>
    public Detail Detail { get; } = options.Detail;

    /// <summary>What was written so far.</summary>
    public ImmutableArray<TextLine> Lines => lines.ToImmutable();

    /// <summary>The first line; wrapped only where more follows, so that --quiet is one line always.</summary>
    public void Headline(TextRole role, string text)
    {
        var indent = "";
        foreach (var spans in Wrapping.Break(new Paragraph().Add(role, text).Spans, Detail == Detail.Quiet ? null : width, LabelIndent))
        {
            lines.Add(new TextLine([.. Indent(indent), .. spans]));
            indent = new string(' ', LabelIndent);
        }
    }

    /// <summary>A row of text.</summary>
    /// <param name="label">The label; empty for a further row under the same one.</param>
    /// <param name="text">The text.</param>
    /// <param name="indent">Columns by which this row stands further right.</param>
    /// <param name="hang">Columns by which its second and later lines stand further right still.</param>
    public void Row(string label, Paragraph text, int indent = 0, int hang = 0)
    {
        var first = true;
        foreach (var spans in Wrapping.Break(text.Spans, width - TextColumn - indent, hang))
        {
            lines.Add(new TextLine([.. Margin(first ? label : "", indent + (first ? 0 : hang)), .. spans]));
            first = false;
        }
    }

    /// <summary>A row that is never wrapped: a command, a line of a scenario.</summary>
    public void Verbatim(string label, TextRole role, string text, int indent = 0) =>
        lines.Add(new TextLine([.. Margin(label, indent), new TextSpan(role, Escaper.Escape(text))]));

    private static IEnumerable<TextSpan> Margin(string label, int indent) => label.Length == 0
        ? Indent(new string(' ', TextColumn + indent))
        :
        [
            new TextSpan(TextRole.Text, new string(' ', LabelIndent)),
            new TextSpan(TextRole.Label, label),
            new TextSpan(TextRole.Text, new string(' ', Math.Max(1, TextColumn + indent - LabelIndent - label.Length))),
        ];

    private static IEnumerable<TextSpan> Indent(string spaces) => spaces.Length == 0 ? [] : [new TextSpan(TextRole.Text, spaces)];
}
