namespace Bindwise.Linux.Processes;

/// <summary>The inodes that are looked for. Mostly one or a few, so a sorted array beats a hash table.</summary>
internal sealed class InodeSet
{
    /// <summary>So many descriptors of one socket are kept.</summary>
    internal const int HolderLimit = 512;

    /// <summary>So many of all sampled sockets together, and at least <see cref="LeastSampled"/> of each.</summary>
    internal const int SampledHolderLimit = 2048;

    /// <summary>So many descriptors of each socket are kept in any case.</summary>
    internal const int LeastSampled = 4;

    /// <summary>So many of one process: one that copies a descriptor by the thousand does not push the others out.</summary>
    internal const int OfOneProcess = 8;

    private readonly ulong[] _sorted;
    private readonly HashSet<ulong> _sampled;
    private readonly int _sampleLimit;

    /// <summary>Takes the inodes; 0 stands for "no file" and is left out, a double counts once.</summary>
    /// <param name="sampled">
    /// Those among them that are many and alike, as the connections of a server with hundreds of workers: of these fewer holders are kept.
    /// </param>
    internal InodeSet(IEnumerable<ulong> inodes, IEnumerable<ulong>? sampled = null)
    {
        ulong[] all = [.. inodes];
        Array.Sort(all);
        _sorted = [.. all.Where((inode, at) => inode != 0 && (at == 0 || inode != all[at - 1]))];
        _sampled = sampled as HashSet<ulong> ?? [.. sampled ?? []];
        _sampleLimit = Math.Clamp(SampledHolderLimit / Math.Max(1, _sampled.Count), LeastSampled, HolderLimit);
    }

    /// <summary>FD_CLOEXEC of each descriptor is read as well, which costs as much as finding it.</summary>
    internal bool WithFlags { get; init; } = true;

    /// <summary>How many descriptors of a socket are kept; the rest is only counted.</summary>
    internal int LimitOf(ulong inode) => _sampled.Contains(inode) ? _sampleLimit : HolderLimit;

    internal int Count => _sorted.Length;
    internal ReadOnlySpan<ulong> Sorted => _sorted;

    internal bool Contains(ulong inode)
    {
        if (_sorted.Length > 8)
            return Array.BinarySearch(_sorted, inode) >= 0;
        foreach (var wanted in _sorted)
        {
            if (wanted == inode)
                return true;
        }

        return false;
    }

    internal bool Covers(InodeSet other) => Array.TrueForAll(other._sorted, Contains);

    internal InodeSet Without(IEnumerable<ulong> found) => new(_sorted.Except(found), _sampled) { WithFlags = WithFlags };
}
