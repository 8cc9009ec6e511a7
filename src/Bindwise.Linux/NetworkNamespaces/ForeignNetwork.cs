namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>A network namespace other than the calling thread's, with the processes that are in it.</summary>
/// <param name="inode">The inode of its file, /proc/PID/ns/net; 0 where that may not be looked at.</param>
internal sealed class ForeignNetwork(ulong inode)
{
    /// <summary>Processes whose descriptors are looked into, at most.</summary>
    internal const int ProcessLimit = 512;

    /// <summary>The inode of its file, /proc/PID/ns/net; 0 where that may not be looked at.</summary>
    internal ulong Inode { get; } = inode;

    /// <summary>Its name under /run/netns; null when it has none.</summary>
    internal string? Name { get; set; }

    /// <summary>Processes in it, in the order of /proc, at most <see cref="ProcessLimit"/>.</summary>
    internal List<int> Processes { get; } = [];
}
