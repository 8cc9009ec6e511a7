using System.Text;
using Bindwise.Lab.Drawing.Pictures;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>
/// Lays a grid out as a table; where its columns do not fit side by side, as several tables below each other with the same rows; and
/// where not even one column fits, as a list.
/// </summary>
public static class GridLayout
{
    private const int LongestHeaderWord = 18;
    private const int LeastHeader = 8;

    // A side and a space before the text, a space behind it.
    private const int Padding = 3;

    /// <summary>The grid as a picture of at most so many columns.</summary>
    public static Picture Of(Grid grid, int columns)
    {
        ArgumentNullException.ThrowIfNull(grid);
        grid = Clean(grid);
        var picture = new PictureBuilder(columns);
        if (grid.Title.Length > 0)
        {
            picture.Paragraph(grid.Title, Tone.Strong);
            picture.Space();
        }
        // A frame around nothing looks like a fault: what there is to say stands in the notes.
        if (!grid.Rows.IsEmpty)
        {
            Draw(picture, grid);
            if (!grid.Notes.IsEmpty)
                picture.Space();
        }
        foreach (var note in grid.Notes)
            picture.Paragraph(note, Tone.Dim);
        return picture.Build(grid.Title, Describe(grid));
    }

    private static void Draw(PictureBuilder picture, Grid grid)
    {
        var cells = CellWidths(grid);
        var header = HeaderWidth(grid, cells, picture.Columns);
        if (cells.Any(cell => Width(header, cell) > picture.Columns))
            List(picture, grid);
        else
            Tables(picture, grid, header, cells);
    }

    private static Grid Clean(Grid grid) => grid with
    {
        Title = Cells.Clean(grid.Title),
        Corner = Cells.Clean(grid.Corner),
        Columns = [.. grid.Columns.Select(Cells.Clean)],
        Rows = [.. grid.Rows.Select(row => new GridRow(Cells.Clean(row.Header), [.. row.Cells.Select(Clean)]))],
        Notes = [.. grid.Notes.Select(Cells.Clean)],
    };

    private static GridCell Clean(GridCell cell) => cell with { Word = Cells.Clean(cell.Word), Rule = cell.Rule is null ? null : Cells.Clean(cell.Rule) };

    // How wide a table of one column is.
    private static int Width(int header, int cell) => header + Padding + 1 + cell + Padding;

    private static void Tables(PictureBuilder picture, Grid grid, int header, int[] cells)
    {
        for (var first = 0; first < cells.Length;)
        {
            var end = first + 1;
            for (var width = Width(header, cells[first]); end < cells.Length && width + cells[end] + Padding <= picture.Columns; end++)
                width += cells[end] + Padding;
            if (first > 0)
                picture.Space();
            new GridTable(picture, grid, header, cells, first, end).Draw();
            first = end;
        }
    }

    private static int[] CellWidths(Grid grid)
    {
        var widths = new int[grid.Columns.Length];
        for (var index = 0; index < widths.Length; index++)
        {
            widths[index] = Math.Clamp(LongestWord(grid.Columns[index]), 2, LongestHeaderWord);
            foreach (var row in grid.Rows)
            {
                if (index < row.Cells.Length)
                    widths[index] = Math.Max(widths[index], Math.Max(Cells.Count(row.Cells[index].Word), Cells.Count(row.Cells[index].Rule)));
            }
        }
        return widths;
    }

    // Headers on one line where there is room for all columns, else as narrow as their words.
    private static int HeaderWidth(Grid grid, int[] cells, int columns)
    {
        var (whole, word) = (LongestWord(grid.Corner), LongestWord(grid.Corner));
        foreach (var row in grid.Rows)
            (whole, word) = (Math.Max(whole, Cells.Count(row.Header)), Math.Max(word, LongestWord(row.Header)));
        var most = Math.Max(LeastHeader, columns / 2);
        var room = columns - Padding - 1;
        foreach (var cell in cells)
            room -= cell + Padding;
        return whole <= Math.Max(room, LeastHeader) ? Math.Clamp(whole, LeastHeader, most)
            : room >= word ? Math.Clamp(room, LeastHeader, most)
            : Math.Clamp(word, LeastHeader, Math.Max(LeastHeader, columns / 3));
    }

    private static int LongestWord(string text)
    {
        var width = 0;
        foreach (var word in text.Split(' '))
            width = Math.Max(width, Cells.Count(word));
        return width;
    }

    private static void List(PictureBuilder picture, Grid grid)
    {
        foreach (var row in grid.Rows)
        {
            for (var index = 0; index < Math.Min(grid.Columns.Length, row.Cells.Length); index++)
            {
                var cell = row.Cells[index];
                if (cell.Word.Length > 0)
                    picture.Paragraph($"{row.Header}, {grid.Columns[index]}: {cell.Word}{(cell.Rule is null ? "" : " " + cell.Rule)}", cell.Tone, hang: 2);
            }
        }
    }

    private static string Describe(Grid grid)
    {
        var text = new StringBuilder();
        foreach (var row in grid.Rows)
        {
            text.Append(row.Header).Append(": ");
            for (var index = 0; index < Math.Min(grid.Columns.Length, row.Cells.Length); index++)
            {
                if (row.Cells[index] is { Word.Length: > 0 } cell)
                    text.Append(grid.Columns[index]).Append(' ').Append(cell.Word).Append(cell.Rule is null ? "; " : $" {cell.Rule}; ");
            }
        }
        return text.ToString();
    }
}
