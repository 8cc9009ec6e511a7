using Bindwise.Model.Diagnosing;
using Bindwise.Model.Events;
using Bindwise.Model.Text;
using Bindwise.Rendering.Listing;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

/// <summary>The screen of <c>watch</c> as lines: as many as the terminal has, none wider than it.</summary>
internal static class WatchFrame
{
    private const int WideTitles = 78;

    public static ImmutableArray<TextLine> Render(WatchState state)
    {
        var layout = WatchLayout.Of(state);
        var lines = new List<TextLine>(state.Lines);
        if (state.Overlay is { } overlay)
        {
            lines.AddRange(OverlayText.Render(state, overlay));
        }
        else
        {
            if (layout.HasTitle)
                lines.Add(Title(state));
            if (layout.HasSummary)
                lines.Add(Summary(state));
            lines.AddRange(state.View == WatchView.States ? StateDiagram.Render(state, layout.Body) : WatchTable.Render(state, layout));
            if (layout.HasNote)
                lines.Add(Note(state));
            if (layout.HasKeys)
                lines.Add(Keys(state));
        }
        var fitted = lines.Take(state.Lines).Select(line => ScreenText.Fit(line, state.Columns, state.IsUnicode));
        return [.. fitted, .. Enumerable.Repeat(new TextLine([]), Math.Max(0, state.Lines - lines.Count))];
    }

    private static TextLine Title(WatchState state)
    {
        var spans = new List<TextSpan> { new(TextRole.Name, "bindwise") };
        var isWide = state.Columns >= WideTitles;
        for (var view = WatchView.Ports; (int)view < WatchViews.Count; view++)
        {
            var isShown = view == state.View;
            var title = isWide || isShown ? Invariant($"{(int)view + 1} {WatchViews.Title(view)}") : Invariant($"{(int)view + 1}");
            spans.Add(new(TextRole.Text, " "));
            spans.Add(isShown ? new(TextRole.Selected, $"[{title}]") : new(TextRole.Text, $" {title} "));
        }
        if (state.Shown.Census is not { } census)
            return new TextLine([.. spans]);
        var time = census.TakenAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var used = spans.Sum(static span => span.Text.Length);
        var gap = state.Columns - used - time.Length;
        return new TextLine(gap < 1 ? [.. spans] : [.. spans, new(TextRole.Text, new string(' ', gap)), new(TextRole.Dim, time)]);
    }

    private static TextLine Summary(WatchState state)
    {
        if (state.Shown.Census is not { } census)
            return Plain(TextRole.Dim, "Looking at the host's sockets…");
        var spans = new List<TextSpan>();
        if (state.IsPaused)
        {
            var since = state.Live.FailureCount - state.Shown.FailureCount;
            spans.Add(new(TextRole.Undetermined, since == 0 ? "PAUSED  " : Invariant($"PAUSED, {since} failed since  ")));
        }
        if (state.IsEditing || state.Filter.Length > 0)
            spans.Add(new(TextRole.Label, $"filter: {state.Filter}{(state.IsEditing ? "_" : "")}  "));
        // Failures alone are counted by target.
        var (count, targets) = (state.Shown.FailureCount, state.Place.Targets);
        var failed = new TextSpan(count > 0 ? TextRole.Blocked : TextRole.Text, Invariant($"{count} failed"));
        if (!targets.IsEmpty)
            spans.AddRange([failed, new(TextRole.Label, $" on {WatchTargets.Text(targets)}"), new(TextRole.Text, "; all ports: ")]);
        var listening = CountOf(census, TcpSocketState.Listen);
        var timeWait = CountOf(census, TcpSocketState.TimeWait);
        spans.Add(new(TextRole.Text, Invariant($"{listening} listening, {CountOf(census, TcpSocketState.Established)} established, ")
            + Invariant($"{timeWait} TIME_WAIT")));
        if (census is { EphemeralPorts: > 0, Destinations: [var most, ..] })
            spans.Add(new(TextRole.Text, Invariant($", ephemeral {most.Ports * 100L / census.EphemeralPorts} %")));
        if (targets.IsEmpty)
            spans.AddRange([new(TextRole.Text, ", "), failed]);
        if (census.SocketsOmitted > 0)
            spans.Add(new(TextRole.Warning, $", {Wording.Count(census.SocketsOmitted, "socket", "sockets")} left out"));
        return new TextLine([.. spans]);
    }

