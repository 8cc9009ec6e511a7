using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>A line of /proc/self/mountinfo (proc_pid_mountinfo(5)), as far as it is used.</summary>
/// <param name="Root">The directory of the file system that is mounted: <c>/</c> for all of it.</param>
/// <param name="Point">Where it is mounted; raw bytes, since it goes back into system calls.</param>
/// <param name="FileSystem">The type, as <c>cgroup2</c>.</param>
/// <param name="Options">The file system's own options, as <c>rw,hidepid=invisible</c>.</param>
/// <param name="Source">What is mounted, as the file system names it: <c>server:/export</c>.</param>
internal sealed record MountInfo(string Root, byte[] Point, string FileSystem, string Options, string Source = "")
{
    /// <summary>The most that is read of the file: some ten thousand mounts.</summary>
    internal const int LimitBytes = 1024 * 1024;

    /// <summary>Reads the lines, of one file system type or (null) of every one; those that have another form are left out.</summary>
    internal static List<MountInfo> Parse(ReadOnlySpan<byte> bytes, string? fileSystem = null)
    {
        var mounts = new List<MountInfo>();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            if (ParseLine(bytes[range], fileSystem) is { } mount)
                mounts.Add(mount);
        }

        return mounts;
    }

    /// <summary>The value of a <c>name=value</c> option; null when it is not set.</summary>
    internal string? Option(string name) =>
        Options.Split(',')
            .Where(option => option.Length > name.Length && option[name.Length] == '=' && option.StartsWith(name, StringComparison.Ordinal))
            .Select(option => option[(name.Length + 1)..])
            .FirstOrDefault();

    // 36 35 98:0 /root /point rw,noatime shared:1 - type source options
    private static MountInfo? ParseLine(ReadOnlySpan<byte> line, string? fileSystem)
    {
        var dash = line.IndexOf(" - "u8);
        if (dash < 0)
            return null;
        var before = line[..dash];
        var after = line[(dash + 3)..];

        var type = Field(after, 0);
        if (fileSystem is not null && !Ascii.Equals(type, fileSystem))
            return null;
        var root = Unescape(Field(before, 3));
        var point = Unescape(Field(before, 4));
        return root.Length == 0 || point.Length == 0 || point[0] != (byte)'/'
            ? null
            : new MountInfo(KernelText.Decode(root), point, fileSystem ?? KernelText.Decode(type), KernelText.Decode(Field(after, 2)),
                KernelText.Decode(Unescape(Field(after, 1))));
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index)
    {
        var current = 0;
        foreach (var range in line.Split((byte)' '))
        {
            if (current++ == index)
                return line[range];
        }

        return [];
    }

    // The kernel writes space, tab, newline and backslash as three octal digits (mangle_path, fs/seq_file.c).
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'\\'))
            return text.ToArray();
        var result = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\' && i + 3 < text.Length && IsOctal(text[i + 1], 3) && IsOctal(text[i + 2], 7)
                && IsOctal(text[i + 3], 7))
            {
                result.Add((byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                result.Add(text[i]);
            }
        }

        return [.. result];
    }

    private static bool IsOctal(byte value, int largest) => value >= '0' && value <= '0' + largest;
}

/// <summary>
/// On which file systems paths lie, told by their text and the table of mounts: nothing at the path is touched. A file on a mount of FUSE
/// is never read for a look around: once its server has taken a request, not even SIGKILL ends the wait for the answer
/// (request_wait_answer(), fs/fuse/dev.c), so that this program itself could not end.
/// </summary>
internal sealed class MountTable
{
    private static readonly string[] LocalFileSystems =
    [
        "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs", "zfs", "overlay", "tmpfs", "ramfs", "rootfs", "jfs", "reiserfs", "vfat",
        "exfat", "ntfs3",
        "erofs", "squashfs", "iso9660",
    ];

    private readonly List<(string Point, string FileSystem)> _mounts;

    private MountTable(ReadOnlySpan<byte> bytes) =>
        _mounts = [.. MountInfo.Parse(bytes).Select(static m => (KernelText.Decode(m.Point), m.FileSystem))];

    /// <param name="root">Where the host's files are: empty for this host.</param>
    internal static MountTable OfCaller(string root = "") => Read($"{root}/proc/self/mountinfo\0");

    /// <summary>The mounts that another process sees; of none that may not be read.</summary>
    internal static MountTable OfProcess(int process, string root = "") =>
        Read(string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{process}/mountinfo\0"));

    /// <summary>The path lies on a file system of this machine, which always answers; false where that is not known.</summary>
    internal bool IsLocal(string path) => Find(path) is { } fileSystem && LocalFileSystems.Contains(fileSystem);

    /// <summary>The path lies on a mount of FUSE, or it is not known on what.</summary>
    internal bool MayBeFuse(string path) => Find(path) is not { } fileSystem || fileSystem.StartsWith("fuse", StringComparison.Ordinal);

    private static MountTable Read(string path)
    {
        _ = ProcFile.ReadAll(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path), MountInfo.LimitBytes, out var bytes);
        // What was cut off may be mounted over any of those before it: then of no path it is known where it lies.
        return new MountTable(bytes.Length < MountInfo.LimitBytes ? bytes : []);
    }

    // The mount with the longest point at or above the path; of several on one point the last one counts.
    private string? Find(string path)
    {
        (string Point, string FileSystem)? best = null;
        foreach (var mount in _mounts)
        {
            var isAbove = mount.Point == "/" || (path.StartsWith(mount.Point, StringComparison.Ordinal)
                && (path.Length == mount.Point.Length || path[mount.Point.Length] == '/'));
            if (isAbove && (best is not { } known || mount.Point.Length >= known.Point.Length))
                best = mount;
        }
        return best?.FileSystem;
    }
}
