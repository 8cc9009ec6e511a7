namespace Bindwise.Linux.Cgroups;

/// <summary>Where the hierarchies of cgroups are mounted, as /proc/self/mountinfo tells; read once, when first asked for.</summary>
internal sealed class CgroupMounts(string procRoot)
{
    private List<MountInfo>? _all;

    /// <summary>The unified hierarchy (v2); null where it is not mounted.</summary>
    internal MountInfo? Unified => All.FindLast(static m => m.FileSystem == "cgroup2");

    /// <summary>The freezer's hierarchy of v1; null where it is not mounted.</summary>
    internal MountInfo? Freezer => All.FindLast(static m => IsVersion1(m, "freezer"));

    /// <summary>systemd's own hierarchy of v1; null where it is not mounted.</summary>
    internal MountInfo? Named => All.FindLast(static m => IsVersion1(m, "name=systemd"));

    private List<MountInfo> All => _all ??= ProcFile.ReadAll(OpenAt.WorkingDirectory,
        Encoding.UTF8.GetBytes($"{procRoot}/self/mountinfo\0"), MountInfo.LimitBytes, out var bytes) == Errno.None
        ? MountInfo.Parse(bytes) : [];

    /// <summary>The part of a group's path below a mount; null when it lies outside.</summary>
    /// <param name="path">The group's path, as /proc/PID/cgroup shows it.</param>
    internal static string? Below(string mountRoot, string path)
    {
        if (path.Split('/').Contains(".."))
            return null;
        if (mountRoot == "/")
            return path;
        return path.StartsWith(mountRoot, StringComparison.Ordinal) && (path.Length == mountRoot.Length || path[mountRoot.Length] == '/')
            ? path[mountRoot.Length..]
            : null;
    }

    private static bool IsVersion1(MountInfo mount, string option) =>
        mount.FileSystem == "cgroup" && mount.Options.Split(',').Contains(option, StringComparer.Ordinal);
}

/// <summary>What the mounted hierarchies tell of control groups.</summary>
internal sealed class CgroupTree(CgroupMounts mounts)
{
    internal CgroupMounts Mounts { get; } = mounts;
    internal CgroupIds Ids { get; } = new(mounts);
    internal CgroupFreezer Freezer { get; } = new(mounts);
    internal CgroupNames Names { get; } = new(mounts);
}

/// <summary>
/// The ids of cgroups (v2): the inode of the group's directory, which is what sock_diag tells about a socket (INET_DIAG_CGROUP_ID).
/// </summary>
internal sealed class CgroupIds(CgroupMounts mounts)
{
    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);

    /// <param name="path">The path in the unified hierarchy, as /proc/PID/cgroup shows it.</param>
    /// <returns>0 when there is no cgroup2 mount, or the group lies outside of what is mounted.</returns>
    internal ulong Find(string path)
    {
        if (_known.TryGetValue(path, out var id))
            return id;
        return _known[path] = mounts.Unified is { } mount && CgroupMounts.Below(mount.Root, path) is { } below ? Ask(mount.Point, below)
            : 0;
    }

    private static ulong Ask(byte[] point, string below)
    {
        byte[] path = [.. point, .. Encoding.UTF8.GetBytes(below), 0];
        return StatX.OfLink(OpenAt.WorkingDirectory, path, out var status) == Errno.None ? status.Inode : 0;
    }
}