    private static int CountOf(HostCensus census, TcpSocketState state) =>
        census.States.Where(one => one.State == state).Sum(static one => one.Count);

    /// <summary>What is to be said of the selected row; else the last failure; else what cannot be seen.</summary>
    private static TextLine Note(WatchState state)
    {
        if (state.Selected is PortRow { Port: { Warnings.IsEmpty: false } port })
            return new TextLine([new(TextRole.Label, PortCells.Target(port) + " "), new(TextRole.Warning, PortCells.Warnings(port))]);
        if (state.Selected is FailureRow { Seen.Event: var chosen })
            return Plain(TextRole.Text, Escaper.EscapeSentence(EventText.Why(chosen)));
        if (state.Shown.Failures is [.., { Event: var last }])
            return Plain(TextRole.Blocked, EventText.Line(last, state.Shown.Census?.TakenAt.Offset ?? default));
        return state.Place.Limits is [var limit, ..] ? Plain(TextRole.Dim, Escaper.EscapeSentence(limit)) : new TextLine([]);
    }

    private static TextLine Keys(WatchState state)
    {
        if (state.Message is { } message)
            return Plain(TextRole.Label, message);
        if (state.IsEditing)
            return Plain(TextRole.Dim, Fitting(state, "Type a port, tcp, udp, unix, mine or part of a name. Enter keeps it, Esc clears it.",
                "Enter keeps it, Esc clears it."));
        var keys = state.View switch
        {
            WatchView.States => "space pause  Tab view  ? help  q quit",
            WatchView.Outgoing => "/ filter  s sort  space pause  Tab view  ? help  q quit",
            _ => "Enter why  f free  / filter  s sort  space pause  Tab view  ? help  q quit",
        };
        return Plain(TextRole.Dim, Fitting(state, keys, "? help  q quit  Enter why  f free  / filter", "? help  q quit  Enter why"));
    }

    private static string Fitting(WatchState state, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (CellWidth.Of(text) <= state.Columns)
                return text;
        }
        return texts[^1];
    }

    private static TextLine Plain(TextRole role, string text) => new([new TextSpan(role, text)]);
}

/// <summary>Which lines a screen of a height has: where there are few, the rows are what stays.</summary>
internal readonly record struct WatchLayout(bool HasTitle, bool HasSummary, bool HasHeaders, bool HasNote, bool HasKeys, int Body)
{
    public static WatchLayout Of(WatchState state)
    {
        var lines = state.Lines;
        var (hasTitle, hasSummary, hasNote, hasKeys) = (lines >= 3, lines >= 8, lines >= 10, lines >= 2);
        var hasHeaders = lines >= 5 && state.View != WatchView.States;
        var used = Count(hasTitle) + Count(hasSummary) + Count(hasHeaders) + Count(hasNote) + Count(hasKeys);
        return new WatchLayout(hasTitle, hasSummary, hasHeaders, hasNote, hasKeys, Math.Max(0, lines - used));
    }

    private static int Count(bool isThere) => isThere ? 1 : 0;
}

/// <summary>The TCP state diagram (RFC 9293, figure 5) with the number of sockets in each state; a list where it does not fit.</summary>
internal static class StateDiagram
{
    private const int DrawnColumns = 79;
    private const int ListedColumns = 20;

    // Where a state stands there is room for its name and number.
    private static readonly string[] Drawing =
    [
        "                                CLOSED",
        "             ┌──── listen() ───────┴─────── connect() ─────┐",
        "             ▼                                             ▼",
        "                                                                    ",
        "             │ SYN comes                                   │ SYN+ACK comes",
        "             ▼                                             │",
        "                           ─── ACK comes ───┐              │",
        "                                            ▼              │",
        "                                                        ◄──┘",
        "             ┌──── this end closes ─────────┴─ the other end closes ──┐",
        "             ▼                                                        ▼",
        "                           ─ FIN comes ─►                                    ",
        "             │ ACK comes                    │ ACK comes               │ closes",
        "             ▼                              ▼                         ▼",
        "                           ─ FIN comes ─►                                    ",
        "                                            │ after 60 s              │ ACK",
        "                                            ▼                         ▼",
        "                                         CLOSED                    CLOSED",
    ];

