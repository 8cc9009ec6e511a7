using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Finds who holds sockets, by /proc/PID/fd: whole, since a socket may have any number of holders. Processes are shared out among a few
/// threads; nothing is allocated for descriptors that do not match. It widens only for sockets without a holder: to threads with a table
/// of their own and to what <see cref="OwnersOutOfSight"/> looks for.
/// Where there are many processes and this one has the rights, the kernel itself walks over their files (<see cref="TaskFileSearch"/>).
/// </summary>
internal sealed class OwnerSearch
{
    // The kernel's own locks, one a process, leave little to win with more.
    private const int ThreadLimit = 4;

    // Below this many processes the start of a second thread costs more than it saves.
    private const int ProcessesPerThread = 48;

    // Processes that began after /proc was listed may hold what a vanished one handed down.
    private const int Rounds = 4;

    private const string ProcRoot = "/proc";

    private readonly int _procDirectory;
    private readonly InodeSet _needed;
    private readonly InodeSet _wanted;
    private readonly int _threadLimit;
    private readonly int _taskFilesFrom;
    private readonly HashSet<int> _seen = [];
    private readonly List<Holder> _found = [];
    private readonly HolderCount _count;
    private readonly List<string> _notes = [];
    private readonly OwnerTally _tally = new();
    private readonly EarlyWalk? _early;
    private List<int>? _listed;

    private OwnerSearch(int procDirectory, InodeSet needed, InodeSet wanted, int threadLimit, int taskFilesFrom, EarlyWalk? early)
    {
        _procDirectory = procDirectory;
        _needed = needed;
        _wanted = wanted;
        _count = new HolderCount(wanted);
        _threadLimit = threadLimit;
        _taskFilesFrom = taskFilesFrom;
        _early = early;
    }

