using System.Collections.Immutable;

namespace Bindwise;

/// <summary>The sockets of this network namespace that were asked for. The table lives on while it is read: it is no snapshot of one instant.</summary>
public sealed record SocketListing
{
    /// <summary>The sockets, TCP, UDP and UNIX in the order of the filter, else in the system's.</summary>
    public ImmutableArray<ListedSocket> Sockets { get; init; } = [];

    /// <summary>How many more there were than the filter's maximum.</summary>
    public int Omitted { get; init; }

    /// <summary>All that was asked for was read: nothing was omitted, and the system could tell all of it.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What could not be read and why, one line each; empty when nothing is missing but for <see cref="Omitted"/>.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
