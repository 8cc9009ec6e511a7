using System.Collections.Immutable;
using System.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>Several pictures below each other, as one.</summary>
public static class PictureStack
{
    private const int Space = 2;

    /// <summary>The pictures as one; one alone as it is.</summary>
    public static Picture Of(IReadOnlyList<Picture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures is [var only])
            return only;
        var marks = ImmutableArray.CreateBuilder<Mark>();
        var (row, columns) = (0, 0);
        var description = new StringBuilder();
        foreach (var picture in pictures)
        {
            foreach (var mark in picture.Marks)
                marks.Add(Lowered(mark, row));
            row += picture.Rows + Space;
            columns = Math.Max(columns, picture.Columns);
            description.Append(picture.Title).Append(": ").Append(picture.Description).Append('\n');
        }
        return new Picture(string.Join("; ", pictures.Select(static picture => picture.Title)), description.ToString().TrimEnd('\n'), columns, Math.Max(1, row - Space), marks.ToImmutable());
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
