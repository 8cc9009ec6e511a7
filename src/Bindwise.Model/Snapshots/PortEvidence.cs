using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Diagnostics;

/// <summary>
/// What one look at a port, or path, has read of it and asked about it; <see cref="Snapshot"/> says what each means. It is replaced as a whole where a socket
/// came or went meanwhile, so that nothing of a look that did not hold together stays.
/// </summary>
internal sealed record PortEvidence
{
    internal Coverage Coverage { get; init; } = new();

    internal ImmutableArray<HeldSocket> Sockets { get; init; } = [];

    internal ImmutableArray<SocketTally> Tallies { get; init; } = [];

    internal ImmutableArray<Holder> Holders { get; init; } = [];

    internal ImmutableArray<ScmRightsInFlight> DescriptorsInFlight { get; init; } = [];

    internal ImmutableArray<HolderTally> HoldersOmitted { get; init; } = [];

    internal ImmutableArray<CreatorHint> Hints { get; init; } = [];

    internal ImmutableArray<ProcessRecord> Processes { get; init; } = [];

    internal KernelSurvey? KernelSurvey { get; init; }

    internal ImmutableArray<ContainerRecord> Containers { get; init; } = [];

    internal ImmutableArray<SocketUnitRecord> SocketUnits { get; init; } = [];

    internal ImmutableArray<ProbeResult> Probes { get; init; } = [];

    internal ImmutableArray<BindRequest> Permitted { get; init; } = [];

    internal ImmutableArray<HeldSocket> UdpOnPort { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PortEvidence? other) => other is not null
        && (Coverage, KernelSurvey) == (other.Coverage, other.KernelSurvey)
        && Sequence.AreEqual(Sockets, other.Sockets)
        && Sequence.AreEqual(Tallies, other.Tallies)
        && Sequence.AreEqual(Holders, other.Holders)
        && Sequence.AreEqual(DescriptorsInFlight, other.DescriptorsInFlight)
        && Sequence.AreEqual(HoldersOmitted, other.HoldersOmitted)
        && Sequence.AreEqual(Hints, other.Hints)
        && Sequence.AreEqual(Processes, other.Processes)
        && Sequence.AreEqual(Containers, other.Containers)
        && Sequence.AreEqual(SocketUnits, other.SocketUnits)
        && Sequence.AreEqual(Probes, other.Probes)
        && Sequence.AreEqual(Permitted, other.Permitted)
        && Sequence.AreEqual(UdpOnPort, other.UdpOnPort);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Coverage, Sequence.Hash(Sockets));
}
