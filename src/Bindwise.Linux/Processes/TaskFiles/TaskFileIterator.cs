using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// The kernel's walk over the open files of all tasks that the caller's PID namespace shows (kernel/bpf/task_iter.c): each process once,
/// and each thread whose table of descriptors is not its leader's. Needs Linux 5.11, CAP_BPF and CAP_PERFMON.
/// </summary>
internal static class TaskFileIterator
{
    private static TaskFileLayout? _known;

    /// <summary>Whether the kernel lets this thread load such programs at all. Cheap: asked before anything else is made.</summary>
    internal static bool IsAllowed()
    {
        const ulong monitor = (1UL << CapabilityCall.PerformanceMonitoring) | (1UL << CapabilityCall.Bpf);
        if (CapabilityCall.Effective(out var capabilities) != Errno.None
            || ((capabilities & monitor) != monitor && (capabilities & (1UL << CapabilityCall.SystemAdministration)) == 0))
            return false;

        // The capabilities may be those of a user namespace: then they do not count, which only the kernel can tell.
        var errno = BpfCall.LoadIterator(TaskFileProgram.Empty, 0, out var program);
        program.Dispose();
        return errno == Errno.EINVAL;
    }

    /// <summary>This kernel's structures; null when they cannot be told. Read once, since a kernel does not change while it runs.</summary>
    internal static TaskFileLayout? Layout()
    {
        if (_known is { } known)
            return known;
        var errno = MappedFile.Open("/sys/kernel/btf/vmlinux\0"u8, TaskFileLayout.LimitBytes, out var file);
        using (file)
            return errno == Errno.None ? _known = TaskFileLayout.Read(file.Bytes) : null;
    }

    /// <summary>Walks over all open files once.</summary>
    /// <param name="program">The program, as written for the same inodes.</param>
    /// <param name="function">The BTF id of the iterator's function.</param>
    /// <param name="inodes">What is looked for; null for every socket.</param>
    /// <param name="matchLimit">The most matches.</param>
    /// <returns>The matches; null when the kernel refuses, there are more than the limit, or the walk does not come to its end.</returns>
    internal static List<TaskFile>? Walk(ReadOnlySpan<ulong> program, int function, InodeSet? inodes, int matchLimit = KernelIterator.MatchLimit) =>
        KernelIterator.Walk<TaskFile>(program, function, file => inodes is null || inodes.Contains(file.Inode), matchLimit);
}
