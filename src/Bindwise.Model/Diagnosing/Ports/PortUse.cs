using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Diagnostics;

/// <summary>Who uses the ephemeral range, for answers about port 0 and about connect().</summary>
/// <param name="First">net.ipv4.ip_local_port_range, first port.</param>
/// <param name="Last">net.ipv4.ip_local_port_range, last port.</param>
/// <param name="Usable">Ports of the range that the system may give out.</param>
/// <param name="Used">Of these, ports on which at least one socket stands.</param>
/// <param name="Destinations">Connections by destination, the most first, at most 16.</param>
public sealed record PortUse(int First, int Last, int Usable, int Used, ImmutableArray<DestinationUse> Destinations)
{
    /// <summary>The use that a snapshot holds; null when it was not counted.</summary>
    internal static PortUse? Of(Snapshot snapshot) => snapshot.Ephemeral is not { } use ? null
        : new PortUse(
            snapshot.Settings.LocalPortFirst ?? 0, snapshot.Settings.LocalPortLast ?? 0, use.Usable, use.Used,
            [.. use.Destinations.Select(d => new DestinationUse(d.Remote, d.Local, d.Count, d.TimeWait, OwnerRoles.Assign(d.SampleInode, snapshot)))]);
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PortUse? other) => other is not null
        && (First, Last, Usable, Used) == (other.First, other.Last, other.Usable, other.Used)
        && Sequence.AreEqual(Destinations, other.Destinations);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(First, Last, Usable, Used, Sequence.Hash(Destinations));
}

/// <summary>Connections to one destination from one address.</summary>
/// <param name="Remote">Where to.</param>
/// <param name="Local">From which address.</param>
/// <param name="Count">How many, each on a port of its own.</param>
/// <param name="TimeWait">How many of them are in TIME_WAIT, which no process holds.</param>
/// <param name="Owners">The processes that hold one of the others; empty when none is visible.</param>
public sealed record DestinationUse(IpEndpoint Remote, IpAddress Local, int Count, int TimeWait, ImmutableArray<Owner> Owners)
{
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(DestinationUse? other) => other is not null
        && (Remote, Local, Count, TimeWait) == (other.Remote, other.Local, other.Count, other.TimeWait)
        && Sequence.AreEqual(Owners, other.Owners);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Remote, Local, Count, TimeWait, Sequence.Hash(Owners));
}
