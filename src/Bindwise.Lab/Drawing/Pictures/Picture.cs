using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// What is to be drawn, laid out on cells: a column is one character of a terminal, a row one of its lines. The terminal and the SVG file
/// show the same picture, so a place is decided once.
/// </summary>
/// <param name="Title">What it shows, a few words; cleaned (<see cref="Cells.Clean"/>).</param>
/// <param name="Description">The same in sentences, for who cannot see it; cleaned.</param>
/// <param name="Marks">What stands in it. Where two marks want the same cell the later one wins, except that lines join.</param>
internal sealed record Picture(string Title, string Description, int Columns, int Rows, ImmutableArray<Mark> Marks);

/// <summary>What an arrow has at its end, which shows what became of the segment.</summary>
internal enum ArrowEnd : byte
{
    Arrives,
    IsHeld,
    IsLost,
    GoesOn,
}

/// <summary>A frame around cells, with room for text inside.</summary>
/// <param name="Width">How many columns with both sides, from 2.</param>
/// <param name="Height">How many rows with both sides, from 2.</param>
/// <param name="IsHeavy">Drawn with a thick line: heavy box-drawing characters on a terminal.</param>
internal sealed record Frame(int Column, int Row, int Width, int Height, Tone Tone, bool IsHeavy = false) : Mark(Tone);

/// <summary>Collects marks and keeps the picture as tall as they need.</summary>
/// <param name="columns">The picture's width; no text goes beyond.</param>
internal sealed class PictureBuilder(int columns)
{
    /// <summary>Below this nothing can be laid out; a narrower terminal gets lines of this width.</summary>
    public const int LeastColumns = 20;

    private readonly ImmutableArray<Mark>.Builder _marks = ImmutableArray.CreateBuilder<Mark>();

    public int Columns { get; } = Math.Max(LeastColumns, columns);

    /// <summary>The first row that nothing stands in or above.</summary>
    public int Rows { get; private set; }

    /// <summary>Adds a mark that reaches down to a row.</summary>
    public void Add(Mark mark, int lastRow)
    {
        _marks.Add(mark);
        Rows = Math.Max(Rows, lastRow + 1);
    }

    /// <summary>Text at a place, cut at the picture's side.</summary>
    public void Text(int column, int row, string text, Tone tone = Tone.Plain, MarkAnchor anchor = MarkAnchor.Start, bool hasGround = false)
    {
        if (Cells.Fit(text, Columns - column) is { Length: > 0 } shown)
            Add(new Label(column, row, shown, tone) { Anchor = anchor, HasGround = hasGround }, row);
    }

    /// <summary>Whole lines of text below all else, wrapped.</summary>
    public void Paragraph(string text, Tone tone = Tone.Plain, int indent = 0, int hang = 0) => Lines(text, tone, indent, Rows, hang);

    /// <summary>Lines of text from a place on, wrapped.</summary>
    /// <returns>The row after them.</returns>
    public int Lines(string text, Tone tone, int column, int row, int hang)
    {
        var indent = 0;
        foreach (var line in Cells.Wrap(text, Columns - column, hang))
        {
            Text(column + indent, row++, line, tone);
            indent = hang;
        }
        return row;
    }

    public void Space() => Rows++;

    public Picture Build(string title, string description) => new(Cells.Clean(title), Cells.Clean(description),
        Math.Min(Columns, _marks.Select(EndOf).Append(1).Max()), Math.Max(1, Rows), _marks.ToImmutable());

    // The column after a mark.
    private static int EndOf(Mark mark) => mark switch
    {
        Label label => label.Column + CellWidth.Of(label.Text),
        Stroke stroke => stroke.Points.Max(static point => point.Column) + 1,
        Arrow arrow => Math.Max(arrow.From, arrow.To) + 1,
        Track track => track.Column + 1,
        Frame frame => frame.Column + frame.Width,
        Ground ground => ground.Column + ground.Width + 1,
        Gap gap => gap.To + 1,
        Meter meter => meter.Column + meter.Width,
        _ => 0,
    };
}

/// <summary>Several pictures below each other, as one.</summary>
internal static class PictureStack
{
    private const int Space = 2;

    /// <summary>The pictures as one; one alone as it is.</summary>
    public static Picture Of(IReadOnlyList<Picture> pictures)
    {
        if (pictures is [var only])
            return only;
        var marks = ImmutableArray.CreateBuilder<Mark>();
        var (row, columns) = (0, 0);
        var description = new StringBuilder();
        foreach (var picture in pictures)
        {
            marks.AddRange(picture.Marks.Select(mark => Lowered(mark, row)));
            row += picture.Rows + Space;
            columns = Math.Max(columns, picture.Columns);
            description.Append(picture.Title).Append(": ").Append(picture.Description).Append('\n');
        }
        return new Picture(string.Join("; ", pictures.Select(static picture => picture.Title)), description.ToString().TrimEnd('\n'),
            columns, Math.Max(1, row - Space), marks.ToImmutable());
    }

    private static Mark Lowered(Mark mark, int rows) => mark switch
    {
        Label label => label with { Row = label.Row + rows },
        Stroke stroke => stroke with { Points = [.. stroke.Points.Select(point => new Cell(point.Column, point.Row + rows))] },
        Arrow arrow => arrow with { Row = arrow.Row + rows },
        Track track => track with { Row = track.Row + rows, EndRow = track.EndRow + rows },
        Frame frame => frame with { Row = frame.Row + rows },
        Ground ground => ground with { Row = ground.Row + rows },
        Gap gap => gap with { Row = gap.Row + rows },
        Meter meter => meter with { Row = meter.Row + rows },
        _ => mark,
    };
}
