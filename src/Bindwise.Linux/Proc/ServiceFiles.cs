using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>
/// Small files of /proc, /sys and /etc by which services tell their ports, below a root folder (empty: the system's own).
/// </summary>
/// <param name="root">The folder that stands for <c>/</c>; empty for the system's.</param>
internal sealed class ServiceFiles(string root = "")
{
    internal const string MountsPath = "/proc/self/mountinfo";

    private const int LimitBytes = 256 * 1024;
    private const int MaximumNames = 4096;

    /// <summary>The bytes of a file, at most 256 KiB; empty when it cannot be read.</summary>
    internal ReadOnlySpan<byte> Read(string path) => Try(path, out var bytes) == Errno.None ? bytes : [];

    internal Errno Try(string path, out ReadOnlySpan<byte> bytes, int limitBytes = LimitBytes) =>
        ProcFile.ReadAll(OpenAt.WorkingDirectory, Terminate(path), limitBytes, out bytes);

    /// <summary>The mounts that this process sees, of one file system type or (null) of every one.</summary>
    internal List<MountInfo> Mounts(string? fileSystem = null) =>
        Try(MountsPath, out var bytes, MountInfo.LimitBytes) == Errno.None ? MountInfo.Parse(bytes, fileSystem) : [];

    /// <summary>A file's text without the white space around it; empty when it cannot be read.</summary>
    internal string Text(string path) => KernelText.Decode(Read(path).Trim(" \t\r\n\0"u8));

    /// <summary>A file that is one number that can be a port; null when it is not, or is 0.</summary>
    internal ushort? Port(string path) => Text(path) is var text
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0 ? port : null;

    internal bool Exists(string path) => FileStatusCall.Stat(Terminate(path), out _) == Errno.None;

    /// <summary>
    /// The names in a folder, in order, at most 4,096; empty when it cannot be listed. Names beginning with a dot are left out.
    /// </summary>
    internal List<string> Names(string folder)
    {
        using var descriptor = OpenAt.TryOpen(Terminate(folder));
        if (descriptor is null)
            return [];
        var names = FolderNames.List(descriptor.Number, MaximumNames);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private byte[] Terminate(string path) => Encoding.UTF8.GetBytes($"{root}{path}\0");
}
