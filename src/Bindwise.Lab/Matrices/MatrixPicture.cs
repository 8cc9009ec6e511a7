using System.Collections.Immutable;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Matrices;

/// <summary>Several grids as one picture, one below the other.</summary>
public static class MatrixPicture
{
    /// <summary>Lays them out.</summary>
    /// <param name="grids">The grids.</param>
    /// <param name="legend">Lines below the last one.</param>
    /// <param name="columns">The cells across.</param>
    public static Picture Of(ImmutableArray<Grid> grids, ImmutableArray<string> legend, int columns)
    {
        var marks = ImmutableArray.CreateBuilder<Mark>();
        var rows = 0;
        var description = "";
        for (var index = 0; index < grids.Length; index++)
        {
            var isLast = index == grids.Length - 1;
            var picture = GridLayout.Of(isLast ? grids[index] with { Notes = [.. grids[index].Notes, .. legend] } : grids[index], columns);
            foreach (var mark in picture.Marks)
                marks.Add(Lowered(mark, rows));
            rows += picture.Rows + (isLast ? 0 : 1);
            description += $"{picture.Title}: {picture.Description} ";
            columns = picture.Columns;
        }
        return new Picture(grids.Length == 1 ? grids[0].Title : "Two sockets on one port", description.TrimEnd(), columns, Math.Max(1, rows), marks.ToImmutable());
    }

    // A grid is made of these three alone.
    private static Mark Lowered(Mark mark, int rows) => mark switch
    {
        Label label => label with { Row = label.Row + rows },
        Ground ground => ground with { Row = ground.Row + rows },
        Stroke stroke => stroke with { Points = Lowered(stroke.Points, rows) },
        _ => throw new ArgumentException($"A grid holds no {mark.GetType().Name}.", nameof(mark)),
    };

    private static ImmutableArray<Cell> Lowered(ImmutableArray<Cell> points, int rows)
    {
        var lowered = ImmutableArray.CreateBuilder<Cell>(points.Length);
        foreach (var point in points)
            lowered.Add(point with { Row = point.Row + rows });
        return lowered.MoveToImmutable();
    }
}
