using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>One table of a grid: some of its columns with all of its rows.</summary>
/// <param name="picture">Where it is drawn, below all else.</param>
/// <param name="grid">The grid, cleaned.</param>
/// <param name="header">The cells of the headers at the left.</param>
/// <param name="cells">The cells of every column of the grid.</param>
/// <param name="first">Its first column.</param>
/// <param name="end">The column behind its last.</param>
internal sealed class GridTable(PictureBuilder picture, Grid grid, int header, int[] cells, int first, int end)
{
    private readonly int top = picture.Rows;
    private int width = 1;
    private bool isSpaced;

    /// <summary>Draws it.</summary>
    public void Draw()
    {
        width = Left(end) - 1;
        var heads = new List<IReadOnlyList<string>>();
        var height = 0;
        for (var index = first; index < end; index++)
        {
            heads.Add(Cells.Wrap(grid.Columns[index], cells[index]));
            height = Math.Max(height, heads[^1].Count);
        }
        var corner = Cells.Wrap(grid.Corner, header);
        height = Math.Max(height, corner.Count);
        Across(top);
        Lines(2, top + 1 + height - corner.Count, corner, Tone.Dim);
        for (var index = first; index < end; index++)
            Lines(Left(index), top + 1 + height - heads[index - first].Count, heads[index - first], Tone.Strong);
        var row = top + 1 + height;
        isSpaced = grid.Rows.Any(line => HeightOf(line) > 1);
        for (var index = 0; index < grid.Rows.Length; index++)
        {
            if (index == 0 || isSpaced)
                Across(row++);
            row = Row(grid.Rows[index], row);
        }
        Across(row);
        Down(0, row);
        for (var index = first; index <= end; index++)
            Down(Left(index) - 2, row);
    }

    // Where the text of a column begins; of the one behind the last, where it would.
    private int Left(int index)
    {
        var left = header + 5;
        for (var before = first; before < index; before++)
            left += cells[before] + 3;
        return left;
    }

    private int HeightOf(GridRow row)
    {
        var height = Cells.Wrap(row.Header, header).Count;
        for (var index = first; index < Math.Min(end, row.Cells.Length); index++)
            height = Math.Max(height, row.Cells[index].Rule is null ? 1 : 2);
        return height;
    }

    private int Row(GridRow row, int top)
    {
        var height = HeightOf(row);
        Lines(2, top, Cells.Wrap(row.Header, header), Tone.Strong);
        for (var index = first; index < Math.Min(end, row.Cells.Length); index++)
        {
            var shown = row.Cells[index];
            if (shown.Word.Length == 0)
                continue;
            picture.Add(new Ground(Left(index) - 2, top, cells[index] + 3, height, shown.Tone) { IsBetweenLines = isSpaced }, top + height - 1);
            picture.Text(Left(index), top, shown.Word, shown.Tone);
            if (shown.Rule is { } rule)
                picture.Text(Left(index), top + 1, rule, Tone.Rule);
        }
        return top + height;
    }

    private void Lines(int column, int row, IReadOnlyList<string> lines, Tone tone)
    {
        foreach (var line in lines)
            picture.Text(column, row++, line, tone);
    }

    private void Across(int row) => picture.Add(new Stroke([new Cell(0, row), new Cell(width - 1, row)], Tone.Dim), row);

    private void Down(int column, int bottom) => picture.Add(new Stroke([new Cell(column, top), new Cell(column, bottom)], Tone.Dim), bottom);
}
