namespace Bindwise.Linux.Cgroups;

/// <summary>
/// Which names in the tree of cgroups mean something. Who owns a group's folder names the groups below it: a part that was delegated to an
/// ordinary user may hold a group by the name of another unit or another's container. Below a user's own manager (<c>user@1000.service</c>)
/// all names are that user's, and stand for that user's units and containers. The system is who owns the top of the hierarchy: root, or
/// what a user namespace makes of it.
/// </summary>
internal sealed class CgroupNames(CgroupMounts mounts)
{
    private const int MaximumDepth = 64;

    private readonly Dictionary<(string Path, bool IsUnified), bool> _known = [];

    internal string? UnitOf(CgroupFile groups) => Meant(groups).Select(CgroupPath.Unit).FirstOrDefault(static unit => unit is not null);

    internal string? ContainerOf(CgroupFile groups) =>
        Meant(groups).Select(CgroupPath.Container).FirstOrDefault(static container => container is not null);

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

    // The other hierarchies of v1 are delegated to nobody (cgroups(7), "Delegation").
    private IEnumerable<string> Meant(CgroupFile groups) =>
        groups.Paths.Select(path => groups.Others.Contains(path) ? path : Meant(path, path == groups.Unified));

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
