using System.Runtime.InteropServices;
using Bindwise.Model.Text;
using static System.FormattableString;

namespace Bindwise.Rendering.Listing;

/// <summary>
/// A listing as text: a table of one line a port. Where the terminal has no room for it, cells are cut, what is unusual goes to a line
/// below, and on the narrowest each port has a paragraph. Without a width nothing is cut.
/// </summary>
internal static class PortTable
{
    private const string Between = "  ";
    private const int Gap = 2;
    private const int Indent = 2;

    // Below this the cut cells of a table tell nothing.
    private const int NarrowBelow = 72;

    // Which column gives way to what width, in this order; 0: left out where no cell of it says anything.
    private static readonly (int Column, int Width)[] Shrinking =
        [(8, 24), (1, 20), (7, 0), (6, 0), (2, 20), (8, 16), (4, 8), (1, 15), (2, 15), (0, 16), (8, 10), (2, 10), (1, 9), (8, 6), (4, 4),
            (2, 6), (3, 7), (0, 9)];

    private static readonly ImmutableArray<string> Headers = ["PORT", "ADDRESS", "OWNER", "PID", "USER", "SINCE", "CONNS", "QUEUE", "FROM"];
    private static readonly ImmutableArray<bool> IsRight = [false, false, false, false, false, false, true, true, false];

    public static ImmutableArray<TextLine> Render(PortListing listing, int? width)
    {
        if (listing.Ports.IsEmpty)
            return [];
        listing = listing with { Ports = FoldedPorts.Of(listing) };
        var cells = new PortCells(listing);
        var columns = width is { } asked ? Math.Max(asked, TextOptions.MinimumWidth) : (int?)null;
        if (columns < NarrowBelow)
            return [.. listing.Ports.SelectMany(port => Paragraphs(cells, port, columns.Value))];
        List<ImmutableArray<string>> rows = [.. listing.Ports.Select(port => Cells(cells, port))];
        var widths = Widths(rows, columns);
        if (columns < Whole(widths))
            return [.. listing.Ports.SelectMany(port => Paragraphs(cells, port, columns.Value))];
        var lines = ImmutableArray.CreateBuilder<TextLine>(rows.Count + 1);
        var padded = new PaddedCells(widths);
        lines.Add(padded.Line(Headers, static _ => TextRole.Label, isLast: true));
        for (var i = 0; i < rows.Count; i++)
            AddRow(lines, rows[i], padded, listing.Ports[i], columns);
        return lines.DrainToImmutable();
    }

    private static ImmutableArray<string> Cells(PortCells cells, ListedPort port) =>
    [
        PortCells.Target(port), cells.Addresses(port), PortCells.Owner(port), PortCells.Pid(port), PortCells.User(port), cells.Since(port),
        PortCells.Connections(port),
        PortCells.Queue(port), PortCells.From(port),
    ];

    private static int[] Widths(List<ImmutableArray<string>> rows, int? columns)
    {
        var widths = new int[Headers.Length];
        for (var i = 0; i < widths.Length; i++)
        {
            widths[i] = Headers[i].Length;
            foreach (var row in rows)
                widths[i] = Math.Max(widths[i], CellWidth.Of(row[i]));
        }
        foreach (var (column, width) in Shrinking)
        {
            var excess = Whole(widths) - (columns ?? int.MaxValue);
            if (excess <= 0)
                break;
            if (width > 0 && widths[column] > width)
                widths[column] = Math.Max(width, widths[column] - excess);
            else if (width == 0 && rows.TrueForAll(row => IsIdle(row[column])))
                widths[column] = 0;
        }
        return widths;
    }

    /// <summary>No connections, or none that waits for accept().</summary>
    private static bool IsIdle(string cell) => cell is "" or "0" || cell.StartsWith("0/", StringComparison.Ordinal);

    private static int Whole(int[] widths) => widths.Sum() + (Gap * (widths.Count(static width => width > 0) - 1));

