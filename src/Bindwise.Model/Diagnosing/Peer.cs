using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Diagnostics;

/// <summary>The other end of a connection, on this host.</summary>
public sealed record Peer
{
    /// <summary>Its socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>
    /// The processes that hold it; empty when none is visible, or it was not looked for (<see cref="LocalPeers.MaximumLookups"/>).
    /// </summary>
    public required ImmutableArray<Owner> Owners { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(Peer? other) => other is not null
        && Socket == other.Socket
        && Sequence.AreEqual(Owners, other.Owners);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Socket, Sequence.Hash(Owners));
}
