using Bindwise.Model.Text;
using Bindwise.Rendering.Freeing;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

/// <summary>What stands over a view, as lines: a title, the text that can be scrolled, and the keys.</summary>
internal static class OverlayText
{
    private const int KeyColumns = 14;
    private const int NarrowBelow = 2 * KeyColumns;

    private static readonly (string Key, string Meaning)[] HelpKeys =
    [
        ("up down j k", "select a row"),
        ("PgUp PgDn", "a page up or down"),
        ("Home End", "the first or last row (also g and G)"),
        ("Tab, 1 to 5", "another view: ports, states, TIME_WAIT, outgoing, failures"),
        ("Enter", "why: explain the selected row"),
        ("f", "free: show what would stop the row's process, then ask (y)"),
        ("/", "filter as bindwise ls does; Enter keeps it, Esc clears it"),
        ("s", "sort by the next column"),
        ("space", "pause, or continue"),
        ("Esc", "back; with nothing open, clear the filter"),
        ("Ctrl+L", "redraw the screen"),
        ("?", "this page"),
        ("q", "quit"),
    ];

    public static int Room(WatchState state) => Math.Max(1, state.Lines - (state.Lines >= 4 ? 2 : state.Lines >= 2 ? 1 : 0));

    public static int LastTop(WatchState state) =>
        state.Overlay is { } overlay ? Math.Max(0, Text(state, overlay).Length - Room(state)) : 0;

    public static IEnumerable<TextLine> Render(WatchState state, WatchOverlay overlay)
    {
        var text = Text(state, overlay);
        var room = Room(state);
        var top = Math.Clamp(overlay.Top, 0, Math.Max(0, text.Length - room));
        if (state.Lines >= 4)
        {
            var title = Title(overlay, top, room, text.Length, state.Columns);
            yield return new TextLine([new(TextRole.Selected, ScreenText.Pad(title, state.Columns))]);
        }
        for (var place = 0; place < room; place++)
            yield return top + place < text.Length ? text[top + place] : new TextLine([]);
        if (state.Lines >= 2)
            yield return Keys(state, overlay);
    }

    private static string Title(WatchOverlay overlay, int top, int room, int count, int columns)
    {
        var name = " " + Escaper.Escape(overlay switch
        {
            WatchOverlay.Answer { Event: { Kind: PortEventKind.BindFailed } } answer => $"failed: {answer.Title}",
            WatchOverlay.Answer { Event: { } happened } => EventText.What(happened),
            WatchOverlay.Answer answer => $"why {answer.Title}",
            WatchOverlay.Free free => $"free {free.Title}",
            _ => "keys",
        }, 100);
        if (count <= room)
            return name;
        var last = Math.Min(count, top + room);
        var place = Invariant($"  (lines {top + 1} to {last} of {count})");
        if (CellWidth.Of(name) + place.Length > columns)
            place = Invariant($"  {top + 1}-{last}/{count}");
        // Of a name that is too long the text tells the rest; where in it one is stands here only.
        var most = Math.Max(0, columns - place.Length);
        return (CellWidth.Of(name) > most ? ScreenText.Pad(name, most) : name) + place;
    }

    private static ImmutableArray<TextLine> Text(WatchState state, WatchOverlay overlay)
    {
        var options = new TextOptions(Math.Max(TextOptions.MinimumWidth, state.Columns), Detail.Verbose);
        return overlay switch
        {
            WatchOverlay.Answer answer => OfAnswer(answer, options, state),
            WatchOverlay.Free free => OfFree(free, options),
            _ => OfHelp(state, options),
        };
    }

