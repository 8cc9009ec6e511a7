using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>
/// On which file systems paths lie, told by their text and the table of mounts: nothing at the path is touched. A file on a mount of FUSE is never
/// read for a look around: once its server has taken a request, not even SIGKILL ends the wait for the answer (request_wait_answer(),
/// fs/fuse/dev.c), so that this program itself could not end.
/// </summary>
internal sealed class MountTable
{
    private static readonly string[] LocalFileSystems =
    [
        "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs", "zfs", "overlay", "tmpfs", "ramfs", "rootfs", "jfs", "reiserfs", "vfat", "exfat", "ntfs3",
        "erofs", "squashfs", "iso9660",
    ];

    private readonly List<(string Point, string FileSystem)> _mounts;

    private MountTable(ReadOnlySpan<byte> bytes) => _mounts = [.. MountInfo.Parse(bytes).Select(static m => (KernelText.Decode(m.Point), m.FileSystem))];

    /// <summary>The mounts that this process sees.</summary>
    /// <param name="root">Where the host's files are: empty for this host.</param>
    internal static MountTable OfCaller(string root = "") => Read($"{root}/proc/self/mountinfo\0");

    /// <summary>The mounts that another process sees; of none that may not be read.</summary>
    internal static MountTable OfProcess(int process, string root = "") => Read(string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{process}/mountinfo\0"));

    /// <summary>The path lies on a file system of this machine, which always answers; false where that is not known.</summary>
    internal bool IsLocal(string path) => Find(path) is { } fileSystem && LocalFileSystems.Contains(fileSystem);

    /// <summary>The path lies on a mount of FUSE, or it is not known on what.</summary>
    internal bool MayBeFuse(string path) => Find(path) is not { } fileSystem || fileSystem.StartsWith("fuse", StringComparison.Ordinal);

    private static MountTable Read(string path)
    {
        _ = ProcFile.ReadAll(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path), MountInfo.LimitBytes, out var bytes);
        return new MountTable(bytes);
    }

    // The mount with the longest point at or above the path; of several on one point the last one counts.
    private string? Find(string path)
    {
        (string Point, string FileSystem)? best = null;
        foreach (var mount in _mounts)
        {
            var isAbove = mount.Point == "/" || path == mount.Point || path.StartsWith(mount.Point + "/", StringComparison.Ordinal);
            if (isAbove && (best is not { } known || mount.Point.Length >= known.Point.Length))
                best = mount;
        }
        return best?.FileSystem;
    }
}
