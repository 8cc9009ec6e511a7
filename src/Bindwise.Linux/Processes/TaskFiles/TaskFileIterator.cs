using System.Buffers;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// The kernel's walk over the open files of all tasks that the caller's PID namespace shows (kernel/bpf/task_iter.c): each process once,
/// and each thread whose table of descriptors is not its leader's. Needs Linux 5.11, CAP_BPF and CAP_PERFMON.
/// </summary>
internal static class TaskFileIterator
{
    // The kernel hands out what its own buffer of eight pages holds.
    private const int BufferBytes = 32 * 1024;

    // A read may end early after a million files without a match (EAGAIN); as many as these no host has.
    private const int ReadLimit = 100_000;

    /// <summary>The most matches of a walk: as many descriptors of the same sockets no host has.</summary>
    internal const int MatchLimit = 4 * 1024 * 1024;

    private static TaskFileLayout? _known;

    /// <summary>Whether the kernel lets this thread load such programs at all. Cheap: asked before anything else is made.</summary>
    internal static bool IsAllowed()
    {
        const ulong monitor = (1UL << IdentityCall.PerformanceMonitoring) | (1UL << IdentityCall.Bpf);
        if (IdentityCall.EffectiveCapabilities(out var capabilities) != Errno.None
            || ((capabilities & monitor) != monitor && (capabilities & (1UL << IdentityCall.SystemAdministration)) == 0))
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
    internal static List<TaskFile>? Walk(ReadOnlySpan<ulong> program, int function, InodeSet? inodes, int matchLimit = MatchLimit)
    {
        var errno = BpfCall.LoadIterator(program, function, out var loaded);
        using (loaded)
        {
            if (errno != Errno.None)
                return null;
            errno = BpfCall.CreateLink(loaded, out var link);
            using (link)
            {
                if (errno != Errno.None)
                    return null;
                errno = BpfCall.CreateIterator(link, out var iterator);
                using (iterator)
                    return errno == Errno.None ? Read(iterator, inodes, matchLimit) : null;
            }
        }
    }

    private static List<TaskFile>? Read(SafeFileDescriptor iterator, InodeSet? inodes, int matchLimit)
    {
        var matches = new List<TaskFile>();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var i = 0; i < ReadLimit && matches.Count < matchLimit; i++)
            {
                var errno = ReadDescriptor.Read(iterator.Number, buffer.AsSpan(0, BufferBytes), out var length);
                if (errno == Errno.EAGAIN)
                    continue;
                if (errno != Errno.None || length % TaskFile.SizeBytes != 0)
                    return null;
                if (length == 0)
                    return matches;
                foreach (ref readonly var file in MemoryMarshal.Cast<byte, TaskFile>(buffer.AsSpan(0, length)))
                {
                    if (inodes is null || inodes.Contains(file.Inode))
                        matches.Add(file);
                }
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
