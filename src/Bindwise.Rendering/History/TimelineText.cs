using Bindwise.Model.Text;
using Bindwise.Rendering.Watching;
using static System.FormattableString;

namespace Bindwise.Rendering.History;

/// <summary>Events as a time line: a row for each address, with who held it and when something failed. It fits the terminal.</summary>
internal static class TimelineText
{
    private const int DefaultColumns = 80;
    private const int LeastBar = 10;
    private const int MostLabel = 24;
    private const int NarrowBelow = 50;
    private const int MostRows = 50;
    private const int MostHolders = 12;

    /// <param name="events">The events, the oldest first; of none nothing is drawn.</param>
    /// <param name="knownUntil">Until when it is known that nothing else happened; null for no longer than the last event.</param>
    public static ImmutableArray<TextLine> Render(IReadOnlyList<PortEvent> events, TimeZoneInfo zone, int? width, bool isUnicode,
        DateTimeOffset? knownUntil = null)
    {
        if (events.Count == 0)
            return [];
        var columns = Math.Max(TextOptions.MinimumWidth, width ?? DefaultColumns);
        // What failed elsewhere has nothing to do with who holds the address here.
        var rows = events.Where(static one => one.Address is not null).GroupBy(static one => (
            Label: one.Protocol == Protocol.Udp ? one.Address + "/udp" : one.Address!,
            Where: one.Kind == PortEventKind.BindFailed ? one.Reason : null)).ToList();
        var (first, last) = (events.Min(static one => one.Time), events.Max(static one => one.LastTime ?? one.Time));
        if (knownUntil > last)
            last = knownUntil.Value;
        var isNarrow = columns < NarrowBelow;
        var label = isNarrow ? 0 : Math.Min(MostLabel, rows.Count == 0 ? 0
            : rows.Max(static row => CellWidth.Of(Escaper.Escape(row.Key.Label, MostLabel)))) + 2;
        var bar = Math.Max(LeastBar, columns - label - 1);
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        lines.Add(Axis(first, last, zone, label, bar));
        foreach (var row in rows.Take(MostRows))
        {
            var drawn = new BarOfTime(first, last, bar, isUnicode);
            List<string> holders = [.. row.Key.Where is { } where ? [where] : (string[])[], .. drawn.Draw(row)];
            var name = Escaper.Escape(row.Key.Label, isNarrow ? columns : MostLabel);
            if (isNarrow)
                lines.Add(new TextLine([new TextSpan(TextRole.Label, name)]));
            lines.Add(new TextLine([
                .. isNarrow ? [] : (TextSpan[])[new TextSpan(TextRole.Label, name),
                    new TextSpan(TextRole.Text, new string(' ', Math.Max(1, label - CellWidth.Of(name))))],
                .. drawn.Spans(),
            ]));
            foreach (var holder in holders.Take(MostHolders))
                lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, holder), isNarrow ? 2 : label, columns));
            if (holders.Count > MostHolders)
                lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, Invariant($"and {holders.Count - MostHolders} more")), isNarrow
                    ? 2 : label, columns));
        }
        if (rows.Count > MostRows)
            lines.AddRange(Wrapped(new Paragraph().Add(Invariant($"and {rows.Count - MostRows} more addresses: name one")), 0, columns));
        // What bears on all rows, and stands in none.
        foreach (var happened in events.Where(static one => one.Kind is PortEventKind.ClockChanged or PortEventKind.Lost).Take(MostHolders))
            lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, HistoryText.Moment(happened.Time, zone) + "  ")
                .Add(TextRole.Warning, EventText.Why(happened)), 0, columns));
        lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, BarOfTime.Legend(isUnicode)), 0, columns));
        return lines.ToImmutable();
    }

    private static TextLine Axis(DateTimeOffset first, DateTimeOffset last, TimeZoneInfo zone, int label, int bar)
    {
        var (begin, end) = (HistoryText.Moment(first, zone), HistoryText.Moment(last, zone));
        if (begin[..10] == end[..10])
            end = end[11..];
        if (begin.Length + end.Length + 1 > bar)
            (begin, end) = (begin[5..16], end.Length > 8 ? end[5..16] : end[..5]);
        if (begin.Length + end.Length + 1 > bar)
            (begin, end) = (begin[6..], end[^5..]);
        return new TextLine([new TextSpan(TextRole.Dim,
            new string(' ', label) + begin + new string(' ', Math.Max(1, bar - begin.Length - end.Length)) + end)]);
    }

    private static IEnumerable<TextLine> Wrapped(Paragraph text, int indent, int columns) =>
        Wrapping.Break(text.Spans, Math.Max(LeastBar, columns - indent), 0)
            .Select(spans => new TextLine([new TextSpan(TextRole.Text, new string(' ', indent)), .. spans]));
}

