namespace Bindwise.Linux.Deadlines;

/// <summary>
/// A folder in which others put files: a user's home, a container's root directory, the system's configuration. What is read there lies
/// within the bounds of the folder, is a regular file of bounded size, and holds nobody up.
/// </summary>
internal sealed class ForeignFolder
{
    private readonly string _path;
    private readonly PathBounds _bounds;
    private readonly int? _process;
    private readonly string _root;

    private ForeignFolder(string path, PathBounds bounds, int? process = null, string root = "") =>
        (_path, _bounds, _process, _root) = (path, bounds, process, root);

    /// <summary>A folder whose files the system's administrator keeps: links in it may lead anywhere.</summary>
    internal static ForeignFolder OfSystem(string path) => new(path, PathBounds.None);

    /// <summary>
    /// A user's folder. Links in it lead out of it for that user, and never for another one: root would read what the user may not.
    /// </summary>
    internal static ForeignFolder OfUser(string path, uint user) =>
        new(path, user == EffectiveIds.User() ? PathBounds.None : PathBounds.Beneath);

    /// <summary>The root directory of a process, as /proc shows it: links in it lead to where they lead for that process.</summary>
    /// <param name="root">Where the host's files are: empty for this host.</param>
    internal static ForeignFolder OfProcess(int process, string root = "") =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{root}/proc/{process}/root"), PathBounds.InRoot, process,
            root);

    /// <summary>A file's bytes; empty where there is no such file, or it may not be read.</summary>
    /// <param name="limitBytes">A longer file is cut here.</param>
    internal ReadOnlySpan<byte> Read(string path, int limitBytes) => Inspect(path, (folder, pathNul) =>
        PlainFile.Read(folder, pathNul, _bounds, limitBytes, out var bytes) == Errno.None ? bytes : []);

    internal bool Exists(string path) => Inspect(path, (folder, pathNul) =>
    {
        var errno = PlainFile.Resolve(folder, pathNul, _bounds, out var found);
        using (found)
            return errno == Errno.None;
    });

    /// <summary>The names in a folder below this one; empty where it may not be read. Names beginning with a dot are left out.</summary>
    /// <param name="path">Its path below this folder; empty for this one.</param>
    internal List<string> List(string path, int limit) => Inspect(path, (folder, pathNul) =>
    {
        var errno = PlainFile.Open(folder, pathNul, _bounds, FileStatus.KindDirectory, out var found);
        using (found)
            return errno == Errno.None ? FolderNames.List(found.Number, limit) : null;
    }) ?? [];

    /// <summary>The file of a socket, held so that nothing is put in its place; null where there is none that is this user's.</summary>
    internal SafeFileDescriptor? FindSocket(string path, uint owner) => Inspect(path, (folder, pathNul) =>
    {
        if (PlainFile.Resolve(folder, pathNul, _bounds, out var found) == Errno.None
            && FileStatusCall.Fstat(found, out var status) == Errno.None
            && status.Kind == FileStatus.KindSocket && status.UserId == owner)
            return found;
        found.Dispose();
        return null;
    });

    /// <summary>The text of a symbolic link; empty where there is none.</summary>
    internal ReadOnlySpan<byte> ReadLink(string path)
    {
        var slash = path.LastIndexOf('/');
        return Inspect<ReadOnlySpan<byte>>(path[..(slash + 1)], (folder, parentNul) =>
        {
            if (!TryName(path[(slash + 1)..], out var nameNul)
                || PlainFile.Resolve(folder, parentNul, _bounds, out var parent) != Errno.None)
                return [];
            using (parent)
            {
                var target = new byte[512];
                return ReadLinkAt.Read(parent.Number, nameNul, target, out var length) == Errno.None ? target.AsSpan(0, length) : [];
            }
        });
    }

    /// <param name="inspect">Gets the open folder, and the path within it with its NUL.</param>
    /// <returns>What it gives; nothing where the folder may not be read.</returns>
    private T? Inspect<T>(string path, Func<int, byte[], T?> inspect)
        where T : allows ref struct
    {
        using var access = _process is { } id ? ForeignAccess.To(ForeignKind.Files, id) : ForeignAccess.ToPath(_path);
        if (!access.IsAllowed || !TryOpen(out var folder))
            return default;
        using (folder)
            return TryName(path, out var pathNul) ? inspect(folder.Number, pathNul) : default;
    }

    // A path of its own begins without a slash: with one it would lead to the root directory, whatever the folder.
    private static bool TryName(string path, out byte[] pathNul)
    {
        var relative = path.TrimStart('/');
        pathNul = [.. Encoding.UTF8.GetBytes(relative.Length == 0 ? "." : relative), 0];
        return !path.Contains('\0', StringComparison.Ordinal);
    }

    // The folder's own path is the administrator's, or the kernel's.
    private bool TryOpen(out SafeFileDescriptor folder)
    {
        if (_bounds != PathBounds.None
            && (_process is { } id ? MountTable.OfProcess(id, _root).MayBeFuse("/") : MountTable.OfCaller().MayBeFuse(_path)))
        {
            folder = new SafeFileDescriptor(-1);
            return false;
        }
        return PlainFile.Resolve(OpenAt.WorkingDirectory, [.. Encoding.UTF8.GetBytes(_path.Length == 0 ? "/" : _path), 0], PathBounds.None,
            out folder) == Errno.None;
    }
}
