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
    /// <param name="columns">The cells across, at most.</param>
    public static Picture Of(ImmutableArray<Grid> grids, ImmutableArray<string> legend, int columns)
    {
        var pictures = new List<Picture>(grids.Length);
        foreach (var grid in grids)
            pictures.Add(GridLayout.Of(pictures.Count == grids.Length - 1 ? grid with { Notes = [.. grid.Notes, .. legend] } : grid, columns));
        var picture = PictureStack.Of(pictures);
        return pictures.Count == 1 ? picture : picture with { Title = "Two sockets on one port" };
    }
}
