using Bindwise.Rendering.Text;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

/// <summary>The TCP state diagram (RFC 9293, figure 5) with the number of sockets in each state; a list where it does not fit.</summary>
internal static class StateDiagram
{
    private const int DrawnColumns = 79;

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
        var drawn = state.Columns >= DrawnColumns && lines >= Drawing.Length ? Draw(counts) : List(counts);
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

    private static IEnumerable<TextLine> List(Dictionary<TcpSocketState, long> counts) => Places.Select(place =>
        new TextLine([new(TextRole.Label, TcpStateNames.Of(place.State, Protocol.Tcp).PadRight(13)),
            new(TextRole.Text, counts.GetValueOrDefault(place.State).ToString(CultureInfo.InvariantCulture).PadLeft(8))]));

    private static TextLine Others(Dictionary<TcpSocketState, long> counts, ImmutableArray<StateCount> udp)
    {
        var bound = counts.GetValueOrDefault(TcpSocketState.Bound) + counts.GetValueOrDefault(TcpSocketState.Close);
        var connected = udp.Where(static one => one.State == TcpSocketState.Established).Sum(static one => (long)one.Count);
        return new TextLine([new(TextRole.Text,
            Invariant($"Bound, not listening: {bound}.  UDP: {udp.Sum(static one => (long)one.Count)}, ")
            + Invariant($"connected {connected}."))]);
    }
}
