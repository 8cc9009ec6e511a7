using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Cgroups;

/// <summary>
/// The ids of cgroups (v2): the inode of the group's directory, which is what sock_diag tells about a socket (INET_DIAG_CGROUP_ID).
/// </summary>
internal sealed class CgroupIds(string procRoot)
{
    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);
    private MountInfo? _mount;
    private bool _mountRead;

    /// <summary>Finds the id of a group.</summary>
    /// <param name="path">The path in the unified hierarchy, as /proc/PID/cgroup shows it.</param>
    /// <returns>0 when there is no cgroup2 mount, or the group lies outside of what is mounted.</returns>
    internal ulong Find(string path)
    {
        if (_known.TryGetValue(path, out var id))
            return id;
        return _known[path] = Mount() is { } mount && BelowMount(mount.Root, path) is { } below ? Ask(mount.Point, below) : 0;
    }

    /// <summary>The part of a group's path below the mount; null when it lies outside.</summary>
    internal static string? BelowMount(string mountRoot, string path)
    {
        if (path.Split('/').Contains(".."))
            return null;
        if (mountRoot == "/")
            return path;
        return path.StartsWith(mountRoot, StringComparison.Ordinal) && (path.Length == mountRoot.Length || path[mountRoot.Length] == '/')
            ? path[mountRoot.Length..]
            : null;
    }

    private static ulong Ask(byte[] point, string below)
    {
        byte[] path = [.. point, .. Encoding.UTF8.GetBytes(below), 0];
        return StatX.OfLink(OpenAt.WorkingDirectory, path, out var status) == Errno.None ? status.Inode : 0;
    }

    private MountInfo? Mount()
    {
        if (_mountRead)
            return _mount;
        _mountRead = true;
        var path = Encoding.UTF8.GetBytes($"{procRoot}/self/mountinfo\0");
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, path, MountInfo.LimitBytes, out var bytes) == Errno.None)
            _mount = MountInfo.Parse(bytes, "cgroup2").LastOrDefault();
        return _mount;
    }
}
