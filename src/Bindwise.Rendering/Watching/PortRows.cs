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
    private readonly record struct ServerKey(Protocol Protocol, ushort Port, string? Path, int Process);
    private readonly record struct SharedKey(IpEndpoint Local, Protocol Protocol, string? Path, string Program, uint? User);

    public static ImmutableArray<PortRow> Of(HostCensus census, WatchPlace place)
    {
        var ports = Servers(census).Select(server => Describe(server, place)).ToList();
        var rows = ImmutableArray.CreateBuilder<PortRow>(ports.Count);
        foreach (var port in ports.GroupBy(static one => (one.Port.Protocol, one.Port.Port, one.Port.Port is null ? one.Key.Text : null)))
        {
            var servers = port.ToList();
            foreach (var (key, server, remark) in servers)
            {
                var beside = servers.Count == 1 ? [] : servers.Where(other => other.Port != server).Select(static one => one.Port).ToList();
                IEnumerable<Remark> warnings = PortWarnings.Of(server, beside, place.Settings, null);
                rows.Add(new PortRow(key, server with { Warnings = [.. remark is null ? warnings : warnings.Append(remark)] }));
            }
        }
        return rows.ToImmutable();
    }

    private static Dictionary<ServerKey, List<CensusSocket>>.ValueCollection Servers(HostCensus census)
    {
        var first = new Dictionary<SharedKey, int>();
        var servers = new Dictionary<ServerKey, List<CensusSocket>>();
        foreach (var one in census.Sockets)
        {
            var (socket, process) = (one.Socket, one.Holder?.ProcessId ?? 0);
            if (one.Holder is { } holder)
            {
                var shared = new SharedKey(socket.Local, socket.Protocol, socket.Path, holder.Program, socket.UserId);
                if (!first.TryAdd(shared, process))
                    process = first[shared];
            }
            var key = new ServerKey(socket.Protocol, socket.Local.Port, socket.Path, process);
            if (!servers.TryGetValue(key, out var sockets))
                servers.Add(key, sockets = []);
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
        var remark = drops == 0 ? null : new Remark
        {
            Id = "drops",
            Text = drops == 1 ? "has dropped a connection" : Invariant($"has dropped {drops} connections"),
        };
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
