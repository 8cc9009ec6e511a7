namespace Bindwise.Diagnostics;

/// <summary>
/// What the kernel tells of who made a socket without telling who holds it: a hint, never a proof, since sockets are inherited and passed
/// on. Looked up only for sockets of which no holder was found.
/// </summary>
public sealed record CreatorHint
{
    /// <summary>The socket's inode.</summary>
    public required ulong Inode { get; init; }

    /// <summary>The name of the user who made it; null when the user has none.</summary>
    public string? UserName { get; init; }

    /// <summary>The user has no id in the user namespace of who asks: the kernel tells the overflow id instead.</summary>
    internal bool IsOutsideUser { get; init; }

    /// <summary>The path of the cgroup (v2) in which it was made; null when that is gone, out of sight or the root.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The systemd unit of that cgroup; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>The container of that cgroup, by its whole id; null for none.</summary>
    public string? Container { get; init; }
}
