using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// Finds the holders of sockets by one walk of the kernel's own, and looks at each match in /proc: what /proc does not confirm is left
/// out, and when that is most of it the whole search is void, so that a mistake about the kernel's structures never becomes an answer.
/// </summary>
internal static class TaskFileSearch
{
    /// <summary>
    /// From this many processes on the walk is the cheaper way on every kernel. It costs 1 to 5 ms of preparation (more where the type
    /// information cannot be mapped) and 4 µs a process; /proc 40 µs a process (12 descriptors each).
    /// </summary>
    internal const int WorthwhileProcesses = 128;

    private const int Rounds = 2;
    private const int SampleEvery = 16;
    private const int StatusBytes = 4096;

    /// <summary>Searches all processes, threads with tables of their own included.</summary>
    /// <param name="ahead">What a walk told that was begun before it was known which inodes matter; null for none.</param>
    /// <returns>All holders, as far as they are kept (<see cref="InodeSet.LimitOf"/>); null when they must be searched in /proc: for want
    /// of rights, of support by the kernel, or of agreement.</returns>
    internal static List<Holder>? Find(int procDirectory, InodeSet wanted, List<TaskFile>? ahead, out HolderCount count)
    {
        count = new HolderCount(wanted);
        if (!KernelIterator.IsAllowed() || !IsOfOurNamespace(procDirectory) || TaskFileLayout.OfThisKernel() is not { } layout)
            return null;
        ulong[]? program = null;
        var walk = new DescriptorWalk(procDirectory, wanted);
        // The early walk does not count as a round: what it lacks may have come since.
        for (var round = ahead is null ? 1 : 0; ; round++)
        {
            // What is not kept is not gathered either: there may be millions.
            var counted = count = new HolderCount(wanted);
            bool Keep(TaskFile file) => counted.Keep(file.Inode, file.ProcessId);
            var matches = round == 0 ? Kept(ahead!, Keep)
                : TaskFileIterator.Walk(program ??= TaskFileProgram.Write(layout, wanted), layout.Function, wanted, Keep);
            if (matches is null)
                return null;
            walk.Found.Clear();
            Confirm(walk, matches, isSampled: !wanted.WithFlags);

            // What is gone since may have been handed on, and what is missing may have been on its way from one to the other.
            var isComplete = walk.Found.Count == matches.Count && counted.Sockets == wanted.Count;
            if (isComplete || round == Rounds)
                return walk.Found.Count * 2 >= matches.Count ? walk.Found : null;
        }
    }

    // In place: nobody else looks at them.
    private static List<TaskFile> Kept(List<TaskFile> ahead, Predicate<TaskFile> isKept)
    {
        ahead.RemoveAll(file => !isKept(file));
        return ahead;
    }

    /// <summary>
    /// Looks at each match; of many that are wanted without their flags at one in sixteen, and at all as soon as one of those is not as
    /// told: a mistake about the kernel's structures shows in every one.
    /// </summary>
    private static void Confirm(DescriptorWalk walk, List<TaskFile> matches, bool isSampled)
    {
        static int? ThreadOf(TaskFile match) => match.ThreadId == match.ProcessId ? null : match.ThreadId;
        if (isSampled && matches.Count > SampleEvery * SampleEvery)
        {
            for (var i = 0; i < matches.Count; i += SampleEvery)
                walk.Confirm(matches[i].ProcessId, ThreadOf(matches[i]), matches[i].Descriptor, matches[i].Inode);
            var isConfirmed = walk.Found.Count == (matches.Count + SampleEvery - 1) / SampleEvery;
            walk.Found.Clear();
            if (isConfirmed)
            {
                foreach (var match in matches)
                    walk.Take(match.ProcessId, ThreadOf(match), match.Descriptor, match.Inode);
                return;
            }
        }
        foreach (var match in matches)
            walk.Confirm(match.ProcessId, ThreadOf(match), match.Descriptor, match.Inode);
    }

    // A /proc that was mounted for another PID namespace shows other numbers; "NSpid:" has one for each namespace from its own inward.
    internal static bool IsOfOurNamespace(int procDirectory)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        return SmallFile.Read(procDirectory, "self/status\0"u8, status, out var length) == Errno.None
            && ProcessStatus.TryFindIds(status[..length], out var self, out var inner) && inner is null && self == Environment.ProcessId;
    }
}

/// <summary>
/// The kernel's walk over the open files of all tasks that the caller's PID namespace shows (kernel/bpf/task_iter.c): each process once,
/// and each thread whose table of descriptors is not its leader's. Needs Linux 5.11, CAP_BPF and CAP_PERFMON.
/// </summary>
internal static class TaskFileIterator
{
    /// <param name="function">The BTF id of the iterator's function.</param>
    /// <param name="inodes">What is looked for; null for every socket.</param>
    /// <param name="isWanted">Whether a match is gathered, asked in the order of the walk; null for all.</param>
    /// <returns>The matches; null when the kernel refuses, there are more than the limit, or the walk does not come to its end.</returns>
    internal static List<TaskFile>? Walk(ReadOnlySpan<ulong> program, int function, InodeSet? inodes, Func<TaskFile, bool>? isWanted = null,
        int matchLimit = KernelIterator.MatchLimit) =>
        KernelIterator.Walk<TaskFile>(program, function,
            file => (inodes is null || inodes.Contains(file.Inode)) && (isWanted is null || isWanted(file)), matchLimit);
}

/// <summary>What the program writes for a socket: by which descriptor of which thread it is held.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TaskFile
{
    internal const int SizeBytes = 24;

    /// <summary>The process, in the reader's PID namespace; 0 when it could not be read.</summary>
    internal int ProcessId { get; init; }

    /// <summary>The thread, the same as the process for its leader.</summary>
    internal int ThreadId { get; init; }

    internal int Descriptor { get; init; }

    private readonly int _padding;

    internal ulong Inode { get; init; }
}
