using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Keeps of each socket's descriptors as many as an answer needs (<see cref="InodeSet.LimitOf"/>), in the order in which they come, and
/// counts the processes that are left out wholly.
/// </summary>
internal sealed class HolderCount(InodeSet wanted)
{
    private readonly Dictionary<ulong, int> _kept = [];
    private readonly Dictionary<(ulong Inode, int ProcessId), int> _ofProcess = [];

    /// <summary>How many processes were left out, by socket.</summary>
    internal Dictionary<ulong, int> Omitted { get; } = [];

    /// <summary>Counts a descriptor.</summary>
    /// <returns>Whether to keep it.</returns>
    internal bool Keep(ulong inode, int processId)
    {
        ref var kept = ref CollectionsMarshal.GetValueRefOrAddDefault(_kept, inode, out _);
        ref var ofProcess = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofProcess, (inode, processId), out _);
        if (ofProcess >= 0 && ofProcess < InodeSet.OfOneProcess && kept < wanted.LimitOf(inode))
        {
            kept++;
            ofProcess++;
            return true;
        }
        if (ofProcess == 0)
        {
            ofProcess = -1;
            Omit(inode, 1);
        }
        return false;
    }

    /// <summary>Adds what another count left out.</summary>
    internal void Add(HolderCount other)
    {
        foreach (var (inode, count) in other.Omitted)
            Omit(inode, count);
    }

    private void Omit(ulong inode, int count) => CollectionsMarshal.GetValueRefOrAddDefault(Omitted, inode, out _) += count;
}
