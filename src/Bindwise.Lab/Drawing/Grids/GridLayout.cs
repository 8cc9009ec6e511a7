using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>
/// Lays a grid out as a table; where its columns do not fit side by side, as several tables below each other with the same rows; and where
/// not even one column fits, as a list.
/// </summary>
internal static class GridLayout
{
    private const int LongestHeaderWord = 18;
    private const int LeastHeader = 8;

    // A side and a space before the text, a space after it.
    private const int Padding = 3;

    public static Picture Of(Grid grid, int columns)
    {
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

    private static GridCell Clean(GridCell cell) =>
        cell with { Word = Cells.Clean(cell.Word), Rule = cell.Rule is null ? null : Cells.Clean(cell.Rule) };

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
        var widths = grid.Columns.Select(static column => Math.Clamp(LongestWord(column), 2, LongestHeaderWord)).ToArray();
        foreach (var row in grid.Rows)
        {
            for (var index = 0; index < Math.Min(widths.Length, row.Cells.Length); index++)
                widths[index] = Math.Max(widths[index], Math.Max(CellWidth.Of(row.Cells[index].Word), CellWidth.Of(row.Cells[index].Rule)));
        }
        return widths;
    }

    // Headers on one line where there is room for all columns, else as narrow as their words.
    private static int HeaderWidth(Grid grid, int[] cells, int columns)
    {
        var (whole, word) = (LongestWord(grid.Corner), LongestWord(grid.Corner));
        foreach (var row in grid.Rows)
            (whole, word) = (Math.Max(whole, CellWidth.Of(row.Header)), Math.Max(word, LongestWord(row.Header)));
        var most = Math.Max(LeastHeader, columns / 2);
        var room = columns - Padding - 1 - cells.Sum(static cell => cell + Padding);
        return whole <= Math.Max(room, LeastHeader) ? Math.Clamp(whole, LeastHeader, most)
            : room >= word ? Math.Clamp(room, LeastHeader, most)
            : Math.Clamp(word, LeastHeader, Math.Max(LeastHeader, columns / 3));
    }

    private static int LongestWord(string text) => text.Split(' ').Max(static word => CellWidth.Of(word));

    private static void List(PictureBuilder picture, Grid grid)
    {
        foreach (var row in grid.Rows)
        {
            for (var index = 0; index < Math.Min(grid.Columns.Length, row.Cells.Length); index++)
            {
                var cell = row.Cells[index];
                if (cell.Word.Length > 0)
                    picture.Paragraph($"{row.Header}, {grid.Columns[index]}: {cell.Word}{(cell.Rule is null ? "" : " " + cell.Rule)}",
                        cell.Tone, hang: 2);
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

/// <summary>One table of a grid: some of its columns with all of its rows.</summary>
/// <param name="picture">Where it is drawn, below all else.</param>
internal sealed class GridTable(PictureBuilder picture, Grid grid, int header, int[] cells, int first, int end)
{
    private readonly int _top = picture.Rows;
    private int _width = 1;
    private bool _isSpaced;

    public void Draw()
    {
        _width = Left(end) - 1;
        var heads = Enumerable.Range(first, end - first).Select(index => Cells.Wrap(grid.Columns[index], cells[index])).ToList();
        var corner = Cells.Wrap(grid.Corner, header);
        var height = Math.Max(corner.Count, heads.Max(static head => head.Count));
        Across(_top);
        Lines(2, _top + 1 + height - corner.Count, corner, Tone.Dim);
        for (var index = first; index < end; index++)
            Lines(Left(index), _top + 1 + height - heads[index - first].Count, heads[index - first], Tone.Strong);
        var row = _top + 1 + height;
        _isSpaced = grid.Rows.Any(line => HeightOf(line) > 1);
        for (var index = 0; index < grid.Rows.Length; index++)
        {
            if (index == 0 || _isSpaced)
                Across(row++);
            row = Row(grid.Rows[index], row);
        }
        Across(row);
        Down(0, row);
        for (var index = first; index <= end; index++)
            Down(Left(index) - 2, row);
    }

    // Where the text of a column begins; of the one after the last, where it would.
    private int Left(int index) => header + 5 + cells[first..index].Sum(static cell => cell + 3);

    private int HeightOf(GridRow row) => row.Cells.Take(first..end).Select(static cell => cell.Rule is null ? 1 : 2)
        .Append(Cells.Wrap(row.Header, header).Count).Max();

    private int Row(GridRow row, int top)
    {
        var height = HeightOf(row);
        Lines(2, top, Cells.Wrap(row.Header, header), Tone.Strong);
        for (var index = first; index < Math.Min(end, row.Cells.Length); index++)
        {
            var shown = row.Cells[index];
            if (shown.Word.Length == 0)
                continue;
            picture.Add(new Ground(Left(index) - 2, top, cells[index] + 3, height, shown.Tone) { IsBetweenLines = _isSpaced },
                top + height - 1);
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

    private void Across(int row) => picture.Add(new Stroke([new Cell(0, row), new Cell(_width - 1, row)], Tone.Dim), row);

    private void Down(int column, int bottom) =>
        picture.Add(new Stroke([new Cell(column, _top), new Cell(column, bottom)], Tone.Dim), bottom);
}

/// <summary>
/// A table of results: what stands at the left meets what stands above. Any text may be given; it is cleaned when it is laid out.
/// </summary>
/// <param name="Title">What it shows, a few words; may be empty.</param>
/// <param name="Corner">What the headers at the left, and those above, stand for: <c>first socket, then second</c>; may be empty.</param>
/// <param name="Rows">The rows, each with as many cells as there are columns; a missing cell is empty.</param>
internal sealed record Grid(string Title, string Corner, ImmutableArray<string> Columns, ImmutableArray<GridRow> Rows)
{
    /// <summary>Lines below: where it comes from, what the words mean.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

internal sealed record GridRow(string Header, ImmutableArray<GridCell> Cells);

/// <param name="Word">The result: <c>ok</c>, <c>EADDRINUSE</c>, <c>unknown</c>. Empty for a cell that holds nothing.</param>
/// <param name="Tone">How it is to be taken: <see cref="Tone.Good"/>, <see cref="Tone.Bad"/>, <see cref="Tone.Unknown"/> or
/// <see cref="Tone.Dim"/>.</param>
/// <param name="Rule">The id of the rule that decided, shown below the word; null for none.</param>
internal sealed record GridCell(string Word, Tone Tone, string? Rule = null);
