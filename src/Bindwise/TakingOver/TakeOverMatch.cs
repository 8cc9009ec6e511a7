using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Bindwise;

/// <summary>Which of the passed sockets are the listeners of a plan.</summary>
internal sealed class TakeOverMatch
{
    private readonly List<InheritedSocket> _unused;

    internal TakeOverMatch(ImmutableArray<InheritedSocket> passed) => _unused = [.. passed];

    /// <summary>Those that no listener is, until now.</summary>
    internal ImmutableArray<InheritedSocket> Unused => [.. _unused];

    /// <summary>Takes those of one listener out: by its name, else by addresses, transports and a port of its request.</summary>
    /// <exception cref="InheritanceException">Sockets of one name have different ports.</exception>
    internal ImmutableArray<InheritedSocket> Take(PlannedListener planned)
    {
        var found = planned.Name is { } name ? Named(name, planned.Request.Transports) : planned.Request.UnixPath is { } path ? AtPath(path) : AtPort(planned.Request);
        _ = _unused.RemoveAll(found.Contains);
        return found;
    }

    /// <summary>TCP (and UNIX) or UDP; null for a socket of another type.</summary>
    internal static Transports? TransportOf(Socket socket) => socket switch
    {
        { SocketType: SocketType.Stream } => Transports.Tcp,
        { SocketType: SocketType.Dgram, AddressFamily: not AddressFamily.Unix } => Transports.Udp,
        _ => null,
    };

    // Of another transport is none of the listener's: nobody would read it.
    private ImmutableArray<InheritedSocket> Named(string name, Transports transports)
    {
        var found = _unused.Where(one => one.Name == name && TransportOf(one.Socket) is { } transport && transports.HasFlag(transport)).ToImmutableArray();
        var ports = found.Select(static one => (one.LocalEndPoint as IPEndPoint)?.Port ?? 0).Distinct().Order().ToList();
        return ports.Count < 2
            ? found
            : throw new InheritanceException($"The passed sockets named '{name}' have the ports {string.Join(" and ", ports)}, and a listener has one: give them different names (FileDescriptorName=), or one unit each.");
    }

    private ImmutableArray<InheritedSocket> AtPath(string path)
    {
        var wanted = UnixEndPoint.Of(path).ToString();
        return [.. _unused.Where(one => one.Socket.AddressFamily == AddressFamily.Unix && TransportOf(one.Socket) == Transports.Tcp && one.LocalEndPoint.ToString() == wanted).Take(1)];
    }

    private ImmutableArray<InheritedSocket> AtPort(ListenRequest request)
    {
        var possible = _unused.Where(one => IsWanted(one, request)).ToList();
        // All sockets of a listener have one port: that of the most candidates, the earlier in the policy's order first.
        var port = possible.GroupBy(static one => ((IPEndPoint)one.LocalEndPoint).Port)
            .OrderByDescending(static group => group.Count()).ThenBy(group => request.Port.IsSystemChoice ? 0 : request.Port.Candidates.TakeWhile(one => one != group.Key).Count())
            .Select(static group => group.Key).FirstOrDefault();
        return
        [
            .. possible.Where(one => ((IPEndPoint)one.LocalEndPoint).Port == port)
                .DistinctBy(static one => (((IPEndPoint)one.LocalEndPoint).Address, TransportOf(one.Socket))),
        ];
    }

    private static bool IsWanted(InheritedSocket passed, ListenRequest request) =>
        passed.LocalEndPoint is IPEndPoint { Port: > 0 } local
        && TransportOf(passed.Socket) is { } transport && request.Transports.HasFlag(transport)
        && request.Addresses.Contains(local.Address)
        && request.Port.Candidates.Any(port => port == 0 || port == local.Port)
        // Another value covers other addresses: it would be another listener.
        && (request.Settings.V6Only is not { } only || local.AddressFamily != AddressFamily.InterNetworkV6 || PassedOptions.Read(passed.Socket, request.Settings).V6Only == only);
}
