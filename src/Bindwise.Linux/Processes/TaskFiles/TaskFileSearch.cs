using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;

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

    private const int StatusBytes = 4096;

    /// <summary>Searches all processes, threads with tables of their own included.</summary>
    /// <param name="procDirectory">An open /proc.</param>
    /// <param name="wanted">The inodes.</param>
    /// <param name="early">A walk that was begun before it was known which inodes matter; null for none.</param>
    /// <param name="count">What was found beyond them.</param>
    /// <returns>All holders, as far as they are kept (<see cref="InodeSet.LimitOf"/>); null when they must be searched in /proc: for want of rights, of support by the kernel, or of agreement.</returns>
    internal static List<Holder>? Find(int procDirectory, InodeSet wanted, EarlyWalk? early, out HolderCount count)
    {
        count = new HolderCount(wanted);
        // First, since it reads what is needed here as well.
        var ahead = early?.Take(wanted);
        if (!TaskFileIterator.IsAllowed() || !IsOfOurNamespace(procDirectory) || TaskFileIterator.Layout() is not { } layout)
            return null;
        var program = TaskFileProgram.Write(layout, wanted);
        var walk = new DescriptorWalk(procDirectory, wanted);
        // The early walk does not count as a round: what it lacks may have come since.
        for (var round = ahead is null ? 1 : 0; ; round++)
        {
            if ((round == 0 ? ahead : TaskFileIterator.Walk(program, layout.Function, wanted)) is not { } all)
                return null;
            var counted = count = new HolderCount(wanted);
            var matches = all.FindAll(file => counted.Keep(file.Inode, file.ProcessId));
            walk.Found.Clear();
            foreach (var match in matches)
                walk.Confirm(match.ProcessId, match.ThreadId == match.ProcessId ? null : match.ThreadId, match.Descriptor, match.Inode);

            // What is gone since may have been handed on, and what is missing may have been on its way from one to the other.
            var isComplete = walk.Found.Count == matches.Count && wanted.Without(walk.Found.Select(static holder => holder.Inode)).Count == 0;
            if (isComplete || round == Rounds)
                return walk.Found.Count * 2 >= matches.Count ? walk.Found : null;
        }
    }

    // A /proc that was mounted for another PID namespace shows other numbers; "NSpid:" has one for each namespace from its own inward.
    private static bool IsOfOurNamespace(int procDirectory)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (ProcFile.Read(procDirectory, "self/status\0"u8, status, out var length) != Errno.None)
            return false;
        status = status[..length];
        var at = status.IndexOf("\nNSpid:\t"u8);
        if (at < 0)
            return false;
        var numbers = status[(at + 8)..];
        var end = numbers.IndexOf((byte)'\n');
        return end > 0 && int.TryParse(numbers[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var self) && self == Environment.ProcessId;
    }
}
