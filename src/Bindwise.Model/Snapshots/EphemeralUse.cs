using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>The ephemeral range as port 0 sees it.</summary>
public sealed record EphemeralUse
{
    /// <summary>Ports in the range that port 0 may give out (reserved ones left out).</summary>
    public int Usable { get; init; }

    /// <summary>Of these, ports on which at least one socket stands.</summary>
    public int Used { get; init; }

    /// <summary>Sockets on ports of the range, by state and user, the most first; at most 16.</summary>
    public ImmutableArray<EphemeralGroup> Groups { get; init; } = [];
}

/// <summary>Sockets of one kind on ephemeral ports.</summary>
/// <param name="State">The state's name.</param>
/// <param name="UserId">The user; null for sockets without a process.</param>
/// <param name="RemotePort">The remote port that they share, when they share one; else null.</param>
/// <param name="Count">How many.</param>
/// <param name="SampleInode">The inode of one of them, by which its owner is found; 0 for none.</param>
public sealed record EphemeralGroup(string State, uint? UserId, ushort? RemotePort, int Count, ulong SampleInode);
