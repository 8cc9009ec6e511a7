using Bindwise.Linux.Text;

namespace Bindwise.Linux.Cgroups;

/// <summary>
/// Whether a control group is frozen, itself or by one above it: cgroup.events and cgroup.freeze (Documentation/admin-guide/cgroup-v2.rst),
/// freezer.state of v1 (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst).
/// </summary>
internal sealed class CgroupFreezer(CgroupMounts mounts)
{
    private const int FileBytes = 256;
    private const int MaximumDepth = 64;

    private readonly Dictionary<(string Path, bool IsVersion1), CgroupFreeze?> _known = [];

    /// <summary>What freezes a process; null when nothing does, or it cannot be read.</summary>
    internal CgroupFreeze? Find(CgroupFile groups) => Find(groups.Unified, isVersion1: false) ?? Find(groups.Freezer, isVersion1: true);

    private CgroupFreeze? Find(string? path, bool isVersion1)
    {
        // The top of a hierarchy cannot be frozen.
        if (path is null or "/")
            return null;
        if (_known.TryGetValue((path, isVersion1), out var known))
            return known;
        return _known[(path, isVersion1)] = Read(path, isVersion1);
    }

    private CgroupFreeze? Read(string path, bool isVersion1)
    {
        if ((isVersion1 ? mounts.Freezer : mounts.Unified) is not { } mount || CgroupMounts.Below(mount.Root, path) is not { } below)
            return null;
        var (state, frozen) = isVersion1 ? ("freezer.state", "FROZEN") : ("cgroup.events", "frozen 1");
        if (!Lines(mount, below, state).Contains(frozen, StringComparer.Ordinal))
            return null;
        var (file, on) = isVersion1 ? ("freezer.self_freezing", "1") : ("cgroup.freeze", "1");
        var freezing = CgroupPath.Levels(path, below).Take(MaximumDepth)
            .Where(level => Lines(mount, level.Below, file).Contains(on, StringComparer.Ordinal)).ToList();
        var written = isVersion1 ? "freezer.state" : "cgroup.freeze";
        return new CgroupFreeze
        {
            // Above what is mounted here: the group is told, and no file.
            Path = freezing.Count == 0 ? path : freezing[0].Path,
            Files = [.. freezing.Select(level => $"{KernelText.Decode(mount.Point)}{level.Below.TrimEnd('/')}/{written}")],
            IsVersion1 = isVersion1,
        };
    }

    private static string[] Lines(MountInfo mount, string below, string file)
    {
        byte[] path = [.. mount.Point, .. Encoding.UTF8.GetBytes($"{below.TrimEnd('/')}/{file}"), 0];
        return ProcFile.ReadAll(OpenAt.WorkingDirectory, path, FileBytes, out var bytes) == Errno.None
            ? KernelText.Decode(bytes).Split('\n') : [];
    }
}
