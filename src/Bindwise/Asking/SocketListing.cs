using System.Collections.Immutable;

namespace Bindwise;

/// <summary>The requested sockets of this network namespace. The table changes while it is read: this is not a snapshot of one moment.</summary>
public sealed record SocketListing
{
    /// <summary>The sockets: protocols in the order of the filter, otherwise in the system's order.</summary>
    public ImmutableArray<ListedSocket> Sockets { get; init; } = [];

    /// <summary>How many more there were than the filter's maximum.</summary>
    public int Omitted { get; init; }

    /// <summary>Everything you asked for was read, and nothing was omitted.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What could not be read and why, one line each; empty if nothing is missing except <see cref="Omitted"/>.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
