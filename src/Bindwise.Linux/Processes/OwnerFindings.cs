using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>What the search for the owners of sockets found, and how much it saw.</summary>
internal sealed record OwnerFindings
{
    /// <summary>Every descriptor that was found, by inode, process, descriptor.</summary>
    internal ImmutableArray<Holder> Holders { get; init; } = [];

    /// <summary>Sockets with more holders than are kept.</summary>
    internal ImmutableArray<HolderTally> Omitted { get; init; } = [];

    /// <summary>UNIX sockets in which descriptors wait; looked for only when a socket has no holder.</summary>
    internal ImmutableArray<ScmRightsInFlight> InFlight { get; init; } = [];

    /// <summary>All queues of UNIX sockets were looked into: what is not in <see cref="InFlight"/> waits nowhere.</summary>
    internal bool QueuesRead { get; init; }

    /// <summary>Processes that /proc showed, kernel threads included; 0 when nothing was searched.</summary>
    internal int Processes { get; init; }

    /// <summary>Processes that may hold descriptors which this user may not read. Kernel threads and zombies hold none and do not count.</summary>
    internal int Unreadable { get; init; }

    /// <summary>/proc keeps other users' processes out of sight (hidepid): there are more than <see cref="Processes"/>.</summary>
    internal bool Hidden { get; init; }

    /// <summary>The kernel's own walk over all open files found the holders; else /proc did.</summary>
    internal bool ByTaskFiles { get; init; }

    /// <summary>Faults met on the way, each one line.</summary>
    internal ImmutableArray<string> Notes { get; init; } = [];
}
