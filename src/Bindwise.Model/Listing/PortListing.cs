using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>The ports in use on a host, each server's once.</summary>
public sealed record PortListing
{
    /// <summary>By protocol (TCP, UDP, UNIX), then by port; UNIX addresses by name.</summary>
    public ImmutableArray<ListedPort> Ports { get; init; } = [];

    /// <summary>When the sockets were read, with the host's offset from UTC.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The holders of the listed sockets, and their parents.</summary>
    public ImmutableArray<ProcessRecord> Processes { get; init; } = [];

    /// <summary>The interfaces, by which a socket's device index gets its name; read only where a socket is bound to one.</summary>
    internal ImmutableArray<InterfaceRecord> Interfaces { get; init; } = [];

    /// <summary>What could not be seen and what would show it, one line each; empty if all was.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PortListing? other) => other is not null
        && TakenAt == other.TakenAt
        && Sequence.AreEqual(Ports, other.Ports)
        && Sequence.AreEqual(Processes, other.Processes)
        && Sequence.AreEqual(Interfaces, other.Interfaces)
        && Sequence.AreEqual(Notes, other.Notes);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(TakenAt, Sequence.Hash(Ports), Sequence.Hash(Processes), Sequence.Hash(Interfaces), Sequence.Hash(Notes));
}
