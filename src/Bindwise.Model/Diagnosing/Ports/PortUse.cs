using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Snapshots;

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
    internal static PortUse? Of(Snapshot snapshot)
    {
        if (snapshot.Ephemeral is not { } use)
            return null;
        var index = new OwnerIndex(snapshot);
        return new PortUse(
            snapshot.Settings.LocalPortFirst ?? 0, snapshot.Settings.LocalPortLast ?? 0, use.Usable, use.Used,
            [.. use.Destinations.Select(d => new DestinationUse(d.Remote, d.Local, d.Count, d.TimeWait, index.OwnersOf(d.SampleInode)) { Holders = HoldersOf(d, index) })]);
    }

    // What is forked has several holders: its maker counts, or who is named first.
    private static ImmutableArray<DestinationHolder> HoldersOf(EphemeralDestination use, OwnerIndex index)
    {
        // A snapshot file may say anything.
        var held = (int)Math.Clamp((long)use.Count - use.TimeWait, 0, int.MaxValue);
        return
        [
            .. use.Samples.Select(inode => index.OwnersOf(inode).FirstOrDefault()?.Process).OfType<ProcessRecord>().GroupBy(static process => process.Id)
                .Select(one => new DestinationHolder(one.First(), (int)Math.Round((double)one.Count() * held / use.Samples.Length), use.Samples.Length == held))
                .OrderByDescending(static one => one.Count).ThenBy(static one => one.Process.Id),
        ];
    }

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
    /// <summary>Whose they are, the most first: counted where they are few, else by a sample of some 60; empty where no holder is visible.</summary>
    public ImmutableArray<DestinationHolder> Holders { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(DestinationUse? other) => other is not null
        && (Remote, Local, Count, TimeWait) == (other.Remote, other.Local, other.Count, other.TimeWait)
        && Sequence.AreEqual(Owners, other.Owners) && Sequence.AreEqual(Holders, other.Holders);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Remote, Local, Count, TimeWait, Sequence.Hash(Owners), Sequence.Hash(Holders));
}

/// <summary>A process's part of the connections to one destination.</summary>
/// <param name="Process">The process.</param>
/// <param name="Count">How many of them it holds.</param>
/// <param name="IsCounted">False: it is inferred from a sample.</param>
public sealed record DestinationHolder(ProcessRecord Process, int Count, bool IsCounted);