    private static void AddRow(ImmutableArray<TextLine>.Builder lines, ImmutableArray<string> row, PaddedCells padded, ListedPort port,
        int? columns)
    {
        var tail = Tail(port);
        if (tail.IsEmpty)
        {
            lines.Add(padded.Line(row, Role, isLast: true));
            return;
        }
        var isOneLine = columns is null || Whole(padded.Widths) + Gap + tail.Sum(static span => CellWidth.Of(span.Text)) <= columns;
        var line = padded.Line(row, Role, isLast: !isOneLine);
        if (isOneLine)
        {
            lines.Add(new TextLine([.. line.Spans, new TextSpan(TextRole.Text, Between), .. tail]));
            return;
        }
        lines.Add(line);
        lines.AddRange(Hung(tail, columns!.Value, Indent));
    }

    private static TextRole Role(int column) => column switch
    {
        0 => TextRole.Name,
        4 or 5 => TextRole.Dim,
        _ => TextRole.Text,
    };

    /// <summary>Cells as wide as their columns. Most rows have what the row above has in most columns: the same text then.</summary>
    private sealed class PaddedCells(int[] widths)
    {
        private readonly (string? Cell, string Text)[] _above = new (string?, string)[widths.Length];
        private readonly int _shown = widths.Count(static width => width > 0);

        public int[] Widths => widths;

        /// <param name="isLast">Nothing stands behind it: the last cell is not padded.</param>
        public TextLine Line(ImmutableArray<string> row, Func<int, TextRole> role, bool isLast)
        {
            var spans = new TextSpan[_shown];
            var at = 0;
            for (var i = 0; i < widths.Length; i++)
            {
                if (widths[i] == 0)
                    continue;
                var isEnd = i == widths.Length - 1;
                // An empty cell shows a hyphen, so that the columns can be parted by blanks.
                var cell = row[i].Length == 0 ? "-" : row[i];
                ref var above = ref _above[i];
                if (isEnd && isLast)
                    spans[at++] = new TextSpan(role(i), PortCells.Fit(cell, widths[i]));
                else if (above.Cell == cell)
                    spans[at++] = new TextSpan(role(i), above.Text);
                else
                    spans[at++] = new TextSpan(role(i), (above = (cell, Padded(cell, i, isEnd ? 0 : Gap))).Text);
            }
            return new TextLine(ImmutableCollectionsMarshal.AsImmutableArray(spans));
        }

        private string Padded(string cell, int column, int gap)
        {
            var fitting = PortCells.Fit(cell, widths[column]);
            var length = fitting.Length + widths[column] - CellWidth.Of(fitting);
            return IsRight[column] ? fitting.PadLeft(length).PadRight(length + gap) : fitting.PadRight(length + gap);
        }
    }

    private static ImmutableArray<TextSpan> Tail(ListedPort port)
    {
        var (states, warnings) = (PortCells.States(port), PortCells.Warnings(port));
        if (warnings.Length == 0)
            return states.Length == 0 ? [] : [new TextSpan(TextRole.Text, states)];
        var warning = new TextSpan(TextRole.Warning, warnings);
        return states.Length == 0 ? [warning] : [new TextSpan(TextRole.Text, states + "; "), warning];
    }

    private static IEnumerable<TextLine> Hung(IReadOnlyList<TextSpan> spans, int columns, int indent)
    {
        var margin = new TextSpan(TextRole.Text, new string(' ', indent));
        return Wrapping.Break(spans, columns - indent, 0).Select(line => new TextLine([margin, .. line]));
    }

