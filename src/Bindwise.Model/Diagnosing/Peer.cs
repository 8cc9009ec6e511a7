using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Diagnostics;

/// <summary>The other end of a connection, on this host.</summary>
public sealed record Peer
{
    private readonly EquatableArray<Owner> _owners;

    /// <summary>Its socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>
    /// The processes that hold it; empty when none is visible, or it was not looked for (<see cref="LocalPeers.MaximumLookups"/>).
    /// </summary>
    public required ImmutableArray<Owner> Owners { get => _owners; init => _owners = value; }
}
