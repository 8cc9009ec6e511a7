namespace Bindwise.Linux.Processes;

/// <summary>The inodes that are looked for. Mostly one or a few, so a sorted array beats a hash table.</summary>
internal sealed class InodeSet
{
    private readonly ulong[] _sorted;

    /// <summary>Takes the inodes; 0 stands for "no file" and is left out, a double counts once.</summary>
    internal InodeSet(IEnumerable<ulong> inodes)
    {
        _sorted = [.. new SortedSet<ulong>(inodes.Where(inode => inode != 0))];
    }

    /// <summary>How many.</summary>
    internal int Count => _sorted.Length;

    /// <summary>All, the smallest first.</summary>
    internal ReadOnlySpan<ulong> Sorted => _sorted;

    /// <summary>Whether the inode is looked for.</summary>
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

    /// <summary>Those that are not among the found ones.</summary>
    internal InodeSet Without(IEnumerable<ulong> found) => new(_sorted.Except(found));
}
