using System.Runtime.InteropServices;

namespace Bindwise.Linux.Deadlines;

/// <summary>What a read may wait for without end.</summary>
internal enum ForeignKind
{
    /// <summary>
    /// Links, stat, environ, maps and descriptors of a process: they wait for its exec_update_lock (kernel/fork.c), which a process holds
    /// while execve() closes its files, on whatever file system those lie.
    /// </summary>
    Process,

    /// <summary>The memory of a process, as for cmdline: it waits for mmap_lock, which a page fault may hold.</summary>
    Memory,

    /// <summary>Files behind the links of a process (exe, cwd, root): they may lie on FUSE or NFS, whose server does not answer.</summary>
    Files,

    /// <summary>A path that others chose.</summary>
    Path,
}

/// <summary>Whose files are read: a process's, or those at a path.</summary>
/// <param name="Kind">What the read may wait for.</param>
/// <param name="ProcessId">The process; 0 for a path.</param>
/// <param name="Path">The path; null for a process.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ForeignTarget(ForeignKind Kind, int ProcessId, string? Path = null);

/// <summary>
/// A span in which the calling thread reads what another process controls. Within a <see cref="BoundedRun"/> it is watched: a thread that
/// is stuck in it is given up. Spans may be nested; without a run nothing is watched.
/// </summary>
/// <example><code>
/// using var access = ForeignAccess.To(ForeignKind.Process, pid);
/// if (!access.IsAllowed)
///     return null; // it was stuck before
/// </code></example>
internal readonly ref struct ForeignAccess
{
    private readonly WatchedThread? _thread;
    private readonly ForeignTarget _before;

    private ForeignAccess(bool isAllowed, WatchedThread? thread, ForeignTarget before)
    {
        IsAllowed = isAllowed;
        _thread = thread;
        _before = before;
    }

    /// <summary>It may be read; false where a thread was given up at it, and where the time for such reads has run out.</summary>
    internal bool IsAllowed { get; }

    /// <summary>Begins to read files of a process.</summary>
    internal static ForeignAccess To(ForeignKind kind, int processId) =>
        processId == Environment.ProcessId ? new ForeignAccess(isAllowed: true, null, default) : To(new ForeignTarget(kind, processId));

    /// <summary>Begins to read at a path that others chose.</summary>
    internal static ForeignAccess ToPath(string path) => To(new ForeignTarget(ForeignKind.Path, 0, path));

    /// <summary>Ends it.</summary>
    public void Dispose() => _thread?.Turn(_before);

    private static ForeignAccess To(ForeignTarget target)
    {
        if (BoundedRun.Current is not { } run)
            return new ForeignAccess(isAllowed: true, null, default);
        if (!run.Allows(target))
            return default;
        var thread = run.ThisThread();
        return new ForeignAccess(isAllowed: true, thread, thread.Turn(target));
    }
}
