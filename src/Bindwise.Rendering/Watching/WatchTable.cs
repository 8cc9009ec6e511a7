using Bindwise.Model.Listing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Listing;
using static System.FormattableString;

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

    private static string Nothing(WatchState state) => state.Filter.Length > 0
        ? WatchRows.FaultOf(state.Filter) is { } fault ? $"The filter is not understood: {Escaper.Escape(fault)}."
            : "Nothing here matches the filter."
        : state.View switch
        {
            not WatchView.Failures when state.Shown.Census is null => "",
            _ when !state.Place.Targets.IsEmpty => $"Nothing here concerns {WatchTargets.Text(state.Place.Targets)}.",
            WatchView.Failures => "Nothing has failed since this screen began.",
            WatchView.Ports => "No port is in use.",
            WatchView.TimeWait => "No connection is in TIME_WAIT.",
            _ => "No connection uses an ephemeral port.",
        };
}

/// <param name="Rank">Where there is no room, the column with the highest rank goes first; 0 stays.</param>
internal readonly record struct WatchColumn(string Header, int Least, int Usual, int Most, int Rank, bool IsRight = false);

/// <summary>The columns of each view, and the cells of its rows: escaped.</summary>
internal static class WatchCells
{
    private const int NameLimit = 60;
    private const int TextLimit = 200;
    private const int BarCells = 20;

    private static readonly ImmutableArray<WatchColumn>[] Columns =
    [
        [
            new("PORT", 9, 10, 36, 0), new("ADDRESS", 9, 15, 48, 0), new("OWNER", 8, 12, 20, 0), new("PID", 7, 7, 10, 1),
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

    public static ImmutableArray<string> Of(WatchRow row, WatchState state) => row switch
    {
        PortRow port => OfPort(port.Port, state.Place.Cells),
        TimeWaitRow wait => OfTimeWait(wait, state),
        DestinationRow destination => OfDestination(destination, state),
        FailureRow failure => OfFailure(failure.Seen.Event, state),
        _ => [],
    };

    /// <summary>What a filter looks at in a row of a view other than that of the ports: no counts, which are nobody's port.</summary>
    public static PortFacets FacetsOf(WatchRow row, WatchState state) => row switch
    {
        TimeWaitRow wait => new(Protocol.Tcp, wait.Port.Port, [Of(row, state)[0]]),
        DestinationRow destination => new(Protocol.Tcp, destination.Use.Remote.Port, [Of(row, state)[0]]),
        FailureRow { Seen.Event: var happened } => new(happened.Protocol, PortOf(happened), [.. Of(row, state)[2..]])
        {
            ProcessId = happened.ProcessId,
            UserId = happened.UserId,
        },
        _ => new(null, null, Of(row, state)),
    };

    private static ushort? PortOf(PortEvent happened) => happened.Protocol != Protocol.Unix && happened.Address is { } address
        && ushort.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        ? port : null;

    private static ImmutableArray<string> OfPort(ListedPort port, PortCells cells) =>
    [
        PortCells.Target(port), cells.Addresses(port), PortCells.Owner(port), PortCells.Pid(port), PortCells.User(port),
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
            Invariant($"{row.Port.Port}/tcp"), Number(row.Port.Count), Invariant($"{Math.Ceiling(row.Port.MillisecondsLeft / 1000.0)} s"),
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

/// <summary>What a row is known by from one look to the next.</summary>
/// <param name="Number">A socket's cookie, a port, or the number of a failure.</param>
/// <param name="Text">What else tells it apart, where the number does not.</param>
internal readonly record struct RowKey(ulong Number, string? Text = null);

/// <param name="Device">The interface to which the asked socket is bound; null for none.</param>
/// <param name="Sockets">The cookies of the sockets that are shown, of whose owners alone <c>free</c> may end any; empty for every one in
/// the way.</param>
internal sealed record WatchQuestion(Target Target, string? Device, ImmutableArray<ulong> Sockets);

internal abstract record WatchRow(RowKey Key)
{
    public virtual WatchQuestion? Question => Target is { } target ? new(target, null, []) : null;

    protected abstract Target? Target { get; }

    /// <summary>A target as a person would type it; null for a text that names none.</summary>
    protected static Target? Parse(string? text) => text is null ? null : TargetParser.Parse(text).Value;
}

internal sealed record PortRow(RowKey Key, ListedPort Port, string? Device) : WatchRow(Key)
{
    public override WatchQuestion? Question => base.Question is not { } question ? null
        : question with { Device = Port.Sockets.All(IsOnDevice) ? Device : null, Sockets = Cookies() };

    // One of its addresses stands for all: another server may have the port on a further one.
    protected override Target? Target => Port.Sockets is not [var socket, ..] ? null
        : Port.Protocol == Protocol.Unix
            ? socket.Path is { Length: > 0 } path ? new Target { Text = path, Protocol = Protocol.Unix, Path = path } : null
        : Parse((Port.Sockets.Any(static one => one.Local.Address.IsAny) ? Invariant($"{Port.Port}")
                : Device is not null && socket.Local.Address.IsLinkLocal ? Invariant($"[{socket.Local.Address}%{Device}]:{Port.Port}")
                : socket.Local.ToString())
            + (Port.Protocol == Protocol.Udp ? "/udp" : ""));

    private bool IsOnDevice(HeldSocket socket) => socket.DeviceIndex == Port.Sockets[0].DeviceIndex;

    // Of a UNIX socket the path is exact; a socket without a cookie cannot be told from others.
    private ImmutableArray<ulong> Cookies() => Port.Protocol == Protocol.Unix || Port.Sockets.Any(static one => one.Cookie == 0) ? []
        : [.. Port.Sockets.Select(static one => one.Cookie)];
}

internal sealed record TimeWaitRow(Bindwise.Model.Events.PortTimeWaits Port) : WatchRow(new RowKey(Port.Port))
{
    protected override Target? Target => Parse(Invariant($"{Port.Port}"));
}

internal sealed record DestinationRow(Bindwise.Model.Events.CensusDestination Use)
    : WatchRow(new RowKey(Use.Remote.Port, Use.Remote.ToString()))
{
    protected override Target? Target => null;
}

internal sealed record FailureRow(SeenFailure Seen) : WatchRow(new RowKey((ulong)Seen.Number, "failure"))
{
    protected override Target? Target => Seen.Event switch
    {
        { Protocol: Protocol.Unix, Address: { Length: > 0 } path } => new Target { Text = path, Protocol = Protocol.Unix, Path = path },
        { Call: PortEventCall.Connect } or { Kind: PortEventKind.RangeHigh } => null,
        { Protocol: Protocol.Udp, Address: { } address } => Parse(address + "/udp"),
        { Address: { } address } => Parse(address),
        _ => null,
    };
}

/// <param name="Event">What was told; alike ones are counted in it.</param>
internal sealed record SeenFailure(long Number, PortEvent Event);