/// <summary>A row of a time line: cells of equal time.</summary>
internal sealed class BarOfTime(DateTimeOffset first, DateTimeOffset last, int cells, bool isUnicode)
{
    private readonly char[] _cells = [.. Enumerable.Repeat(isUnicode ? '·' : '.', cells)];
    private readonly List<string> _holders = [];
    private readonly OpenSockets _open = new();

    private char Held => isUnicode ? '━' : '=';
    private char Taken => isUnicode ? '┣' : '[';
    private char Failed => isUnicode ? '✗' : 'x';

    public static string Legend(bool isUnicode) =>
        isUnicode ? "┣━ held   ✗ failed   · free or unknown" : "[= held   x failed   . free or unknown";

    /// <summary>Draws the events of one address; gives who held it, in order.</summary>
    public List<string> Draw(IEnumerable<PortEvent> events)
    {
        var failures = new List<int>();
        foreach (var happened in events)
        {
            switch (happened.Kind)
            {
                case PortEventKind.Bind or PortEventKind.Listen:
                    _open.Add(happened);
                    break;
                case PortEventKind.OwnerChanged:
                    if (_open.Pass(happened) is { } before)
                        Add(before, happened);
                    break;
                case PortEventKind.Closed:
                    Add(_open.Take(happened.ProcessId) ?? happened with { Time = first, Reason = UnseenReason.HeldBefore }, happened);
                    break;
                case PortEventKind.BindFailed:
                    failures.Add(CellOf(happened.Time));
                    break;
            }
        }
        foreach (var open in _open.All)
            Add(open, null);
        foreach (var cell in failures)
            _cells[cell] = Failed;
        return _holders;
    }

    public IEnumerable<TextSpan> Spans()
    {
        for (var at = 0; at < _cells.Length;)
        {
            var role = RoleOf(_cells[at]);
            var end = at;
            while (end < _cells.Length && RoleOf(_cells[end]) == role)
                end++;
            yield return new TextSpan(role, new string(_cells, at, end - at));
            at = end;
        }
    }

    private TextRole RoleOf(char cell) => cell == Failed ? TextRole.Blocked : cell == Held || cell == Taken ? TextRole.Name : TextRole.Dim;

    // From its beginning to its end; null: it has none yet.
    private void Add(PortEvent begun, PortEvent? end)
    {
        var (from, who) = (CellOf(begun.Time), HistoryText.Who(begun));
        if (end?.Time < begun.Time)
        {
            _cells[from] = Taken;
            _holders.Add($"{who}, until after the clock was set back");
            return;
        }
        var to = end is not null ? CellOf(end.Time) : _cells.Length - 1;
        for (var cell = from; cell <= to; cell++)
            _cells[cell] = _cells[cell] == Taken ? Taken : Held;
        _cells[from] = Taken;
        _holders.Add(who + HowLong(begun, end));
    }

    // Of what began or ended unseen only the latest possible moment is known.
    private static string HowLong(PortEvent begun, PortEvent? end)
    {
        var isBegunSeen = begun.Reason is null;
        if (end is null)
            return isBegunSeen ? " since then" : " since before then";
        var isEndSeen = !UnseenReason.IsEnded(end.Reason) && !UnseenReason.IsOwnerChange(end.Reason);
        var time = end.Time - begun.Time;
        var isShort = time < TimeSpan.FromSeconds(1);
        return isBegunSeen ? $" for {(isEndSeen || isShort ? "" : "at most ")}{HistoryText.Length(time)}"
            : isEndSeen && !isShort ? $" for at least {HistoryText.Length(time)}" : ", for how long is not known";
    }

    private int CellOf(DateTimeOffset time)
    {
        var whole = Math.Max(1, (last - first).Ticks);
        return (int)Math.Clamp((time - first).Ticks * (double)(cells - 1) / whole, 0, cells - 1);
    }
}
