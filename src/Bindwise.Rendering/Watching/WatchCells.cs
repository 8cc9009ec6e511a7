using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Listing;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

/// <param name="Least">The fewest columns of the terminal it takes.</param>
/// <param name="Rank">Where there is no room, the column with the highest rank goes first; 0 stays.</param>
/// <param name="IsRight">Its cells stand at the right, as numbers do.</param>
internal readonly record struct WatchColumn(string Header, int Least, int Usual, int Most, int Rank, bool IsRight = false);

/// <summary>The columns of each view, and the cells of its rows: escaped.</summary>
internal static class WatchCells
{
    private const int NameLimit = 60;
    private const int TextLimit = 200;
    private const int BarCells = 20;

    private static readonly PortCells Ports = new(new PortListing());

    private static readonly ImmutableArray<WatchColumn>[] Columns =
    [
        [
            new("PORT", 9, 10, 22, 0), new("ADDRESS", 9, 15, 24, 0), new("OWNER", 8, 12, 20, 0), new("PID", 7, 7, 10, 1),
            new("USER", 5, 8, 12, 4), new("CONNS", 5, 5, 7, 2, true), new("QUEUE", 6, 6, 10, 3, true), new("NOTE", 16, 60, 200, 5),
        ],
        [],
        [
            new("PORT", 9, 9, 9, 0), new("TIME_WAIT", 9, 9, 9, 0, true), new("LAST ENDS IN", 12, 12, 12, 1, true),
            new("", BarCells, BarCells, BarCells, 2),
        ],
        [
            new("TO", 21, 27, 48, 0), new("PORTS", 6, 6, 8, 0, true), new("OF RANGE", 8, 8, 8, 1, true),
            new("TIME_WAIT", 9, 9, 9, 2, true), new("", BarCells, BarCells, BarCells, 3),
        ],
        [
            new("TIME", 8, 8, 8, 0), new("TIMES", 5, 5, 7, 3, true), new("PROGRAM", 8, 10, 20, 0), new("WHAT", 14, 24, 48, 1),
            new("WHY", 10, 100, 200, 0),
        ],
    ];

    public static ImmutableArray<WatchColumn> Of(WatchView view) => Columns[(int)view];

    /// <summary>The cells of a row, one for each column of its view.</summary>
    public static ImmutableArray<string> Of(WatchRow row, WatchState state) => row switch
    {
        PortRow port => OfPort(port.Port),
        TimeWaitRow wait => OfTimeWait(wait, state),
        DestinationRow destination => OfDestination(destination, state),
        FailureRow failure => OfFailure(failure.Seen.Event, state),
        _ => [],
    };

    private static ImmutableArray<string> OfPort(ListedPort port) =>
    [
        PortCells.Target(port), Ports.Addresses(port), PortCells.Owner(port), PortCells.Pid(port), PortCells.User(port),
        PortCells.Connections(port), PortCells.Queue(port), NoteOf(port),
    ];

    private static string NoteOf(ListedPort port)
    {
        var (states, warnings) = (PortCells.States(port), PortCells.Warnings(port));
        return states.Length > 0 && warnings.Length > 0 ? $"{states}; {warnings}" : states + warnings;
    }

    private static ImmutableArray<string> OfTimeWait(TimeWaitRow row, WatchState state)
    {
        var most = state.Shown.Census!.TimeWaits.Max(static one => one.Count);
        return
        [
            Invariant($"{row.Port.Port}/tcp"), Number(row.Port.Count), Invariant($"{(row.Port.MillisecondsLeft + 999) / 1000} s"),
            Bar(row.Port.Count, most),
        ];
    }

    private static ImmutableArray<string> OfDestination(DestinationRow row, WatchState state)
    {
        var range = state.Shown.Census!.EphemeralPorts;
        var share = range <= 0 ? "" : Invariant($"{Math.Min(100, row.Use.Ports * 100L / range)} %");
        return [Escaper.Escape(row.Use.Remote.ToString(), NameLimit), Number(row.Use.Ports), share, Number(row.Use.TimeWait),
            range <= 0 ? "" : Bar(row.Use.Ports, range)];
    }

    private static ImmutableArray<string> OfFailure(PortEvent happened, WatchState state) =>
    [
        (happened.LastTime ?? happened.Time).ToOffset(state.Shown.Census?.TakenAt.Offset ?? happened.Time.Offset)
            .ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        happened.Count > 1 && happened.Kind == PortEventKind.BindFailed ? Invariant($"{happened.Count}×") : "",
        Escaper.Escape(happened.Program ?? (happened.ProcessId > 0 ? Invariant($"pid {happened.ProcessId}") : "-"), NameLimit),
        Escaper.Escape(EventText.What(happened), TextLimit), Escaper.EscapeSentence(EventText.Why(happened)),
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Bar(long value, long whole) =>
        new('█', (int)Math.Clamp(whole <= 0 ? 0 : (value * BarCells + whole - 1) / whole, 0, BarCells));
}
