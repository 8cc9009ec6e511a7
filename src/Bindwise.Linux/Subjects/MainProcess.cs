using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Subjects;

/// <summary>Of the processes of a unit or a container the one that stands for it.</summary>
internal static class MainProcess
{
    /// <summary>Processes that are looked at, at most.</summary>
    private const int Limit = 512;

    /// <summary>
    /// The eldest of those whose parent is not among them: what the service manager started, or the container's init. One that is the first of
    /// its PID namespace goes before.
    /// </summary>
    /// <param name="processes">Some, at least one.</param>
    /// <param name="names">User names.</param>
    /// <exception cref="InspectionException">All of them have ended.</exception>
    internal static int Among(IReadOnlyList<int> processes, UserNames names)
    {
        var reader = new ProcessReader(names.Find);
        var records = processes.Take(Limit).Select(reader.Read).OfType<ProcessRecord>().Where(static process => process.State is not ('Z' or 'X')).ToList();
        var ids = records.Select(static process => process.Id).ToHashSet();
        var roots = records.Where(process => !ids.Contains(process.ParentId)).OrderBy(static process => process.StartTicks).ThenBy(static process => process.Id).ToList();
        var init = roots.Find(static process => IsInit(process.Id)) ?? roots.FirstOrDefault();
        return init?.Id ?? throw new InspectionException("its processes ended meanwhile");
    }

    private static bool IsInit(int id)
    {
        using var process = ProcessHandle.TryOpen(id);
        return process?.ReadStatus().InnerId == 1;
    }
}
