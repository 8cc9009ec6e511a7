using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>A socket in the way, with the rule by which it is and the processes that hold it.</summary>
public sealed record Blocker
{
    /// <summary>The socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The processes that hold it; empty when none is visible.</summary>
    public required ImmutableArray<Owner> Owners { get; init; }

    /// <summary>The rule by which it stands in the way.</summary>
    public required Rule Rule { get; init; }

    /// <summary>
    /// The other end of the connection, when it is on this host; null for another host's, and where there is no connection.
    /// </summary>
    public Peer? Peer { get; init; }

    /// <summary>What in the kernel holds it; null where a process does, or where nothing tells.</summary>
    public KernelOwner? Kernel { get; init; }

    /// <summary>Where it waits to be received, when it is in flight through UNIX sockets; empty otherwise.</summary>
    internal ImmutableArray<ScmRightsInFlight> Flights { get; init; } = [];

    /// <summary>Who may have made it; null with an owner, and where the kernel tells nothing.</summary>
    public CreatorHint? Hint { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Blocker? other) => other is not null
        && (Socket, Rule, Peer, Kernel) == (other.Socket, other.Rule, other.Peer, other.Kernel)
        && Hint == other.Hint
        && Sequence.AreEqual(Owners, other.Owners)
        && Sequence.AreEqual(Flights, other.Flights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Socket, Rule, Peer, Kernel, Hint, Sequence.Hash(Owners), Sequence.Hash(Flights));
}
