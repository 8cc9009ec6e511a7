using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Cgroups;

/// <summary>The processes of a unit or a container, found by the cgroups of all processes.</summary>
internal static class CgroupMembers
{
    private const int CgroupBytes = 8 * 1024;

    /// <summary>The processes whose cgroup a question says yes to.</summary>
    internal static List<int> Find(Func<CgroupFile, bool> isWanted, string root = "/proc")
    {
        var found = new List<int>();
        Visit((pid, file) =>
        {
            if (isWanted(file))
                found.Add(pid);
        }, root);
        return found;
    }

    internal static void Visit(Action<int, CgroupFile> look, string root = "/proc")
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, System.Text.Encoding.UTF8.GetBytes(root + '\0'), out var directory) != Errno.None)
            return;
        try
        {
            var pids = new List<int>();
            _ = ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids);
            var buffer = new byte[CgroupBytes];
            foreach (var pid in pids)
            {
                if (TryRead(directory, pid, buffer, out var length))
                    look(pid, CgroupFile.Parse(buffer.AsSpan(0, length)));
            }
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    private static bool TryRead(int directory, int pid, byte[] buffer, out int length)
    {
        length = 0;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/cgroup"u8).Terminated();
        return access.IsAllowed && SmallFile.Read(directory, path, buffer, out length) == Errno.None;
    }
}
