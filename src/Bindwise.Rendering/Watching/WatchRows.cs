using Bindwise.Model.Listing;

namespace Bindwise.Rendering.Watching;

/// <summary>The rows of the shown view: made of what was told, filtered, in order.</summary>
internal static class WatchRows
{
    /// <summary>The state with its rows made anew; the selection stays on its row, or where that stood.</summary>
    public static WatchState Refresh(WatchState state)
    {
        if (state is { View: WatchView.Ports, Shown.Census: { } census })
            state = state with { Ports = PortRows.Of(census, state.Place, state.Ports) };
        var rows = Of(state);
        return Select(state with { Rows = rows }, IndexOf(rows, state.Memory));
    }

    /// <param name="index">The row; the nearest that there is counts.</param>
    public static WatchState Select(WatchState state, int index)
    {
        var memory = state.Memory;
        if (state.Rows.Length == 0)
            return With(state, memory with { Index = 0, Top = 0 });
        index = Math.Clamp(index, 0, state.Rows.Length - 1);
        var room = Math.Max(1, WatchLayout.Of(state).Body);
        var top = Math.Clamp(memory.Top, Math.Max(0, index - room + 1), index);
        top = Math.Clamp(top, 0, Math.Max(0, state.Rows.Length - room));
        return With(state, memory with { Selected = state.Rows[index].Key, Index = index, Top = top });
    }

    public static WatchState With(WatchState state, ViewMemory memory) =>
        memory == state.Memory ? state : state with { Memories = state.Memories.SetItem((int)state.View, memory) };

    private static int IndexOf(ImmutableArray<WatchRow> rows, ViewMemory memory)
    {
        if (memory.Selected is not { } key)
            return 0;
        for (var index = 0; index < rows.Length; index++)
        {
            if (rows[index].Key == key)
                return index;
        }
        return memory.Index;
    }

    private static ImmutableArray<WatchRow> Of(WatchState state)
    {
        if (state.View == WatchView.States || (state.View != WatchView.Failures && state.Shown.Census is null))
            return [];
        return state.View switch
        {
            WatchView.Ports => [.. Ports(state)],
            WatchView.TimeWait => [.. TimeWaits(state)],
            WatchView.Outgoing => [.. Destinations(state)],
            _ => [.. Failures(state)],
        };
    }

    private static IEnumerable<WatchRow> Ports(WatchState state)
    {
        var filter = FilterOf(state.Filter);
        var targets = state.Place.Targets;
        var withUnix = filter.ReadProtocols.Contains(Protocol.Unix)
            || targets.Any(static target => target.Protocol == Protocol.Unix);
        var rows = state.Ports!.Rows
            .Where(row => (withUnix || row.Port.Protocol != Protocol.Unix) && WatchTargets.Mean(targets, row.Port)
                && filter.Matches(row.Port, state.Place.Caller))
            .OrderBy(static row => row.Port.Protocol).ThenBy(static row => row.Port.Port ?? 0)
            .ThenBy(static row => row.Port.Port is null ? PortColumns.Target(row.Port) : "", StringComparer.Ordinal)
            .ThenBy(static row => row.Key.Number);
        return state.Memory.Sort switch
        {
            1 => rows.OrderBy(static row => row.Port.Name is null).ThenBy(static row => row.Port.Name, StringComparer.OrdinalIgnoreCase),
            2 => rows.OrderByDescending(static row => row.Port.Connections ?? -1),
            3 => rows.OrderByDescending(static row => row.Port.Queue ?? -1),
            _ => rows,
        };
    }

    private static IEnumerable<WatchRow> TimeWaits(WatchState state)
    {
        var rows = state.Shown.Census!.TimeWaits.Select(static one => new TimeWaitRow(one))
            .Where(row => WatchTargets.Mean(state.Place.Targets, row.Port.Port) && Matches(state, row))
            .OrderByDescending(static row => row.Port.Count).ThenBy(static row => row.Port.Port);
        return state.Memory.Sort switch
        {
            1 => rows.OrderBy(static row => row.Port.Port),
            2 => rows.OrderByDescending(static row => row.Port.MillisecondsLeft),
            _ => rows,
        };
    }

    private static IEnumerable<WatchRow> Destinations(WatchState state)
    {
        var rows = state.Shown.Census!.Destinations.Select(static one => new DestinationRow(one))
            .Where(row => WatchTargets.Mean(state.Place.Targets, row.Use.Remote) && Matches(state, row))
            .OrderByDescending(static row => row.Use.Ports).ThenBy(static row => row.Key.Text, StringComparer.Ordinal);
        return state.Memory.Sort switch
        {
            1 => rows.OrderBy(static row => row.Key.Text, StringComparer.Ordinal),
            2 => rows.OrderByDescending(static row => row.Use.TimeWait),
            _ => rows,
        };
    }

    private static IEnumerable<WatchRow> Failures(WatchState state)
    {
        var rows = state.Shown.Failures.Select(static one => new FailureRow(one))
            .Where(row => Matches(state, row))
            .OrderByDescending(static row => row.Seen.Event.LastTime ?? row.Seen.Event.Time)
            .ThenByDescending(static row => row.Seen.Number);
        return state.Memory.Sort switch
        {
            1 => rows.OrderBy(static row => row.Seen.Event.Program, StringComparer.OrdinalIgnoreCase),
            2 => rows.OrderByDescending(static row => row.Seen.Event.Count),
            _ => rows,
        };
    }

    // While it is typed a filter may be none yet: it is looked for as it stands then.
    private static PortFilter FilterOf(string text)
    {
        var words = WordsOf(text);
        return words.Length == 0 ? PortFilter.TcpAndUdp
            : PortFilter.Parse(words).Value ?? new PortFilter { Words = [.. words] };
    }

    private static bool Matches(WatchState state, WatchRow row) =>
        state.Filter.Length == 0 || FilterOf(state.Filter).Matches(WatchCells.FacetsOf(row, state), state.Place.Caller);

    private static string[] WordsOf(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
