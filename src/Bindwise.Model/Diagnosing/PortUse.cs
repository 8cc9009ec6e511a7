using System.Net;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Diagnostics;

/// <summary>Who uses the ephemeral range, for answers about port 0 and about connect().</summary>
public sealed record PortUse
{
    private readonly EquatableArray<DestinationUse> _destinations;
    private readonly EquatableArray<DestinationHolder> _boundBy;

    /// <summary>The first port: of net.ipv4.ip_local_port_range, or of those that the connector in question may use.</summary>
    public required int First { get; init; }

    /// <summary>The last port of the same range.</summary>
    public required int Last { get; init; }

    /// <summary>Ports of the range that the system, or the connector, may use.</summary>
    public required int Usable { get; init; }

    /// <summary>Of these, ports on which at least one socket stands.</summary>
    public required int Used { get; init; }

    /// <summary>
    /// Of the usable ports, those that a socket without a peer is bound to, such as a listener: connect() is given none of them, whatever
    /// the destination (inet_hash_connect(), net/ipv4/inet_hashtables.c).
    /// </summary>
    public int Bound { get; init; }

    /// <summary>The processes that hold such sockets, the most first; empty where none is visible.</summary>
    public ImmutableArray<DestinationHolder> BoundBy { get => _boundBy; init => _boundBy = value; }

    /// <summary>Connections by destination, the most first, at most 16.</summary>
    public required ImmutableArray<DestinationUse> Destinations { get => _destinations; init => _destinations = value; }

    /// <summary>The use that a snapshot holds; null when it was not counted.</summary>
    internal static PortUse? Of(Snapshot snapshot)
    {
        if (snapshot.Ephemeral is not { } use)
            return null;
        var index = new OwnerIndex(snapshot);
        return new PortUse
        {
            First = snapshot.Settings.LocalPortFirst ?? 0,
            Last = snapshot.Settings.LocalPortLast ?? 0,
            Usable = use.Usable,
            Used = use.Used,
            Bound = use.Bound,
            BoundBy =
            [
                .. use.Groups.Where(static group => !group.IsConnection)
                    .SelectMany(group => SocketShare.Of(group.Samples, group.Count, index)).GroupBy(static one => one.Process.Id)
                    .Select(static one => new DestinationHolder
                    {
                        Process = one.First().Process,
                        Count = one.Sum(static part => part.Count),
                        IsCounted = one.All(static part => part.IsCounted),
                    })
                    .OrderByDescending(static one => one.Count),
            ],
            Destinations = [.. use.Destinations.Select(d => new DestinationUse
            {
                Remote = d.Remote,
                Local = d.Local,
                Count = d.Count,
                TimeWait = d.TimeWait,
                Owners = index.OwnersOf(d.SampleInode),
                Ending = d.Ending,
                Holders =
                [
                    .. SocketShare.Of(d.Samples, d.Held, index).Select(static one =>
                        new DestinationHolder { Process = one.Process, Count = one.Count, IsCounted = one.IsCounted }),
                ],
            })],
        };
    }
}

/// <summary>Connections to one destination from one address.</summary>
public sealed record DestinationUse
{
    private readonly EquatableArray<Owner> _owners;
    private readonly EquatableArray<DestinationHolder> _holders;

    internal IpEndpoint Remote { get; init; }

    internal IpAddress Local { get; init; }

    /// <summary>Where to.</summary>
    public IPEndPoint RemoteEndPoint => Remote.ToIPEndPoint();

    /// <summary>From which address.</summary>
    public IPAddress LocalAddress => Local.ToIPAddress();

    /// <summary>How many, each on a port of its own.</summary>
    public required int Count { get; init; }

    /// <summary>How many of them are in TIME_WAIT, which no process holds.</summary>
    public required int TimeWait { get; init; }

    internal int Ending { get; init; }

    /// <summary>The processes that hold one of the others; empty when none is visible.</summary>
    public required ImmutableArray<Owner> Owners { get => _owners; init => _owners = value; }

    /// <summary>
    /// Whose they are, the most first: counted where they are few, else by a sample of some 60; empty where no holder is visible.
    /// </summary>
    public ImmutableArray<DestinationHolder> Holders { get => _holders; init => _holders = value; }
}

/// <summary>A process's part of the connections to one destination, or of the bound sockets.</summary>
public sealed record DestinationHolder
{
    /// <summary>The process.</summary>
    public required ProcessRecord Process { get; init; }

    /// <summary>How many of them it holds.</summary>
    public required int Count { get; init; }

    /// <summary>False: it is inferred from a sample.</summary>
    public required bool IsCounted { get; init; }
}
