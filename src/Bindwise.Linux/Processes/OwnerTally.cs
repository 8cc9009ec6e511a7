using System.Globalization;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes;

/// <summary>What one thread of the search counted; the threads' tallies are added when all have ended.</summary>
internal sealed class OwnerTally
{
    /// <summary>How many unexpected errors are told one by one.</summary>
    internal const int FailureLimit = 4;

    /// <summary>Processes whose descriptors may not be read.</summary>
    internal int Unreadable { get; set; }

    /// <summary>The processes that refused, kernel threads and zombies included: a second look would be refused too.</summary>
    internal List<int> Refused { get; } = [];

    /// <summary>Processes that ended while they were looked at.</summary>
    internal int Vanished { get; set; }

    /// <summary>Processes for which no descriptor or memory was left: to be tried again.</summary>
    internal List<int> Exhausted { get; } = [];

    /// <summary>Processes whose holdings are known but for their flags, for the same want: worth another try.</summary>
    internal List<int> FlagsMissed { get; } = [];

    /// <summary>Unexpected errors, one line each, the first few.</summary>
    internal List<string> Failures { get; } = [];

    /// <summary>Counts a process at which the kernel answered with an unexpected error.</summary>
    internal void Fail(int pid, Errno errno)
    {
        Unreadable++;
        if (Failures.Count < FailureLimit)
            Failures.Add(string.Create(CultureInfo.InvariantCulture, $"the descriptors of process {pid} could not be read ({errno})"));
    }

    /// <summary>Adds another thread's counts.</summary>
    internal void Add(OwnerTally other)
    {
        Unreadable += other.Unreadable;
        Vanished += other.Vanished;
        Refused.AddRange(other.Refused);
        Exhausted.AddRange(other.Exhausted);
        FlagsMissed.AddRange(other.FlagsMissed);
        Failures.AddRange(other.Failures);
    }
}

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
    /// <param name="inodes">The sockets.</param>
    /// <param name="sampled">
    /// Those among them that are many and alike, as the connections of a server with hundreds of workers: of these fewer holders are kept.
    /// </param>
    internal InodeSet(IEnumerable<ulong> inodes, IEnumerable<ulong>? sampled = null)
    {
        _sorted = [.. new SortedSet<ulong>(inodes.Where(inode => inode != 0))];
        _sampled = [.. sampled ?? []];
        _sampleLimit = Math.Clamp(SampledHolderLimit / Math.Max(1, _sampled.Count), LeastSampled, HolderLimit);
    }

    /// <summary>FD_CLOEXEC of each descriptor is read as well, which costs as much as finding it.</summary>
    internal bool WithFlags { get; init; } = true;

    /// <summary>How many descriptors of a socket are kept; the rest is only counted.</summary>
    internal int LimitOf(ulong inode) => _sampled.Contains(inode) ? _sampleLimit : HolderLimit;

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
    internal InodeSet Without(IEnumerable<ulong> found) => new(_sorted.Except(found), _sampled) { WithFlags = WithFlags };
}
