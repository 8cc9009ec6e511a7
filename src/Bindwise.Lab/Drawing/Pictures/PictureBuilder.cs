using System.Collections.Immutable;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>Collects marks and keeps the picture as tall as they need.</summary>
/// <param name="columns">The picture's width; no text goes beyond.</param>
internal sealed class PictureBuilder(int columns)
{
    /// <summary>Below this nothing can be laid out; a narrower terminal gets lines of this width.</summary>
    public const int LeastColumns = 20;

    private readonly ImmutableArray<Mark>.Builder marks = ImmutableArray.CreateBuilder<Mark>();

    /// <summary>The picture's width.</summary>
    public int Columns { get; } = Math.Max(LeastColumns, columns);

    /// <summary>The first row that nothing stands in or above.</summary>
    public int Rows { get; private set; }

    /// <summary>Adds a mark that reaches down to a row.</summary>
    public void Add(Mark mark, int lastRow)
    {
        marks.Add(mark);
        Rows = Math.Max(Rows, lastRow + 1);
    }

    /// <summary>Text at a place, cut at the picture's side.</summary>
    public void Text(int column, int row, string text, Tone tone = Tone.Plain, Anchor anchor = Anchor.Start, bool hasGround = false)
    {
        if (Cells.Fit(text, Columns - column) is { Length: > 0 } shown)
            Add(new Label(column, row, shown, tone) { Anchor = anchor, HasGround = hasGround }, row);
    }

    /// <summary>Whole lines of text below all else, wrapped.</summary>
    public void Paragraph(string text, Tone tone = Tone.Plain, int indent = 0, int hang = 0)
    {
        var first = true;
        foreach (var line in Cells.Wrap(text, Columns - indent, hang))
        {
            Text(indent + (first ? 0 : hang), Rows, line, tone);
            first = false;
        }
    }

    /// <summary>An empty row below all else.</summary>
    public void Space() => Rows++;

    /// <summary>The picture.</summary>
    public Picture Build(string title, string description) =>
        new(Cells.Clean(title), Cells.Clean(description), Columns, Math.Max(1, Rows), marks.ToImmutable());
}
