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

    /// <summary>The memory of one process after the other, by a walk of the kernel's own: it waits for the mmap_lock of each.</summary>
    Tasks,
}
