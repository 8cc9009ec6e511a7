using System.Collections.Immutable;

namespace Bindwise.Model.Listing;

/// <summary>What a look at all ports of a host gives: what <see cref="PortLister"/> makes a listing of.</summary>
/// <param name="Snapshot">The listening and bound sockets, their holders and settings.</param>
/// <param name="AllConnections">TIME_WAIT and the connections of ports without a listener were counted as well.</param>
internal sealed record PortSurvey(Snapshot Snapshot, ImmutableArray<ConnectionTally> Tallies, bool AllConnections);

/// <summary>The connections of one listening address, or of a port on which nothing listens.</summary>
/// <param name="Port">The local port; 0 for UNIX.</param>
/// <param name="Listener">The listening address that accepted them; null where nothing listens.</param>
internal sealed record ConnectionTally(Protocol Protocol, ushort Port, IpAddress? Listener, ImmutableArray<StateCount> States)
{
    /// <summary>The UNIX address; null for TCP.</summary>
    public string? Path { get; init; }

    /// <summary>How many of them come from another host, or from an address of this one that is not loopback.</summary>
    public int FromOutside { get; init; }
}
