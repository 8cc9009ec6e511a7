using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>Plays as a grid of two sockets: who was bound first at the left, who tried then above, and what that gave.</summary>
internal static class RecordGrid
{
    /// <summary>
    /// The grids of some plays, one a protocol, since sockets of different ones never meet; none where
    /// nobody tried to bind while another was bound.
    /// </summary>
    /// <param name="records">The plays, as the cases of a claim.</param>
    public static IReadOnlyList<Grid> Of(string title, IReadOnlyList<Record> records)
    {
        var attempts = new List<BindAttempt>();
        foreach (var record in records)
            attempts.AddRange(BindAttempt.In(record));
        var grids = new List<Grid>();
        foreach (var protocol in attempts.Select(static attempt => attempt.Protocol).Distinct())
        {
            var grid = Of(title, protocol == Protocol.Udp ? "UDP" : "TCP", attempts.FindAll(attempt => attempt.Protocol == protocol));
            if (!grid.Rows.IsEmpty)
                grids.Add(grid);
        }
        if (grids.Count > 0)
            grids[^1] = grids[^1] with { Notes = [.. records.Select(Caption.SourceOf).Distinct()] };
        return grids;
    }

    private static Grid Of(string title, string protocol, List<BindAttempt> attempts)
    {
        var rows = new List<string>();
        var columns = new List<string>();
        foreach (var attempt in attempts)
        {
            foreach (var holder in attempt.Holders)
                Once(rows, holder);
            if (attempt.Holders.Count > 0)
                Once(columns, attempt.Socket);
        }
        var lines = ImmutableArray.CreateBuilder<GridRow>(rows.Count);
        foreach (var row in rows)
            lines.Add(new GridRow(row, [.. columns.Select(column => CellOf(attempts, row, column))]));
        return new Grid($"{title}: {protocol}", "bound, then tried", [.. columns], lines.ToImmutable());
    }

    private static void Once(List<string> list, string text)
    {
        if (!list.Contains(text))
            list.Add(text);
    }

    // An empty cell was not tried. Two cases may try the same in other circumstances; then both results stand there.
    private static GridCell CellOf(List<BindAttempt> attempts, string row, string column)
    {
        GridCell? cell = null;
        foreach (var attempt in attempts)
        {
            if (attempt.Socket != column || !attempt.Holders.Contains(row))
                continue;
            var next = new GridCell(attempt.Result.Result + (attempt.IsListen ? " at listen" : ""),
                attempt.Result.Result == StepResult.Ok ? Tone.Good : Tone.Bad)
            {
                Rule = attempt.Result.Rule,
            };
            cell = cell is null || cell == next ? next : new GridCell($"{cell.Word} or {next.Word}", Tone.Unknown);
        }
        return cell ?? new GridCell("", Tone.Dim);
    }
}
