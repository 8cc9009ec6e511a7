using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// Many processes at once, by a walk of the kernel's own over its tasks. What the walk has no text for (executable, working directory,
/// control groups) is read in /proc of one process, and holds for each other one that shares it. A second look of the kernel's at the end
/// proves that each process that was read was the same, in the same place, as in the walk. What is special about a process is left to
/// <see cref="ProcessReader"/>: stopped ones and zombies, those at a terminal.
/// </summary>
internal sealed class TaskProcesses(
    ProcessReader reader, Func<uint, string?> userName, TaskFactsLayout layout, TaskWalk walk, TaskFacts self)
{
    /// <summary>The walks cost as much as so many processes read in /proc.</summary>
    private const int WorthwhileProcesses = 64;

    /// <summary>A walk over so many processes costs as much as one read in /proc.</summary>
    private const int WalkedForOne = 16;

    // TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_NOLOAD, and all that /proc tells (TASK_REPORT, include/linux/sched.h).
    private const uint Sleeping = 1, Uninterruptible = 2, NoLoad = 0x400, Reported = 0x7f;

    // TASK_RTLOCK_WAIT and TASK_FROZEN are told as uninterruptible (fs/proc/array.c).
    private const uint Held = 0x1000 | 0x8000;

    private readonly StartClock _clock = new();
    // Of whom places were read, that others share; and all of whom anything was read.
    private readonly List<int> _shown = [];
    private readonly HashSet<int> _examined = [];
    private readonly Dictionary<int, ProcessRecord> _composed = [];
    private readonly Dictionary<KernelPath, ExecutableLink?> _executables = [];
    private readonly Dictionary<KernelPath, string?> _folders = [];
    private readonly Dictionary<ulong, CgroupMembership> _cgroups = [];

    // Workers have one command line, and stand one after the other.
    private byte[] _argumentsBytes = [];
    private ImmutableArray<string> _arguments = [];

    /// <summary>Whether it costs less than to read each of them.</summary>
    /// <param name="all">How many there are on the host; 0 where that is not known yet.</param>
    internal static bool IsWorthwhile(int wanted, int all = 0) =>
        wanted >= WorthwhileProcesses && wanted >= all / WalkedForOne && BoundedRun.Current is not { HasStuckProcess: true };

    /// <returns>Null when each must be read by itself: for want of rights or of support by the kernel, or because the walk tells of this
    /// process something else than /proc does.</returns>
    internal static TaskProcesses? Begin(ProcessReader reader, Func<uint, string?> userName)
    {
        // Who may not read the links of every process would share what one of them shows with another that does not.
        if (TaskFactsLayout.OfThisKernel() is not { } layout
            || CapabilityCall.Effective(out var capabilities) != Errno.None || (capabilities & (1UL << CapabilityCall.SystemTrace)) == 0)
            return null;
        var walk = TaskWalk.Make(layout, WalkExtent.WithArguments) ?? TaskWalk.Make(layout, WalkExtent.Facts);
        return walk is not null && walk.TryFind(Environment.ProcessId, out var self, out _) && MatchesProc(self, reader)
            ? new TaskProcesses(reader, userName, layout, walk, self) : null;
    }

    /// <summary>Makes records of processes ahead. One that has to be read by itself is left until it is asked for.</summary>
    internal void Prepare(IReadOnlyCollection<int> pids)
    {
        _composed.EnsureCapacity(pids.Count);
        foreach (var pid in pids)
            _ = Compose(pid);
    }

    /// <summary>Reads processes and all their ancestors, each once.</summary>
    /// <returns>By id. Those that are gone are missing.</returns>
    internal ImmutableArray<ProcessRecord> Read(IEnumerable<int> pids)
    {
        var found = ProcessTree.Read(pids, Find);
        if (_examined.Count == 0)
            return found;
        var proof = TaskWalk.Identify(layout, _examined);
        bool IsProven(int pid) => proof is not null && proof.Confirms(pid, walk);
        if (_examined.All(IsProven))
            return found;
        // What one of those that were read showed may have been another place than the walk saw: then nothing of it holds.
        var areShownProven = _shown.TrueForAll(IsProven);
        return [.. found.Select(process => !_composed.ContainsKey(process.Id)
            || (areShownProven && (!_examined.Contains(process.Id) || IsProven(process.Id))) ? process : reader.Read(process.Id))
            .OfType<ProcessRecord>()];
    }

    /// <summary>Whether a process has the same mounts as this one; null when the walk does not know it.</summary>
    internal bool? SharesMounts(int pid) => walk.TryFind(pid, out var task, out _) ? task.Mounts == self.Mounts : null;

    private ProcessRecord? Find(int pid) => _composed.GetValueOrDefault(pid) ?? Compose(pid) ?? reader.Read(pid);

    /// <returns>Null where it has to be read in /proc.</returns>
    private ProcessRecord? Compose(int pid)
    {
        if (!walk.TryFind(pid, out var task, out var bytes) || !IsPlain(task)
            || !TryReadPlaces(pid, task, out var executable, out var folder, out var cgroups))
            return null;
        // What a process wrote over its command line may reach further (get_mm_proctitle(), fs/proc/base.c).
        ImmutableArray<string> arguments = [];
        if (bytes is [.., 0])
        {
            if (!bytes.SequenceEqual(_argumentsBytes))
                (_argumentsBytes, _arguments) = (bytes.ToArray(), CommandLine.Parse(bytes, isCut: false));
            arguments = _arguments;
        }
        else if (task.ArgumentsStart < task.ArgumentsEnd)
        {
            arguments = reader.ReadCommandLine(pid);
            _examined.Add(pid);
        }
        var ticks = task.StartNanoseconds / (ulong)(1_000_000_000 / ClockTicks.PerSecond);
        return _composed[pid] = new ProcessRecord
        {
            Id = pid,
            NamespacePid = task.Process.Level > self.Process.Level ? task.InnerNumber : null,
            ParentId = task.Parent.For(self.Process),
            GroupId = task.Group.For(self.Process),
            SessionId = task.Session.For(self.Process),
            Name = NameOf(task),
            State = StateOf(task),
            StartTicks = ticks,
            HasReapedChildren = task.ReapedFaults != 0,
            StartedAt = _clock.At(ticks),
            Arguments = arguments,
            Executable = executable?.Path,
            ExecutableDeleted = executable?.IsDeleted ?? false,
            WorkingDirectory = folder,
            UserId = task.UserId,
            UserName = userName(task.UserId),
            Cgroup = cgroups.Path,
            CgroupId = cgroups.Id,
            Freeze = cgroups.Freeze,
            Unit = cgroups.Unit,
            Container = cgroups.Container,
        };
    }

    private static bool IsPlain(in TaskFacts task) => task is { ExitState: 0, Terminal: 0, ArgumentsStart: not 0, Cgroups: not 0 }
        && task.Executable.Entry != 0 && task.Folder.Entry != 0 && (task.State & Reported & ~(Sleeping | Uninterruptible)) == 0;

    /// <summary>What the process shares with others: known of one of them, or read.</summary>
    private bool TryReadPlaces(int pid, in TaskFacts task, out ExecutableLink? executable, out string? folder, out CgroupMembership cgroups)
    {
        if (_executables.TryGetValue(task.Executable, out executable) & _folders.TryGetValue(task.Folder, out folder)
            & _cgroups.TryGetValue(task.Cgroups, out cgroups!))
            return true;
        if (reader.ReadPlaces(pid) is not { Executable: not null, WorkingDirectory: not null } places)
            return false;
        _shown.Add(pid);
        _examined.Add(pid);
        (executable, folder, cgroups) = (places.Executable, places.WorkingDirectory, places.Cgroups);
        _executables[task.Executable] = executable;
        _folders[task.Folder] = folder;
        _cgroups[task.Cgroups] = cgroups;
        return true;
    }

    private static string NameOf(in TaskFacts task)
    {
        var text = task.Name;
        ReadOnlySpan<byte> name = text;
        return KernelText.Decode(name.IndexOf((byte)0) is var end and >= 0 ? name[..end] : name);
    }

    // As task_state_index() tells it (include/linux/sched.h).
    private static char StateOf(in TaskFacts task) => (task.State & (Uninterruptible | NoLoad)) == (Uninterruptible | NoLoad) ? 'I'
        : (task.State & (Uninterruptible | Held)) != 0 ? 'D'
        : (task.State & Sleeping) != 0 ? 'S' : 'R';

    /// <summary>A mistake about the kernel's structures would show in this process as in every other.</summary>
    private static bool MatchesProc(in TaskFacts self, ProcessReader reader)
    {
        var reading = reader.Read(Environment.ProcessId);
        return reading is not null && self.StartNanoseconds / (ulong)(1_000_000_000 / ClockTicks.PerSecond) == reading.StartTicks
            && self.Parent.For(self.Process) == reading.ParentId && self.Group.For(self.Process) == reading.GroupId
            && self.Session.For(self.Process) == reading.SessionId && NameOf(self) == reading.Name && self.UserId == reading.UserId
            && self.InnerNumber == Environment.ProcessId
            && (self.Terminal != 0) == (reading.Terminal is not null)
            && StatX.Follow(OpenAt.WorkingDirectory, "/proc/self/ns/mnt\0"u8, out var mounts) == Errno.None && mounts.Inode == self.Mounts;
    }
}
