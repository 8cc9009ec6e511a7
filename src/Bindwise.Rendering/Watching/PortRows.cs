using Bindwise.Model.Events;
using Bindwise.Model.Listing;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

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
    /// <param name="place">What the screen knows besides.</param>
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
        foreach (var (key, server, remark) in servers)
        {
            var beside = servers.Count == 1 ? [] : servers.Where(other => other.Port != server).Select(static one => one.Port).ToList();
            IEnumerable<Remark> warnings = PortWarnings.Of(server, beside, place.Settings, [], null);
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

    private static (RowKey Key, ListedPort Port, Remark? Remark) Describe(List<CensusSocket> sockets, WatchPlace place)
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
            Name = holder?.Program,
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
        return (key, port, remark);
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

/// <param name="Path">Of a UNIX socket; null for others.</param>
internal readonly record struct PortKey(Protocol Protocol, ushort Port, string? Path);

internal sealed class ListedPorts(HostCensus census, Dictionary<PortKey, ListedPorts.OfPort> ports)
{
    public HostCensus Census { get; } = census;

    public IReadOnlyDictionary<PortKey, OfPort> Ports { get; } = ports;

    /// <summary>All rows, in no order.</summary>
    public IEnumerable<PortRow> Rows => Ports.Values.SelectMany(static one => one.Rows);

    /// <summary>The sockets of a port, and what they are shown as.</summary>
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
