using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Watching;

/// <summary>
/// The rows of a view as a table: of widths that depend on the terminal alone, so that nothing jumps from one look to the next.
/// </summary>
internal static class WatchTable
{
    private const int Gap = 2;
    private const int Marker = 2;

    /// <summary>The names of the columns and the rows that are seen.</summary>
    public static IEnumerable<TextLine> Render(WatchState state, WatchLayout layout)
    {
        var columns = WatchCells.Of(state.View);
        var widths = Widths(columns, state.Columns - Marker);
        if (layout.HasHeaders)
            yield return new TextLine([new(TextRole.Label, new string(' ', Marker)
                + Line([.. columns.Select(static column => column.Header)], columns, widths))]);
        var top = state.Memory.Top;
        for (var place = 0; place < layout.Body; place++)
        {
            var index = top + place;
            if (index < state.Rows.Length)
                yield return Row(state, index, columns, widths);
            else
                yield return new TextLine(place == 0 ? [new(TextRole.Dim, Nothing(state))] : []);
        }
    }

    private static TextLine Row(WatchState state, int index, ImmutableArray<WatchColumn> columns, int[] widths)
    {
        var row = state.Rows[index];
        var text = Line(WatchCells.Of(row, state), columns, widths);
        var isWarned = row is PortRow { Port.Warnings.IsEmpty: false };
        if (index == state.Memory.Index)
            return new TextLine([new(TextRole.Selected, ScreenText.Pad((isWarned ? ">!" : "> ") + text, state.Columns))]);
        return new TextLine([new(isWarned ? TextRole.Warning : TextRole.Text, (isWarned ? "! " : "  ") + text)]);
    }

    private static string Line(ImmutableArray<string> cells, ImmutableArray<WatchColumn> columns, int[] widths)
    {
        var parts = new List<string>(columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            if (widths[i] > 0)
                parts.Add(ScreenText.Pad(cells[i].Length == 0 && columns[i].IsRight ? "-" : cells[i], widths[i], columns[i].IsRight));
        }
        return string.Join(new string(' ', Gap), parts).TrimEnd();
    }

    private static int[] Widths(ImmutableArray<WatchColumn> columns, int room)
    {
        var widths = columns.Select(static column => column.Least).ToArray();
        while (Whole(widths) > room)
        {
            var worst = -1;
            for (var i = 0; i < widths.Length; i++)
            {
                if (widths[i] > 0 && columns[i].Rank > 0 && (worst < 0 || columns[i].Rank > columns[worst].Rank))
                    worst = i;
            }
            if (worst < 0)
                break;
            widths[worst] = 0;
        }
        Grow(widths, room, i => columns[i].Usual);
        Grow(widths, room, i => columns[i].Most);
        return widths;
    }

    private static void Grow(int[] widths, int room, Func<int, int> most)
    {
        for (var i = 0; i < widths.Length; i++)
        {
            if (widths[i] > 0)
                widths[i] += Math.Clamp(room - Whole(widths), 0, Math.Max(0, most(i) - widths[i]));
        }
    }

    private static int Whole(int[] widths) => widths.Sum() + (Gap * Math.Max(0, widths.Count(static width => width > 0) - 1));

    private static string Nothing(WatchState state) => state.Filter.Length > 0 ? "Nothing here matches the filter."
        : state.View switch
        {
            WatchView.Failures => "Nothing has failed since this screen began.",
            _ when state.Shown.Census is null => "",
            WatchView.Ports => "No port is in use.",
            WatchView.TimeWait => "No connection is in TIME_WAIT.",
            _ => "No connection uses an ephemeral port.",
        };
}
