using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// What the program writes for a process. Pointers of the kernel only tell whether two have the same: they are followed by nobody, and
/// never shown.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TaskFacts
{
    internal const int SizeBytes = 192;

    /// <summary>The first bytes, up to <see cref="Executable"/>: the same twice means the same process in the same place.</summary>
    internal const int IdentityBytes = 64;

    internal const int NameBytes = 16;

    // Where the program writes each, in bytes.
    internal const short ProcessAt = 0, StartAt = 16, CgroupsAt = 24, FolderAt = 32, ExecutableAt = 48, ParentAt = 64, GroupAt = 80,
        SessionAt = 96, NameAt = 112, StateAt = 128, ExitStateAt = 132, UserAt = 136, InnerNumberAt = 140, TerminalAt = 144,
        ReapedFaultsAt = 152, MountsAt = 160, PaddingAt = 164, ArgumentsStartAt = 168, ArgumentsEndAt = 176, ArgumentsBytesAt = 184;

    internal KernelPid Process { get; init; }

    /// <summary>When it was started, in nanoseconds since boot.</summary>
    internal ulong StartNanoseconds { get; init; }

    /// <summary>Its control groups in all hierarchies (struct css_set).</summary>
    internal ulong Cgroups { get; init; }

    internal KernelPath Folder { get; init; }

    /// <summary>Zeros for a thread of the kernel, and for a process that is ending.</summary>
    internal KernelPath Executable { get; init; }

    internal KernelPid Parent { get; init; }
    internal KernelPid Group { get; init; }
    internal KernelPid Session { get; init; }

    /// <summary>comm, with its NULs.</summary>
    internal NameText Name { get; init; }

    /// <summary>TASK_INTERRUPTIBLE and the like (include/linux/sched.h).</summary>
    internal uint State { get; init; }

    internal uint ExitState { get; init; }

    /// <summary>The effective user, as the first user namespace numbers them.</summary>
    internal uint UserId { get; init; }

    /// <summary>Its number in its own PID namespace.</summary>
    internal int InnerNumber { get; init; }

    /// <summary>0 for none.</summary>
    internal ulong Terminal { get; init; }

    /// <summary>Page faults of children that ended (cmin_flt).</summary>
    internal ulong ReapedFaults { get; init; }

    /// <summary>The inode of its mount namespace's file.</summary>
    internal uint Mounts { get; init; }

    private readonly uint _padding;

    internal ulong ArgumentsStart { get; init; }
    internal ulong ArgumentsEnd { get; init; }

    /// <summary>How many bytes of the command line follow; 0 where it is empty, too long, or could not be copied.</summary>
    internal ulong ArgumentsBytes { get; init; }

    [InlineArray(NameBytes)]
    internal struct NameText
    {
        private byte _first;
    }
}

/// <summary>A struct pid, as a certain PID namespace numbers it.</summary>
/// <param name="Number">The number at the reader's depth; anything where the process is outside the reader's namespace.</param>
/// <param name="Level">The depth of the innermost PID namespace that has it.</param>
/// <param name="Namespace">The namespace of <paramref name="Number"/>.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KernelPid(int Number, uint Level, ulong Namespace)
{
    /// <summary>The number for a reader; 0 when it is outside the reader's namespace.</summary>
    internal int For(KernelPid reader) => Level >= reader.Level && Namespace == reader.Namespace ? Number : 0;
}

/// <summary>A struct path: a directory entry of a mount. Where both are the same, the path is.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KernelPath(ulong Mount, ulong Entry);

/// <summary>What one walk over all tasks told: each process by its number.</summary>
internal sealed class TaskWalk
{
    /// <summary>More than this is not taken: 200,000 processes.</summary>
    private const int LimitBytes = 64 * 1024 * 1024;

    /// <summary>Of more, a walk over all costs less.</summary>
    private const int VisitedOneByOne = 16;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _recordBytes;
    private readonly Dictionary<int, int> _places = [];

    private TaskWalk(ReadOnlyMemory<byte> bytes, int recordBytes) => (_bytes, _recordBytes) = (bytes, recordBytes);