    private static IEnumerable<TextLine> Paragraphs(PortCells cells, ListedPort port, int columns)
    {
        var room = columns - Indent;
        yield return new TextLine([new TextSpan(TextRole.Name, PortCells.Fit(PortCells.Target(port), columns))]);
        var text = new Paragraph();
        void Add(string words, string value, TextRole role = TextRole.Text)
        {
            if (value.Length > 0)
                text.AddFact(words).Add(role, PortCells.Fit(value, room - 1));
        }
        foreach (var address in cells.Addresses(port).Split(',', StringSplitOptions.RemoveEmptyEntries))
            Add("", address);
        Add("", PortCells.Owner(port), TextRole.Name);
        if (PortCells.Pid(port) is { Length: > 0 } pid)
            text.Add(" pid ").Add(pid);
        Add("user ", PortCells.User(port));
        Add("", PortCells.From(port));
        Add("since ", cells.Since(port));
        if (port.Connections is { } count)
            text.AddFact(Invariant($"{count} {(count == 1 ? "connection" : "connections")}"));
        Add("queue ", PortCells.Queue(port));
        var tail = Tail(port);
        if (!tail.IsEmpty)
        {
            text.AddFact("");
            foreach (var span in tail)
                text.Add(span.Role, span.Text);
        }
        foreach (var line in Hung(text.Spans, columns, Indent))
            yield return line;
    }
}

/// <summary>
/// Ports of one server that stand one below the other and differ in nothing else: one line, with how many they are. JSON has each of them.
/// </summary>
internal static class FoldedPorts
{
    private const int Least = 4;

    /// <summary>So many numbers and ranges are told of ports with gaps between.</summary>
    private const int RunsShown = 4;

    public static ImmutableArray<ListedPort> Of(PortListing listing)
    {
        var cells = new PortCells(listing);
        var lines = ImmutableArray.CreateBuilder<ListedPort>();
        for (var from = 0; from < listing.Ports.Length;)
        {
            var end = from + 1;
            while (end < listing.Ports.Length && IsAlike(listing.Ports[from], listing.Ports[end], cells))
                end++;
            if (end - from >= Least)
            {
                var many = listing.Ports.AsSpan(from, end - from).ToArray();
                lines.Add(many[0] with
                {
                    LastPort = many[^1].Port,
                    PortList = ListOf(many),
                    PortCount = many.Length,
                    Connections = many[0].Connections is null ? null : many.Sum(static one => one.Connections)
                });
            }
            else
            {
                lines.AddRange(listing.Ports.AsSpan(from, end - from));
            }
            from = end;
        }
        return lines.ToImmutable();
    }

    /// <summary>The first of them, one by one and as ranges; null where there is no gap.</summary>
    private static string? ListOf(ListedPort[] ports)
    {
        var runs = new List<string>();
        for (int from = 0, end = 1; from < ports.Length; from = end++)
        {
            while (end < ports.Length && ports[end].Port == ports[end - 1].Port + 1)
                end++;
            var first = ports[from].Port!.Value;
            runs.Add(end - from == 1 ? Invariant($"{first}") : Invariant($"{first}-{ports[end - 1].Port}"));
        }
        return runs.Count == 1 ? null : string.Join(',', runs.Take(RunsShown)) + (runs.Count > RunsShown ? ",…" : "");
    }

    private static bool IsAlike(ListedPort one, ListedPort other, PortCells cells) => one is
    {
        Port: not null, LastPort: null,
        States.IsEmpty: true, Owners.IsEmpty: false
    } && other is { LastPort: null, States.IsEmpty: true }
        && (one.Protocol, one.OwnerCount, one.Connections is null, one.Queue ?? 0, one.Backlog) == (other.Protocol, other.OwnerCount,
            other.Connections is null, other.Queue ?? 0, other.Backlog)
        && one.Queue is null or 0
        && AreSame(one.Owners, other.Owners)
        && cells.Addresses(one) == cells.Addresses(other) && PortCells.States(one) == PortCells.States(other)
        && one.Warnings.SequenceEqual(other.Warnings);

    // Asked of each line and the one above it.
    private static bool AreSame(ImmutableArray<Owner> one, ImmutableArray<Owner> other)
    {
        if (one.Length != other.Length)
            return false;
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i].Process.Id != other[i].Process.Id)
                return false;
        }
        return true;
    }
}
