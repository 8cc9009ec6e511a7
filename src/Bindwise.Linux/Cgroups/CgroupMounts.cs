using Bindwise.Linux.Text;

namespace Bindwise.Linux.Cgroups;

/// <summary>Where the hierarchies of cgroups are mounted, as /proc/self/mountinfo tells; read once, when first asked for.</summary>
internal sealed class CgroupMounts(string procRoot)
{
    private List<MountInfo>? _all;

    /// <summary>Where systemd keeps a link for each unit that is not inactive or failed (unit_notify(), src/core/unit.c).</summary>
    internal string Units { get; } = Path.Combine(Path.GetDirectoryName(procRoot) ?? "/", "run/systemd/units");

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
    // PATH_MAX.
    private const int PathLimitBytes = 4096;

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

    /// <summary>The path of a group by its id, as /proc/PID/cgroup shows it: all that is known of an ended process.</summary>
    /// <returns>
    /// Null for the root, which says nothing, for a group that is gone or lies outside of what is mounted, and without CAP_DAC_READ_SEARCH.
    /// </returns>
    internal string? PathOf(ulong id)
    {
        if (mounts.Unified is not { } mount)
            return null;
        using var root = OpenAt.TryOpen([.. mount.Point, 0]);
        if (root is null || CgroupHandleCall.Open(root.Number, id, out var group) != Errno.None)
            return null;
        using (group)
        {
            var path = new byte[PathLimitBytes];
            var link = Terminated.OfDescriptor(stackalloc byte[32], group.Number);
            return ReadLinkAt.Read(OpenAt.WorkingDirectory, link, path, out var length) == Errno.None && length < path.Length
                ? PathBelow(mount, path.AsSpan(0, length)) : null;
        }
    }

    // A group that was removed in this moment has its name still.
    private static string? PathBelow(MountInfo mount, ReadOnlySpan<byte> path)
    {
        var suffix = " (deleted)"u8;
        path = path.EndsWith(suffix) ? path[..^suffix.Length] : path;
        if (!path.StartsWith(mount.Point) || path.Length <= mount.Point.Length || path[mount.Point.Length] != (byte)'/')
            return null;
        // A mount from outside of this process's own part of the hierarchy has a root such as /../.. (cgroup_namespaces(7)).
        var root = mount.Root == "/" || mount.Root.Split('/').Contains("..") ? "" : mount.Root;
        return root + KernelText.Decode(path[mount.Point.Length..]);
    }

    private static ulong Ask(byte[] point, string below)
    {
        byte[] path = [.. point, .. Encoding.UTF8.GetBytes(below), 0];
        return StatX.OfLink(OpenAt.WorkingDirectory, path, out var status) == Errno.None ? status.Inode : 0;
    }
}

/// <summary>
/// Which names in the tree of cgroups mean something. Who owns a group's folder names the groups below it: a part that was delegated to an
/// ordinary user may hold a group by the name of another unit or another's container. Below a user's own manager (<c>user@1000.service</c>)
/// all names are that user's, and stand for that user's units and containers. The system is who owns the top of the hierarchy: root, or
/// what a user namespace makes of it. A process that its unit has left behind (KillMode=process) is in the unit's group still, and
/// nobody's: to stop the unit would not end it, and nothing starts it again.
/// </summary>
internal sealed class CgroupNames(CgroupMounts mounts)
{
    private const int MaximumDepth = 64;

    private readonly Dictionary<(string Path, bool IsUnified), bool> _known = [];

    private readonly Dictionary<string, bool> _ended = new(StringComparer.Ordinal);

    internal string? UnitOf(CgroupFile groups)
    {
        foreach (var path in Paths(groups))
        {
            if (CgroupPath.Unit(path) is { } unit)
                return path.StartsWith("/system.slice/", StringComparison.Ordinal) && HasEnded(unit) ? null : unit;
        }
        return null;
    }

    internal string? ContainerOf(CgroupFile groups) =>
        Paths(groups).Select(CgroupPath.Container).FirstOrDefault(static container => container is not null);

    /// <summary>The part of a group's path that the system named, or a user's manager its own; what cannot be looked at stands.</summary>
    /// <param name="path">The path, as /proc/PID/cgroup shows it.</param>
    /// <param name="isUnified">In the unified hierarchy; else in systemd's own of v1.</param>
    internal string Meant(string path, bool isUnified = true)
    {
        // systemd delegates no slice: only below something else can a folder be an ordinary user's.
        var isBelowSlices = true;
        var end = 0;
        for (var depth = 0; end < path.Length && depth < MaximumDepth; depth++)
        {
            if (!isBelowSlices && IsOrdinary(path[..end], isUnified))
                return path[..end];
            var next = path.IndexOf('/', end + 1);
            next = next < 0 ? path.Length : next;
            var name = path.AsSpan(end, next - end).TrimStart('/');
            end = next;
            if (!isBelowSlices || name.EndsWith(".slice", StringComparison.Ordinal))
                continue;
            if (name.StartsWith("user@", StringComparison.Ordinal) && name.EndsWith(".service", StringComparison.Ordinal))
                return path;
            isBelowSlices = false;
        }
        return path[..end];
    }

    /// <summary>All paths of a process as far as they mean something, the one that tells most first.</summary>
    internal IEnumerable<string> Paths(CgroupFile groups)
    {
        // The other hierarchies of v1 are delegated to nobody (cgroups(7), "Delegation").
        foreach (var path in groups.Paths)
            yield return groups.Others.Contains(path) ? path : Meant(path, path == groups.Unified);
    }

    /// <summary>
    /// A service of the system that is inactive or failed; false where that is not told. An escaped name is another one there.
    /// </summary>
    private bool HasEnded(string unit)
    {
        if (!unit.EndsWith(".service", StringComparison.Ordinal) || unit.StartsWith('_'))
            return false;
        if (!_ended.TryGetValue(unit, out var known))
            _ended[unit] = known = ErrorAt($"{mounts.Units}/invocation:{unit}") == Errno.ENOENT && ErrorAt(mounts.Units) == Errno.None;
        return known;

        static Errno ErrorAt(string path) => StatX.OfLink(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + '\0'), out _);
    }

    private bool IsOrdinary(string path, bool isUnified)
    {
        if (_known.TryGetValue((path, isUnified), out var known))
            return known;
        return _known[(path, isUnified)] = (isUnified ? mounts.Unified : mounts.Named) is { } mount
            && CgroupMounts.Below(mount.Root, path) is { } below
            && OwnerOf(mount, below) is { } owner && owner != OwnerOf(mount, "");
    }

    private static uint? OwnerOf(MountInfo mount, string below)
    {
        byte[] path = [.. mount.Point, .. Encoding.UTF8.GetBytes(below), 0];
        return StatX.OfLink(OpenAt.WorkingDirectory, path, out var status) == Errno.None ? status.UserId : null;
    }
}
