namespace Bindwise.Linux.Processes;

/// <summary>
/// The threads of a process whose descriptors the process itself does not show: those of a leader that has ended (a zombie, whose
/// table is gone while other threads use it), and threads that left the common table (unshare(CLONE_FILES)).
/// </summary>
internal sealed class ThreadTables(int procDirectory, bool pidsAreOurs)
{
    /// <summary>The most threads of one process that are looked at.</summary>
    internal const int ThreadLimit = 65_536;

    // Enough for real programs: each further table of one process costs a comparison for every later thread.
    private const int TableLimit = 32;

    // st_nlink of /proc/PID/task counts "." and ".." too (proc_task_getattr, fs/proc/base.c).
    private const uint LinksOfEmptyTaskDirectory = 2;

    private readonly List<int> _threads = [];
    private readonly List<int> _tables = [];

    /// <summary>Whether the process has threads beside its leader.</summary>
    internal bool HasOthers(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/task"u8).Terminated();
        return access.IsAllowed && StatX.Follow(procDirectory, path, out var status) == Errno.None
            && status.Links > LinksOfEmptyTaskDirectory + 1;
    }

    /// <summary>Reads the first table that any thread but the leader still has: for a leader that has ended.</summary>
    internal WalkOutcome WalkFirstLiving(DescriptorWalk walk, int pid)
    {
        var outcome = List(pid);
        if (outcome != WalkOutcome.Read)
            return outcome;
        foreach (var tid in _threads)
        {
            if (tid == pid)
                continue;
            var one = walk.Walk(pid, tid);
            if (one is WalkOutcome.Unreadable or WalkOutcome.Exhausted || (one == WalkOutcome.Read && !walk.LastWasEmpty))
                return one;
        }

        return WalkOutcome.Read;
    }

    /// <summary>Reads every table that is not the leader's, each once.</summary>
    internal WalkOutcome WalkOwn(DescriptorWalk walk, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var outcome = access.IsAllowed ? List(pid) : WalkOutcome.Vanished;
        if (outcome != WalkOutcome.Read)
            return outcome;
        _tables.Clear();
        _tables.Add(pid);
        foreach (var tid in _threads)
        {
            if (tid == pid || IsKnownTable(tid))
                continue;
            if (_tables.Count < TableLimit)
                _tables.Add(tid);
            var one = walk.Walk(pid, tid);
            if (one is WalkOutcome.Unreadable or WalkOutcome.Exhausted)
                return one;
        }

        return WalkOutcome.Read;
    }

    // Where kcmp does not tell, every thread's view is read: slower, and the same descriptor may be seen twice.
    private bool IsKnownTable(int tid)
    {
        if (!pidsAreOurs)
            return false;
        foreach (var known in _tables)
        {
            switch (KCmp.SameDescriptorTable(known, tid))
            {
                case true: return true;
                case null: return false;
                default: continue;
            }
        }

        return false;
    }

    private WalkOutcome List(int pid)
    {
        _threads.Clear();
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/task"u8).Terminated();
        return ProcFile.ListNumbers(procDirectory, path, ThreadLimit, _threads) switch
        {
            Errno.None => WalkOutcome.Read,
            Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => WalkOutcome.Exhausted,
            Errno.EACCES or Errno.EPERM => WalkOutcome.Unreadable,
            _ => WalkOutcome.Vanished,
        };
    }
}
