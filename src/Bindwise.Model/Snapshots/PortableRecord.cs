using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// What .NET itself tells of a host, on any system: a probe, and the sockets that the system lists. No owners, no options, and no sockets
/// that are bound without listening.
/// </summary>
public sealed record PortableRecord
{
    /// <summary>The system that was asked.</summary>
    public required HostSystem System { get; init; }

    /// <summary>What the probes answered.</summary>
    public ImmutableArray<PortableProbe> Probes { get; init; } = [];

    /// <summary>The sockets that the system lists on the port, of the protocol in question; at most 256.</summary>
    public ImmutableArray<SeenSocket> Seen { get; init; } = [];

    /// <summary>How many of them there are, those included that are too many to stand in <see cref="Seen"/>.</summary>
    public int SeenCount { get; init; }

    /// <summary>The system's list was read; false when it could not be.</summary>
    public bool IsListRead { get; init; }
}
