using Bindwise.Linux.Text;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// Network namespaces that a mount keeps, whether a process is in them or not: those of ip-netns(8), and those that container engines make
/// before their first process and delete after the last one.
/// </summary>
internal static class MountedNetwork
{
    /// <summary>Where one is mounted; null where it is not, as far as the calling thread sees mounts.</summary>
    internal static string? PathOf(ulong inode)
    {
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, "/proc/thread-self/mountinfo\0"u8, MountInfo.LimitBytes, out var bytes) != Errno.None)
            return null;
        var name = string.Create(CultureInfo.InvariantCulture, $"net:[{inode}]");
        return MountInfo.Parse(bytes, "nsfs").Find(mount => mount.Root == name) is { } found ? KernelText.Decode(found.Point) : null;
    }
}