    /// <param name="inodes">The sockets' inodes; 0 (no file) is left out. With none left, nothing is read.</param>
    /// <param name="besides">Further inodes, found in passing; that one of them has no visible holder is not worth a wider search.</param>
    /// <param name="threads">The most threads to use; null for as many as there are processors, at most four.</param>
    /// <param name="taskFilesFrom">From how many processes on the kernel's own walk is tried first: 0
    /// for always, int.MaxValue for never.</param>
    /// <param name="early">The kernel's walk, where it was begun ahead; null for none.</param>
    /// <param name="listed">The processes, where they were listed a moment ago; null to list them.</param>
    /// <param name="sampled">Those of the sockets that are many and alike: of each fewer holders are kept.</param>
    /// <param name="withFlags">Reads FD_CLOEXEC of each descriptor as well.</param>
    /// <returns>The findings; faults become notes, never exceptions.</returns>
    internal static OwnerFindings Find(
        IReadOnlyCollection<ulong> inodes,
        IReadOnlyCollection<ulong>? besides = null,
        string root = ProcRoot,
        int? threads = null,
        int taskFilesFrom = TaskFileSearch.WorthwhileProcesses,
        EarlyWalk? early = null,
        List<int>? listed = null,
        IEnumerable<ulong>? sampled = null,
        bool withFlags = true)
    {
        // Of what is only looked for besides, a sample does as well.
        HashSet<ulong> many = sampled is null && besides is HashSet<ulong> alone ? alone : [.. sampled ?? [], .. besides ?? []];
        var needed = new InodeSet(inodes, many) { WithFlags = withFlags };
        var wanted = besides is null ? needed : new InodeSet([.. inodes, .. besides], many) { WithFlags = withFlags };
        if (wanted.Count == 0)
            return new OwnerFindings();
        if (root == ProcRoot && ProcMountReader.Fault is { } fault)
            return new OwnerFindings { Notes = [$"{fault}: owners were not searched"] };

        var errno = OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(root + '\0'), out var directory);
        if (errno != Errno.None)
            return new OwnerFindings { Notes = [$"{root} cannot be opened ({errno}): owners were not searched"] };
        try
        {
            var limit = Math.Clamp(threads ?? Environment.ProcessorCount, 1, ThreadLimit);
            return new OwnerSearch(directory, needed, wanted, limit, taskFilesFrom, early) { _listed = listed }.Run(root);
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    /// <summary>The processes of this host, at most so many; null where they cannot be listed.</summary>
    internal static List<int>? ListProcesses(int limit = ProcFile.ProcessLimit)
    {
        var pids = new List<int>();
        return ProcFile.ListNumbers(OpenAt.WorkingDirectory, "/proc\0"u8, limit, pids) == Errno.None ? pids : null;
    }

    private OwnerFindings Run(string root)
    {
        var isByTaskFiles = FindDescriptors(root);
        if (_seen.Count == 0 && _notes.Count == 0)
            _notes.Add($"{root} shows no processes (is procfs mounted there?): owners were not found");
        var outOfSight = Missing() is { Count: > 0 } missing ? SearchOutOfSight(root, missing, isByTaskFiles) : null;
        NoteFaults();
        // The kernel's walk is one, and kept to the limits; threads and looks elsewhere kept to them each for itself.
        ImmutableArray<Holder> kept = isByTaskFiles && outOfSight is null ? [.. Distinct(_found)]
            : [.. Distinct(_found).Where(holder => _count.Keep(holder.Inode, holder.ProcessId))];

        return new OwnerFindings
        {
            Holders = kept,
            Omitted = [.. _count.Omitted.Select(static pair => new HolderTally(pair.Key, pair.Value)).OrderBy(static tally => tally.Inode)],
            InFlight = outOfSight is null ? [] : [.. outOfSight.InFlight],
            QueuesRead = outOfSight is { QueuesRead: true },
            Processes = _seen.Count,
            Unreadable = _tally.Unreadable,
            ByTaskFiles = isByTaskFiles,
            Hidden = _seen.Count != 0 && HiddenProcesses.Detect(_procDirectory),
            Notes = [.. _notes],
        };
    }

    // By the kernel's own walk where that is to be had (true), else by /proc.
    private bool FindDescriptors(string root)
    {
        var fresh = ListFresh(root);
        HolderCount? count = null;
        var taskFiles = fresh.Count >= _taskFilesFrom || BoundedRun.Current is { HasStuckProcess: true }
            ? TaskFileSearch.Find(_procDirectory, _wanted, _early?.Take(_wanted), out count) : null;
        if (taskFiles is null)
        {
            WalkRounds(root, fresh);
            return false;
        }
        _found.AddRange(taskFiles);
        _count.Add(count!);
        return true;
    }

    private OwnersOutOfSight SearchOutOfSight(string root, InodeSet missing, bool areThreadsKnown)
    {
        var readable = _seen.Except(_tally.Refused).ToList();
        IReadOnlyCollection<Holder> FindOthers(IReadOnlyCollection<ulong> inodes)
        {
            var others = new InodeSet(inodes);
            var search = new OwnerSearch(_procDirectory, needed: others, wanted: others, _threadLimit, _taskFilesFrom, early: null);
            search.FindDescriptors(root);
            return Distinct(search._found);
        }

        var outOfSight = new OwnersOutOfSight(_procDirectory, readable, mostAreReadable: _tally.Unreadable * 4 < _seen.Count, FindOthers);
        outOfSight.Search(missing, areThreadsKnown);
        _found.AddRange(outOfSight.Holders);
        _notes.AddRange(outOfSight.Notes);
        _tally.Exhausted.AddRange(outOfSight.Exhausted);
        return outOfSight;
    }

    private void WalkRounds(string root, List<int> fresh)
    {
        for (var round = 0; fresh.Count != 0; round++)
        {
            var vanishedBefore = _tally.Vanished;
            WalkAll(fresh);
            if (round == Rounds - 1 || (_tally.Vanished == vanishedBefore && Missing().Count == 0))
                break;
            fresh = ListFresh(root);
        }
    }

    // A descriptor that was seen twice counts once, by the look that saw more, and as the process's rather than as a thread's.
    private static List<Holder> Distinct(List<Holder> found)
    {
        static HoldingWay WayOf(Holder holder) => holder.Way is HoldingWay.ThreadTable ? HoldingWay.Descriptor : holder.Way;
        static (ulong, int, int, HoldingWay, bool, int) OrderOf(Holder holder) => (holder.Inode, holder.ProcessId, holder.Descriptor,
            WayOf(holder), holder.CloseOnExec is null, holder.ThreadId ?? 0);
        found.Sort(static (one, other) =>
            one.Inode != other.Inode ? one.Inode.CompareTo(other.Inode) : OrderOf(one).CompareTo(OrderOf(other)));
        var distinct = new List<Holder>(found.Count);
        foreach (var holder in found)
        {
            if (distinct is not [.., var last] || last.Inode != holder.Inode || last.ProcessId != holder.ProcessId
                || last.Descriptor != holder.Descriptor || WayOf(last) != WayOf(holder))
                distinct.Add(holder);
        }
        return distinct;
    }

    private InodeSet Missing() => _needed.Count == 0 ? _needed : _needed.Without(_found.Select(holder => holder.Inode));

    private List<int> ListFresh(string root)
    {
        var pids = _listed ?? [];
        if (_listed is null && ProcFile.ListNumbers(_procDirectory, ".\0"u8, ProcFile.ProcessLimit, pids) is not Errno.None and var errno)
            _notes.Add($"{root} could not be listed ({errno}): owners may be missing");
        _listed = null;
        _seen.EnsureCapacity(_seen.Count + pids.Count);
        pids.RemoveAll(pid => !_seen.Add(pid));
        return pids;
    }

    private void WalkAll(List<int> pids)
    {
        var share = new ProcessShare(pids);
        var extra = Math.Min(_threadLimit, pids.Count / ProcessesPerThread) - 1;
        var walks = new List<ProcessWalk>();
        var threads = new List<Thread>();
        for (var i = 0; i < extra; i++)
        {
            var walk = new ProcessWalk(_procDirectory, _wanted);
            if (BackgroundThread.Begin("owner search", () => walk.Walk(share)) is not { } thread)
                break;
            threads.Add(thread);
            walks.Add(walk);
        }

        var own = new ProcessWalk(_procDirectory, _wanted);
        own.Walk(share);
        walks.Add(own);
        threads.ForEach(thread => thread.Join());
        foreach (var walk in walks)
            Take(walk);
        RetryExhausted();
    }

    // With few descriptors left the threads take them from each other; alone, one needs two.
    private void RetryExhausted()
    {
        var again = _tally.Exhausted.Union(_tally.FlagsMissed).ToList();
        if (again.Count == 0)
            return;
        _tally.Exhausted.Clear();
        _tally.FlagsMissed.Clear();
        var walk = new ProcessWalk(_procDirectory, _wanted);
        walk.Walk(new ProcessShare(again));
        Take(walk);
    }

    private void Take(ProcessWalk walk)
    {
        _found.AddRange(walk.Found);
        _count.Add(walk.Count);
        _tally.Add(walk.Tally);
    }

    private void NoteFaults()
    {
        if (_tally.Exhausted.Count != 0)
        {
            var count = _tally.Exhausted.Distinct().Count();
            _notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"out of descriptors or memory: could not look into {count} of {_seen.Count} processes; owners may be missing"));
        }

        _notes.AddRange(_tally.Failures.Take(OwnerTally.FailureLimit));
    }
}

internal enum WalkOutcome
{
    Read,

    /// <summary>The process or thread ended meanwhile: it holds nothing any more.</summary>
    Vanished,

    Unreadable,

    /// <summary>No descriptor or memory was left to read it with: may be tried again.</summary>
    Exhausted,

    /// <summary>The kernel answered with an error that is not expected here.</summary>
    Failed,
}

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

    /// <summary>
    /// Processes that may hold descriptors which this user may not read. Kernel threads and zombies hold none and do not count.
    /// </summary>
    internal int Unreadable { get; init; }

    /// <summary>/proc keeps other users' processes out of sight (hidepid): there are more than <see cref="Processes"/>.</summary>
    internal bool Hidden { get; init; }

    /// <summary>The kernel's own walk over all open files found the holders; else /proc did.</summary>
    internal bool ByTaskFiles { get; init; }

    /// <summary>Faults met on the way, each one line.</summary>
    internal ImmutableArray<string> Notes { get; init; } = [];
}
