using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Cgroups;

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
