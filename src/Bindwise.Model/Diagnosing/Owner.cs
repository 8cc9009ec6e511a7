namespace Bindwise.Diagnostics;

/// <summary>What a process is to a socket that it holds.</summary>
public enum OwnerRole : byte
{
    /// <summary>It holds it; who made it is not known.</summary>
    Holder,

    /// <summary>It made the socket, as far as the parents of the processes that hold it tell.</summary>
    Creator,

    /// <summary>It got the descriptor from its parent.</summary>
    Inherited,

    /// <summary>The descriptor waits in a UNIX socket of this process to be received.</summary>
    Receiver,

    /// <summary>Nothing names the socket, but the process uses a file whose descriptor is closed, and this socket fits.</summary>
    Candidate,

    /// <summary>It is bindwise, which keeps the socket for a program that it runs (<c>run --hold</c>, <c>pick --hold</c>).</summary>
    Keeper,
}

/// <summary>A process that holds a socket.</summary>
public sealed record Owner
{
    private readonly EquatableArray<int> _descriptors;
    private readonly EquatableArray<HoldingWay> _ways;

    /// <summary>The process.</summary>
    public required ProcessRecord Process { get; init; }

    /// <summary>What it is to the socket.</summary>
    public required OwnerRole Role { get; init; }

    /// <summary>Its descriptors of that socket.</summary>
    public required ImmutableArray<int> Descriptors { get => _descriptors; init => _descriptors = value; }

    /// <summary>By what it holds the socket, each way once.</summary>
    internal ImmutableArray<HoldingWay> Ways { get => _ways; init => _ways = value; }

    /// <summary>
    /// The thread in whose table the descriptor stands, or whose system call holds the socket; null when the process's own shows it.
    /// </summary>
    public int? ThreadId { get; init; }

    /// <summary>The system call that holds it, as <c>accept4</c>; null for another way, and where its name is not known.</summary>
    public string? Call { get; init; }

    /// <summary>Where it was started; null when that was not asked.</summary>
    public ProcessProvenance? StartedFrom { get; init; }
}
