namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Which cells of which rows are taken.</summary>
internal sealed class RowSpace(int columns)
{
    private readonly Dictionary<int, bool[]> rows = [];

    /// <summary>Takes cells, with a blank on both sides.</summary>
    public void Take(int row, int first, int last)
    {
        if (!rows.TryGetValue(row, out var cells))
            rows.Add(row, cells = new bool[columns]);
        for (var column = Math.Max(0, first - 1); column <= Math.Min(columns - 1, last + 1); column++)
            cells[column] = true;
    }

    /// <summary>Nothing stands there.</summary>
    public bool IsFree(int row, int first, int last, int height = 1)
    {
        for (var line = row; line < row + height; line++)
        {
            if (rows.TryGetValue(line, out var cells) && cells.AsSpan()[Math.Max(0, first)..Math.Min(columns, last + 1)].Contains(true))
                return false;
        }
        return true;
    }

    /// <summary>The first row from one on in which nothing stands there.</summary>
    public int FreeFrom(int row, int first, int last)
    {
        while (!IsFree(row, first, last))
            row++;
        return row;
    }
}