    private static ImmutableArray<TextLine> OfAnswer(WatchOverlay.Answer answer, TextOptions options, WatchState state)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        if (answer.Event is { } happened)
        {
            var offset = state.Shown.Census?.TakenAt.Offset ?? happened.Time.Offset;
            var paragraph = new Paragraph().Add(
                happened.Time.ToOffset(offset).ToString("yyyy-MM-dd HH:mm:ss ", CultureInfo.InvariantCulture))
                .Add(EventText.What(happened)).Add(happened.Program is null ? "" : " by ").Add(TextRole.Name, happened.Program ?? "", 60)
                .Add(happened.ProcessId > 0 ? Invariant($" (pid {happened.ProcessId})") : "")
                .Add(": ");
            _ = happened.Kind != PortEventKind.BindFailed ? paragraph.Add(TextRole.Blocked, EventText.Why(happened))
                : paragraph.Add(TextRole.Blocked, happened.Result).Add(happened.Count > 1 ? Invariant($", {happened.Count} times") : "");
            lines.AddRange(Wrapped(paragraph, options));
            if (happened.Command is { } command)
                lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, command, 1000), options));
            foreach (var limit in happened.Limits)
                lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Dim, limit), options));
            lines.Add(new TextLine([]));
        }
        if (answer.Diagnosis is { } diagnosis)
            lines.AddRange(DiagnosisText.Render(diagnosis, options));
        else if (answer.Fault is { } fault)
            lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Warning, fault), options));
        else if (answer.Event is null)
            lines.Add(new TextLine([new(TextRole.Dim, "Looking…")]));
        return lines.ToImmutable();
    }

    private static ImmutableArray<TextLine> OfFree(WatchOverlay.Free free, TextOptions options)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        if (free.Plan is { } plan)
            lines.AddRange(FreeText.Plan(plan, isCertain: false, options));
        else if (free.Fault is null)
            lines.Add(new TextLine([new(TextRole.Dim, "Looking…")]));
        lines.AddRange(FreeText.Steps(free.Steps, options));
        if (free.Result is { } result)
            lines.AddRange(FreeText.End(result, free.Plan!.Name, options));
        if (free.Fault is { } fault)
            lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Warning, fault), options));
        if (free.IsDeclined)
            lines.Add(new TextLine([new(TextRole.Text, "Nothing was done.")]));
        if (free.IsRunning)
            lines.Add(new TextLine([new(TextRole.Dim, "Working…")]));
        if (free.Questions is [var question, ..])
            lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Name, question.Text), options));
        return lines.ToImmutable();
    }

    private static ImmutableArray<TextLine> OfHelp(WatchState state, TextOptions options)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        foreach (var (key, meaning) in HelpKeys)
            lines.AddRange(OfKey(key, meaning, options.Width ?? state.Columns));
        lines.Add(new TextLine([]));
        lines.AddRange(Wrapped(
            new Paragraph().Add("> is the selected row, ! marks one that deserves attention; the line above the keys says why. "
            + "It looks about once a second, and tries no bind()."), options));
        foreach (var limit in state.Place.Limits)
            lines.AddRange(Wrapped(new Paragraph().Add(TextRole.Warning, limit), options));
        return lines.ToImmutable();
    }

    // The meaning beside its key; below it where there is no room beside.
    private static IEnumerable<TextLine> OfKey(string key, string meaning, int columns)
    {
        var indent = columns < NarrowBelow ? 2 : KeyColumns;
        var label = new TextSpan(TextRole.Label, key.PadRight(KeyColumns));
        if (indent < KeyColumns)
            yield return new TextLine([label]);
        var isBeside = indent == KeyColumns;
        foreach (var spans in Wrapping.Break(new Paragraph().Add(meaning).Spans, columns - indent, 0))
        {
            yield return new TextLine([isBeside ? label : new TextSpan(TextRole.Text, new string(' ', indent)), .. spans]);
            isBeside = false;
        }
    }

    private static IEnumerable<TextLine> Wrapped(Paragraph paragraph, TextOptions options) =>
        Wrapping.Break(paragraph.Spans, options.Width, 0).Select(static spans => new TextLine(spans));

    private static TextLine Keys(WatchState state, WatchOverlay overlay) => new([new(TextRole.Dim, state.Message ?? overlay switch
    {
        WatchOverlay.Free { IsRunning: true } => "Working; Ctrl+C ends it.",
        WatchOverlay.Free { Questions: [{ Optional: not null }, ..] } => "y includes it; any other key leaves it out, Esc cancels all.",
        WatchOverlay.Free { Questions.IsEmpty: false } => "y does it; any other key cancels.",
        WatchOverlay.Answer { Asked: not null, Diagnosis: not null } => "Esc back  f free  PgUp PgDn scroll",
        _ => "Esc back  PgUp PgDn scroll",
    })]);
}

internal static class ScreenText
{
    /// <summary>The line in at most so many columns, in ASCII where the terminal shows nothing else.</summary>
    public static TextLine Fit(TextLine line, int columns, bool isUnicode)
    {
        var spans = ImmutableArray.CreateBuilder<TextSpan>(line.Spans.Length);
        var room = columns;
        foreach (var span in line.Spans)
        {
            var text = isUnicode ? span.Text : ToAscii(span.Text);
            var cells = CellWidth.Of(text);
            if (cells > room)
            {
                text = Cut(text, room, isUnicode);
                cells = CellWidth.Of(text);
                room = cells;
            }
            if (text.Length > 0)
                spans.Add(span with { Text = text });
            room -= cells;
            if (room <= 0)
                break;
        }
        return new TextLine(spans.ToImmutable());
    }

    public static string Pad(string text, int columns, bool isRight = false)
    {
        var cell = CellWidth.Of(text) <= columns ? text : Cut(text, columns, isUnicode: true);
        var padding = new string(' ', Math.Max(0, columns - CellWidth.Of(cell)));
        return isRight ? padding + cell : cell + padding;
    }

    private static string Cut(string text, int columns, bool isUnicode) => columns <= 0 ? ""
        : text[..CellWidth.FittingChars(text, columns - 1)] + (isUnicode ? "…" : "~");

    private static string ToAscii(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var ascii = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            ascii.Append(rune.IsAscii ? (char)rune.Value : Plain(rune), rune.IsAscii ? 1 : CellWidth.Of(rune.ToString()));
        return ascii.ToString();
    }

    private static char Plain(Rune rune) => rune.Value switch
    {
        '│' => '|',
        '─' => '-',
        '┌' or '┐' or '└' or '┘' or '┬' or '┴' or '┼' or '├' or '┤' => '+',
        '▼' => 'v',
        '▲' => '^',
        '►' => '>',
        '◄' => '<',
        '█' => '#',
        '×' => 'x',
        '…' => '~',
        _ => '?',
    };
}