    private static readonly (TcpSocketState State, int Line, int Column)[] Places =
    [
        (TcpSocketState.Listen, 3, 8), (TcpSocketState.SynSent, 3, 53), (TcpSocketState.SynReceived, 6, 8),
        (TcpSocketState.Established, 8, 38), (TcpSocketState.FinWait1, 11, 8), (TcpSocketState.Closing, 11, 42),
        (TcpSocketState.CloseWait, 11, 61), (TcpSocketState.FinWait2, 14, 8), (TcpSocketState.TimeWait, 14, 42),
        (TcpSocketState.LastAck, 14, 61),
    ];

    public static IEnumerable<TextLine> Render(WatchState state, int lines)
    {
        if (state.Shown.Census is not { } census)
            return Enumerable.Repeat(new TextLine([]), lines);
        var counts = Counts(census.States);
        var drawn = state.Columns >= DrawnColumns && lines >= Drawing.Length ? Draw(counts) : List(counts, state.Columns, lines);
        return drawn.Append(new TextLine([])).Append(Others(counts, census.UdpStates)).Take(lines)
            .Concat(Enumerable.Repeat(new TextLine([]), lines)).Take(lines);
    }

    // The kernel's table has a request for a connection apart; the diagram does not.
    private static Dictionary<TcpSocketState, long> Counts(ImmutableArray<StateCount> states) =>
        states.GroupBy(static one => one.State == TcpSocketState.NewSynReceived ? TcpSocketState.SynReceived : one.State)
            .ToDictionary(static group => group.Key, static group => group.Sum(static one => (long)one.Count));

    private static IEnumerable<TextLine> Draw(Dictionary<TcpSocketState, long> counts)
    {
        for (var line = 0; line < Drawing.Length; line++)
        {
            var spans = new List<TextSpan>();
            var at = 0;
            foreach (var place in Places.Where(place => place.Line == line))
            {
                var (name, count) = (TcpStateNames.Of(place.State, Protocol.Tcp), counts.GetValueOrDefault(place.State));
                spans.Add(new(TextRole.Dim, Drawing[line].PadRight(place.Column)[at..place.Column]));
                var text = Invariant($"{name} {count}");
                spans.Add(new(count > 0 ? TextRole.Name : TextRole.Text, text));
                at = place.Column + text.Length;
            }
            spans.Add(new(TextRole.Dim, Drawing[line].Length > at ? Drawing[line][at..] : ""));
            yield return new TextLine([.. spans]);
        }
    }

    // Where not each state has a line of its own, two share one, and those that have sockets come first.
    private static IEnumerable<TextLine> List(Dictionary<TcpSocketState, long> counts, int columns, int lines)
    {
        if (lines >= Places.Length + 2)
            return Places.Select(place => new TextLine([.. Listed(place.State, counts)]));
        var states = Places.Select(static place => place.State).OrderBy(state => counts.GetValueOrDefault(state) == 0);
        return states.Chunk(columns >= ListedColumns * 2 ? 2 : 1).Select(row => new TextLine([.. row.SelectMany((state, index) =>
            index == 0 ? Listed(state, counts) : Listed(state, counts).Prepend(new(TextRole.Text, "  ")))]));
    }

    private static IEnumerable<TextSpan> Listed(TcpSocketState state, Dictionary<TcpSocketState, long> counts) =>
    [
        new(TextRole.Label, TcpStateNames.Of(state, Protocol.Tcp).PadRight(12)),
        new(TextRole.Text, counts.GetValueOrDefault(state).ToString(CultureInfo.InvariantCulture).PadLeft(7)),
    ];

    private static TextLine Others(Dictionary<TcpSocketState, long> counts, ImmutableArray<StateCount> udp)
    {
        var bound = counts.GetValueOrDefault(TcpSocketState.Bound) + counts.GetValueOrDefault(TcpSocketState.Close);
        var connected = udp.Where(static one => one.State == TcpSocketState.Established).Sum(static one => (long)one.Count);
        return new TextLine([new(TextRole.Text,
            Invariant($"Bound, not listening: {bound}.  UDP: {udp.Sum(static one => (long)one.Count)}, ")
            + Invariant($"connected {connected}."))]);
    }
}
