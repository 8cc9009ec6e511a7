using Bindwise.Model.Events;
using Bindwise.Model.Listing;
using static System.FormattableString;

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

    /// <summary>Why the words are no filter; null where they are one.</summary>
    internal static string? FaultOf(string text) => WordsOf(text) is { Length: > 0 } words ? PortFilter.Parse(words).Error : null;

    private static bool Matches(WatchState state, WatchRow row) =>
        state.Filter.Length == 0 || FilterOf(state.Filter).Matches(WatchCells.FacetsOf(row, state), state.Place.Caller);

    private static string[] WordsOf(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>
/// The sockets of a census as servers on ports, as <c>ls</c> lists them: one row for what a process has on a port, and for what one program
/// has there by several processes on the same address. A census has less of a process than <c>ls</c> reads.
/// </summary>
internal static class PortRows
{
    /// <param name="Process">0 where nobody is seen: then the user and the interface tell servers apart.</param>
    private readonly record struct ServerKey(int Process, uint? User = null, uint Device = 0);

    private readonly record struct SharedKey(IpEndpoint Local, uint Device, string Program, uint? User);

    /// <summary>The rows of a census. A port of which nothing has changed since the census before keeps its rows.</summary>
    /// <param name="before">What was made of the census before, for the same place; null for none.</param>
    public static ListedPorts Of(HostCensus census, WatchPlace place, ListedPorts? before)
    {
        if (ReferenceEquals(before?.Census, census))
            return before;
        var sockets = new Dictionary<PortKey, List<CensusSocket>>(before?.Ports.Count ?? 0);
        foreach (var one in census.Sockets)
        {
            var key = new PortKey(one.Socket.Protocol, one.Socket.Local.Port, one.Socket.Path);
            if (!sockets.TryGetValue(key, out var ofPort))
                sockets.Add(key, ofPort = []);
            ofPort.Add(one);
        }
        var ports = new Dictionary<PortKey, ListedPorts.OfPort>(sockets.Count);
        foreach (var (key, ofPort) in sockets)
        {
            var known = before?.Ports.GetValueOrDefault(key);
            ports.Add(key, known is not null && known.IsOf(ofPort) ? known : new ListedPorts.OfPort(ofPort, RowsOf(ofPort, place)));
        }
        return new ListedPorts(census, ports);
    }

    private static ImmutableArray<PortRow> RowsOf(List<CensusSocket> sockets, WatchPlace place)
    {
        var servers = Servers(sockets).Select(server => Describe(server, place)).ToList();
        var rows = ImmutableArray.CreateBuilder<PortRow>(servers.Count);
        foreach (var (key, server, fromOutside, remark) in servers)
        {
            var beside = servers.Count == 1 ? [] : servers.Where(other => other.Port != server).Select(static one => one.Port).ToList();
            IEnumerable<Remark> warnings = PortWarnings.Of(server, beside, place.Settings, [], fromOutside);
            rows.Add(new PortRow(key, server with { Warnings = [.. remark is null ? warnings : warnings.Append(remark)] },
                place.DeviceName(server.Sockets[0].DeviceIndex)));
        }
        return rows.MoveToImmutable();
    }

    private static Dictionary<ServerKey, List<CensusSocket>>.ValueCollection Servers(List<CensusSocket> ofPort)
    {
        var first = new Dictionary<SharedKey, int>();
        var servers = new Dictionary<ServerKey, List<CensusSocket>>();
        foreach (var one in ofPort)
        {
            var (socket, process) = (one.Socket, one.Holder?.ProcessId ?? 0);
            if (one.Holder is { } holder)
            {
                var shared = new SharedKey(socket.Local, socket.DeviceIndex, holder.Program, socket.UserId);
                if (!first.TryAdd(shared, process))
                    process = first[shared];
            }
            var server = process == 0 ? new ServerKey(0, socket.UserId, socket.DeviceIndex) : new ServerKey(process);
            if (!servers.TryGetValue(server, out var sockets))
                servers.Add(server, sockets = []);
            sockets.Add(one);
        }
        return servers.Values;
    }

    private static (RowKey Key, ListedPort Port, int FromOutside, Remark? Remark) Describe(List<CensusSocket> sockets, WatchPlace place)
    {
        sockets.Sort(static (one, other) => (one.Socket.Local.Address.Family, one.Socket.Cookie)
            .CompareTo((other.Socket.Local.Address.Family, other.Socket.Cookie)));
        var first = sockets[0].Socket;
        var holder = sockets.Select(static one => one.Holder).FirstOrDefault(static one => one is not null);
        var user = first.UserId is { } id ? place.UserName(id) : null;
        var drops = sockets.Sum(static one => one.Drops);
        var cookie = sockets.Min(static one => one.Socket.Cookie);
        var port = new ListedPort
        {
            Protocol = first.Protocol,
            Port = first.Protocol == Protocol.Unix ? null : first.Local.Port,
            Sockets = [.. sockets.Select(static one => one.Socket)],
            // A process can have no name at all (PR_SET_NAME).
            Name = holder is { Program.Length: 0 } ? Invariant($"pid {holder.ProcessId}") : holder?.Program,
            Owners = holder is null ? [] : [OwnerOf(holder, first.UserId, user)],
            OwnerCount = holder is null ? 0 : CountOf(sockets),
            UserId = first.UserId,
            UserName = user,
            Connections = first is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen }
                ? sockets.Sum(static one => one.Connections) : null,
        };
        var key = new RowKey(cookie, cookie == 0 || first.Protocol == Protocol.Unix ? PortColumns.Target(port) : null);
        var remark = drops == 0 ? null : Remark.Of("drops",
            drops == 1 ? "has dropped a connection" : Invariant($"has dropped {drops} connections"));
        return (key, port, sockets.Sum(static one => one.FromOutside), remark);
    }

    private static Owner OwnerOf(CensusHolder holder, uint? user, string? name) => new()
    {
        Process = new ProcessRecord { Id = holder.ProcessId, Name = holder.Program, UserId = user, UserName = name },
        Role = OwnerRole.Holder,
        Descriptors = [],
    };

    // Of one socket its holder and the others; of several by as many processes, each of those.
    private static int CountOf(List<CensusSocket> sockets)
    {
        var processes = sockets.Select(static one => one.Holder?.ProcessId ?? 0).Where(static id => id > 0).Distinct().Count();
        return Math.Max(processes, 1 + sockets.Max(static one => one.Holder?.Others ?? 0));
    }
}

internal readonly record struct PortKey(Protocol Protocol, ushort Port, string? Path);

internal sealed class ListedPorts(HostCensus census, Dictionary<PortKey, ListedPorts.OfPort> ports)
{
    public HostCensus Census { get; } = census;

    public IReadOnlyDictionary<PortKey, OfPort> Ports { get; } = ports;
    public IEnumerable<PortRow> Rows => Ports.Values.SelectMany(static one => one.Rows);

    internal sealed class OfPort(List<CensusSocket> sockets, ImmutableArray<PortRow> rows)
    {
        public ImmutableArray<PortRow> Rows { get; } = rows;

        /// <summary>They are the same ones still: a census has a socket that has not changed as the same object.</summary>
        public bool IsOf(List<CensusSocket> others)
        {
            if (sockets.Count != others.Count)
                return false;
            for (var index = 0; index < others.Count; index++)
            {
                if (!ReferenceEquals(sockets[index], others[index]))
                    return false;
            }
            return true;
        }
    }
}