    /// <summary>Walks once over all processes that the caller's PID namespace shows.</summary>
    /// <returns>Null when the kernel refuses, or the walk does not come to its end.</returns>
    internal static TaskWalk? Make(TaskFactsLayout layout, WalkExtent extent)
    {
        if (extent == WalkExtent.WithArguments)
        {
            // It waits for memory of others: where one keeps it, this thread is lost, and the next walk does without.
            using var access = ForeignAccess.To(ForeignKind.Tasks, 0);
            return access.IsAllowed && BpfMapCall.CreateRoom(TaskFactsProgram.ArgumentsLimit, out var room) == Errno.None
                ? Make(layout, extent, room) : null;
        }
        return Make(layout, extent, room: null);
    }

    /// <summary>Looks once more at some processes: their identity alone.</summary>
    /// <returns>Null when the kernel refuses.</returns>
    internal static TaskWalk? Identify(TaskFactsLayout layout, IReadOnlyCollection<int> pids)
    {
        if (pids.Count > VisitedOneByOne)
            return Make(layout, WalkExtent.Identity);
        var program = TaskFactsProgram.Write(layout, WalkExtent.Identity, room: null);
        return KernelIterator.ReadBytes(program, layout.Function, pids, LimitBytes) is { } bytes
            && new TaskWalk(bytes, TaskFacts.IdentityBytes) is var walk && walk.Index() ? walk : null;
    }

    /// <summary>What was told of a process, and the bytes of its command line as far as they were copied.</summary>
    internal bool TryFind(int processId, out TaskFacts facts, out ReadOnlySpan<byte> arguments)
    {
        facts = default;
        arguments = default;
        if (!_places.TryGetValue(processId, out var place))
            return false;
        var bytes = _bytes.Span[place..];
        facts = MemoryMarshal.Read<TaskFacts>(bytes);
        arguments = bytes.Slice(TaskFacts.SizeBytes, (int)facts.ArgumentsBytes);
        return true;
    }

    /// <summary>Whether the process is the same, in the same place, as in another walk.</summary>
    internal bool Confirms(int processId, TaskWalk other) =>
        _places.TryGetValue(processId, out var mine) && other._places.TryGetValue(processId, out var theirs)
        && _bytes.Span.Slice(mine, TaskFacts.IdentityBytes).SequenceEqual(other._bytes.Span.Slice(theirs, TaskFacts.IdentityBytes));

    private static TaskWalk? Make(TaskFactsLayout layout, WalkExtent extent, SafeFileDescriptor? room)
    {
        using (room)
        {
            var program = TaskFactsProgram.Write(layout, extent, room?.Number);
            var bytes = KernelIterator.ReadBytes(program, layout.Function, extent == WalkExtent.WithArguments, LimitBytes);
            if (bytes is null)
                return null;
            var walk = new TaskWalk(bytes.Value, extent == WalkExtent.Identity ? TaskFacts.IdentityBytes : TaskFacts.SizeBytes);
            return walk.Index() ? walk : null;
        }
    }

    private bool Index()
    {
        var bytes = _bytes.Span;
        if (_recordBytes == TaskFacts.IdentityBytes)
            _places.EnsureCapacity(bytes.Length / _recordBytes);
        for (var place = 0; place < bytes.Length;)
        {
            if (bytes.Length - place < _recordBytes)
                return false;
            _places[MemoryMarshal.Read<int>(bytes[place..])] = place;
            if (_recordBytes == TaskFacts.IdentityBytes)
            {
                place += _recordBytes;
                continue;
            }
            var arguments = MemoryMarshal.Read<ulong>(bytes[(place + TaskFacts.ArgumentsBytesAt)..]);
            if (arguments > (ulong)(bytes.Length - place - _recordBytes))
                return false;
            place += _recordBytes + (int)arguments;
        }
        return true;
    }
}

/// <summary>How much of each process a walk tells.</summary>
internal enum WalkExtent
{
    /// <summary>The first <see cref="TaskFacts.IdentityBytes"/>.</summary>
    Identity,

    Facts,

    /// <summary>The facts, and after them the command line (Linux 5.18).</summary>
    WithArguments,
}
