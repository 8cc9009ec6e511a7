using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>
/// What .NET itself tells of a host, on any system: a probe, and the sockets that the system lists. No owners, no options, and no sockets
/// that are bound without listening.
/// </summary>
internal sealed record PortableRecord
{
    /// <summary>The operating system on which the probes ran.</summary>
    public required HostSystem System { get; init; }

    /// <summary>What each bind() through System.Net.Sockets answered, in the order in which they were tried.</summary>
    public ImmutableArray<PortableProbe> Probes { get; init; } = [];

    /// <summary>The sockets that the system lists on the port, of the protocol in question; at most 256.</summary>
    public ImmutableArray<SeenSocket> Seen { get; init; } = [];

    /// <summary>How many of them there are, those included that are too many to stand in <see cref="Seen"/>.</summary>
    public int SeenCount { get; init; }

    /// <summary>The system's list was read; false when it could not be.</summary>
    public bool IsListRead { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PortableRecord? other) => other is not null
        && (System, SeenCount, IsListRead) == (other.System, other.SeenCount, other.IsListRead)
        && Sequence.AreEqual(Probes, other.Probes)
        && Sequence.AreEqual(Seen, other.Seen);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(System, SeenCount, IsListRead, Sequence.Hash(Probes), Sequence.Hash(Seen));
}
