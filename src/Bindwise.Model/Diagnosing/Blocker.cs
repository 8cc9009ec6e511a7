namespace Bindwise.Diagnostics;

/// <summary>A socket in the way, with the rule by which it is and the processes that hold it.</summary>
public sealed record Blocker
{
    private readonly EquatableArray<Owner> _owners;
    private readonly EquatableArray<ScmRightsInFlight> _flights;

    /// <summary>The socket.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The processes that hold it; empty when none is visible.</summary>
    public required ImmutableArray<Owner> Owners { get => _owners; init => _owners = value; }

    /// <summary>The rule by which it stands in the way.</summary>
    public required Rule Rule { get; init; }

    /// <summary>
    /// The other end of the connection, when it is on this host; null for another host's, and where there is no connection.
    /// </summary>
    public Peer? Peer { get; init; }

    /// <summary>What in the kernel holds it; null where a process does, or where nothing tells.</summary>
    public KernelOwner? Kernel { get; init; }

    /// <summary>Where it waits to be received, when it is in flight through UNIX sockets; empty otherwise.</summary>
    internal ImmutableArray<ScmRightsInFlight> Flights { get => _flights; init => _flights = value; }

    /// <summary>Who may have made it; null with an owner, and where the kernel tells nothing.</summary>
    public CreatorHint? Hint { get; init; }
}
