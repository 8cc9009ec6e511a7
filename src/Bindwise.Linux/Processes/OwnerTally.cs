using System.Runtime.InteropServices;

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
/// counts the processes that are left out wholly. It remembers no more than what is kept: where a thousand processes hold each of
/// thousands of sockets, that is the least part. The descriptors of a process come one after the other; a process that is left out and
/// comes again after others, by a thread with a table of its own, counts again.
/// </summary>
internal sealed class HolderCount(InodeSet wanted)
{
    private readonly Dictionary<ulong, (int Kept, int LastOmitted)> _sockets = [];
    private readonly Dictionary<(ulong Inode, int ProcessId), int> _ofProcess = [];

    internal int Sockets => _sockets.Count;

    /// <summary>How many processes were left out, by socket.</summary>
    internal Dictionary<ulong, int> Omitted { get; } = [];

    internal bool Keep(ulong inode, int processId)
    {
        if (_sockets.Count == 0)
        {
            _sockets.EnsureCapacity(wanted.Count);
            _ofProcess.EnsureCapacity(wanted.Count);
        }
        ref var socket = ref CollectionsMarshal.GetValueRefOrAddDefault(_sockets, inode, out _);
        var ofProcess = _ofProcess.GetValueOrDefault((inode, processId));
        if (ofProcess < InodeSet.OfOneProcess && socket.Kept < wanted.LimitOf(inode))
        {
            socket.Kept++;
            _ofProcess[(inode, processId)] = ofProcess + 1;
            return true;
        }
        if (ofProcess == 0 && socket.LastOmitted != processId)
        {
            socket.LastOmitted = processId;
            Omit(inode, 1);
        }
        return false;
    }

    internal void Add(HolderCount other)
    {
        foreach (var (inode, count) in other.Omitted)
            Omit(inode, count);
    }

    private void Omit(ulong inode, int count) => CollectionsMarshal.GetValueRefOrAddDefault(Omitted, inode, out _) += count;
}
