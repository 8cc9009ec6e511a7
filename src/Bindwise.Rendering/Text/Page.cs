using Bindwise.Model.Text;

namespace Bindwise.Rendering.Text;

/// <summary>
/// The lines of one answer: rows with a label at the left and text that hangs at one column. On a terminal narrower than <see
/// cref="NarrowBelow"/> columns that column would eat the text: there the label stands in line with it.
/// </summary>
internal sealed class Page
{
    /// <summary>From this many columns on the labels have a column of their own.</summary>
    public const int NarrowBelow = 40;

    private readonly int? _width;
    private readonly bool _isNarrow;
    private readonly ImmutableArray<TextLine>.Builder _lines = ImmutableArray.CreateBuilder<TextLine>();

    public Page(TextOptions options)
    {
        Detail = options.Detail;
        _width = options.Width is { } columns ? Math.Max(columns, TextOptions.MinimumWidth) : null;
        _isNarrow = _width < NarrowBelow;
    }

    public Detail Detail { get; }

    public ImmutableArray<TextLine> Lines => _lines.ToImmutable();
    private int LabelIndent => _isNarrow ? 0 : 2;
    private int TextColumn => _isNarrow ? 2 : 8;

    /// <summary>The first line; wrapped only where more follows, so that --quiet is one line always.</summary>
    public void Headline(TextRole role, string text)
    {
        const int hang = 2;
        var indent = "";
        foreach (var spans in Wrapping.Break(new Paragraph().Add(role, text).Spans, Detail == Detail.Quiet ? null : _width, hang))
        {
            _lines.Add(new TextLine([.. Spaces(indent.Length), .. spans]));
            indent = new string(' ', hang);
        }
    }

    /// <param name="label">The label; empty for a further row under the same one.</param>
    /// <param name="indent">Columns by which this row stands further right.</param>
    /// <param name="hang">Columns by which its second and later lines stand further right still.</param>
    public void Row(string label, Paragraph text, int indent = 0, int hang = 0)
    {
        var start = StartOf(label, indent);
        var later = TextColumn + indent + hang;
        var isFirst = true;
        foreach (var spans in Wrapping.Break(text.Spans, _width - start, later - start))
        {
            _lines.Add(new TextLine([.. isFirst ? Margin(label, indent) : Spaces(later), .. spans]));
            isFirst = false;
        }
    }

    /// <summary>Rows under one label.</summary>
    public void Rows(string label, IEnumerable<Paragraph> texts, int indent = 0, int hang = 0)
    {
        foreach (var text in texts)
        {
            Row(label, text, indent, hang);
            label = "";
        }
    }

    /// <summary>A row that is never wrapped: a command, a line of a scenario.</summary>
    public void Verbatim(string label, TextRole role, string text, int indent = 0) =>
        _lines.Add(new TextLine([.. Margin(label, indent), new TextSpan(role, Escaper.Escape(text))]));

    /// <summary>
    /// A row that ends in something to be copied, which is never broken: on the same line where there is room for both, else whole on a
    /// line of its own.
    /// </summary>
    /// <param name="text">The text before it, escaped like all text.</param>
    public void RowWithCommand(string label, Paragraph text, string command)
    {
        const string gap = "  ";
        var span = new TextSpan(TextRole.Command, Escaper.Escape(command));
        var cells = text.Spans.Sum(static piece => CellWidth.Of(piece.Text)) + gap.Length + CellWidth.Of(span.Text);
        if (_width is null || StartOf(label, 0) + cells <= _width)
        {
            _lines.Add(new TextLine([.. Margin(label, 0), .. text.Spans, new TextSpan(TextRole.Text, gap), span]));
            return;
        }
        Row(label, text);
        _lines.Add(new TextLine([.. Spaces(TextColumn), span]));
    }

    private int StartOf(string label, int indent) => label.Length == 0 ? TextColumn + indent
        : _isNarrow ? label.Length + 2 + indent
        : Math.Max(LabelIndent + label.Length + 1, TextColumn + indent);

    private IEnumerable<TextSpan> Margin(string label, int indent) => label.Length == 0
        ? Spaces(StartOf(label, indent))
        :
        [
            .. Spaces(LabelIndent),
            new TextSpan(TextRole.Label, label),
            .. Spaces(StartOf(label, indent) - LabelIndent - label.Length),
        ];

    private static IEnumerable<TextSpan> Spaces(int count) => count == 0 ? [] : [new TextSpan(TextRole.Text, new string(' ', count))];
}
