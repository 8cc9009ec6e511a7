using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>What /proc/PID/exe points to.</summary>
/// <param name="Path">The path without the kernel's note.</param>
/// <param name="IsDeleted">The file was deleted or replaced since the process was started.</param>
internal sealed record ExecutableLink(string Path, bool IsDeleted)
{
    private static ReadOnlySpan<byte> Note => " (deleted)"u8;

    /// <summary>
    /// Reads the link's text. The kernel adds " (deleted)" to the path of a file that is gone (d_path, fs/d_path.c), but a file may be named
    /// so: then the path, note and all, leads to the very file that runs, seen from the root directory of that process.
    /// </summary>
    internal static ExecutableLink Resolve(int pid, int processDirectory, ReadOnlySpan<byte> link)
    {
        if (!link.EndsWith(Note) || link.Length == Note.Length || IsRunningFile(pid, processDirectory, link))
            return new ExecutableLink(KernelText.Decode(link), IsDeleted: false);
        return new ExecutableLink(KernelText.Decode(link[..^Note.Length]), IsDeleted: true);
    }

    private static bool IsRunningFile(int pid, int processDirectory, ReadOnlySpan<byte> path)
    {
        using var access = ForeignAccess.To(ForeignKind.Files, pid);
        return access.IsAllowed && !MountTable.OfProcess(pid).MayBeFuse(KernelText.Decode(path)) && StatX.Follow(processDirectory, "exe\0"u8, out var running) == Errno.None
        && running.Links > 0
        && StatX.OfLink(processDirectory, (byte[])[.. "root"u8, .. path, 0], out var named) == Errno.None
        && named.Inode == running.Inode
        && named.Device == running.Device;
    }
}
