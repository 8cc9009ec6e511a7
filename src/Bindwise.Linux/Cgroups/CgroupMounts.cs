using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

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
