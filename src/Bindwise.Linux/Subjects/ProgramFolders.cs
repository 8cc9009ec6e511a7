using Bindwise.Linux.Callers;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// The mounts, the root and the working folder of a process that runs with others than bindwise (mount_namespaces(7), chroot(2)): one path
/// leads to other files there.
/// </summary>
internal sealed class ProgramFolders : IDisposable
{
    private SafeFileDescriptor? _mounts;
    private SafeFileDescriptor? _root;
    private SafeFileDescriptor? _folder;
    private string? _obstacle;

    private ProgramFolders()
    {
    }

    /// <summary>Its mounts or its root are not the caller's.</summary>
    internal bool HasOtherMounts => _mounts is not null || _root is not null;

    /// <summary>
    /// A path leads the process to a file with this inode; Unknown where that cannot be looked at.
    /// </summary>
    internal static Fact Leads(int processId, string path, uint inode)
    {
        using var process = ProcessHandle.TryOpen(processId);
        if (process?.NamespaceOf("mnt") is null)
            return Fact.Unknown;
        using var folders = Of(process);
        var answer = Fact.No;
        return folders?.Inspect(() => answer = FileStatusCall.Lstat([.. Encoding.UTF8.GetBytes(path), 0], out var status) == Errno.None
            && unchecked((uint)status.Inode) == inode ? Fact.Yes : Fact.No) is null ? answer : Fact.Unknown;
    }

    /// <summary>
    /// Those of a process; null where they are the caller's, and where /proc does not show them, which then are taken for the caller's.
    /// </summary>
    internal static ProgramFolders? Of(ProcessHandle process)
    {
        var folders = new ProgramFolders { _root = process.OpenFolder("root"), _folder = process.OpenFolder("cwd") };
        var mounts = process.NamespaceOf("mnt");
        var isOtherMounts = mounts is not null && mounts != NamespaceId.Of("/proc/thread-self/ns/mnt\0"u8);
        if (isOtherMounts && process.OpenNamespace("mnt", out folders._mounts) is not Errno.None and var errno)
            folders._obstacle = $"{errno}";
        var isSameRoot = folders._root is null || IsSame(folders._root, "/\0"u8);
        if (isSameRoot && !isOtherMounts)
        {
            folders._root?.Dispose();
            folders._root = null;
            if (folders._folder is null || IsSame(folders._folder, ".\0"u8))
            {
                folders.Dispose();
                return null;
            }
        }
        return folders;
    }

    /// <summary>Runs the look to its end on a thread that has them, and ends with it.</summary>
    /// <returns>Why it cannot have them, one clause; null when the look was taken.</returns>
    internal string? Inspect(Action inspect)
    {
        var obstacle = _obstacle;
        var hasRun = IsolatedThread.TryRun("as that program sees paths", () =>
        {
            obstacle ??= Enter() switch
            {
                Errno.None => null,
                Errno.EPERM => "that needs root (CAP_SYS_ADMIN and CAP_SYS_CHROOT)",
                var errno => $"{errno}",
            };
            if (obstacle is null)
                inspect();
        });
        return hasRun ? obstacle : "this process cannot start another thread (ulimit -u)";
    }

    public void Dispose()
    {
        _mounts?.Dispose();
        _root?.Dispose();
        _folder?.Dispose();
    }

    private Errno Enter()
    {
        var errno = PathLookupCall.Separate();
        if (errno == Errno.None && _mounts is { } mounts)
            errno = PathLookupCall.EnterMounts(mounts);
        if (errno == Errno.None && _root is { } root)
            errno = PathLookupCall.EnterRoot(root);
        return errno == Errno.None && _folder is { } folder ? PathLookupCall.EnterFolder(folder) : errno;
    }

    private static bool IsSame(SafeFileDescriptor folder, ReadOnlySpan<byte> pathNul) =>
        FileStatusCall.Fstat(folder, out var one) == Errno.None && FileStatusCall.Stat(pathNul, out var other) == Errno.None
            && (one.Inode, one.Device) == (other.Inode, other.Device);
}
