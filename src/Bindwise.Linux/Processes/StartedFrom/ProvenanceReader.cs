using Bindwise.Linux.Containers;
using Bindwise.Linux.Processes.Ending;
using Bindwise.Linux.Threads;
using Bindwise.Linux.Units;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes.StartedFrom;

/// <summary>
/// Completes a snapshot by where its holders were started: project folders, names under supervisors, socket units, containers. Only what
/// the holders make necessary: no engine is asked when none of them has to do with a container, no unit read without a service manager.
/// </summary>
/// <param name="root">Where the host's files are: empty for this host.</param>
/// <param name="maximumHolders">So many holders' projects are looked for; of a single port's more are workers that are all alike.</param>
/// <param name="withSignals">
/// Reads also what becomes of signals to them: only who advises to end one needs that, and it takes the dearest file of /proc.
/// </param>
/// <param name="sharesMounts">Whether a process has this one's mounts, where that is known already.</param>
internal sealed class ProvenanceReader(string root = "", int maximumHolders = 16, bool withSignals = true,
    Func<int, bool?>? sharesMounts = null)
{
    /// <param name="port">The port in question; null for a UNIX path.</param>
    /// <param name="note">Takes a line about what could not be read.</param>
    internal Snapshot Complete(Snapshot snapshot, ushort? port, Action<string> note)
    {
        var ids = new HashSet<int>(snapshot.Processes.Length);
        foreach (var holder in snapshot.Holders)
            ids.Add(holder.ProcessId);
        var holders = snapshot.Processes.Where(p => ids.Contains(p.Id)).ToList();
        if (holders.Count == 0)
            return snapshot;
        var byId = new Dictionary<int, ProcessRecord>(snapshot.Processes.Length);
        foreach (var process in snapshot.Processes)
            byId.TryAdd(process.Id, process);
        var examined = new ProcessRecord[Math.Min(holders.Count, maximumHolders)];
        SharedWork.Run(examined.Length, () => new ProjectFolders(root, sharesMounts),
            (projects, at) => examined[at] = Complete(holders[at], byId, projects));
        var completed = examined.ToDictionary(static process => process.Id);
        foreach (var starter in withSignals ? StartersOf(examined, byId) : [])
            _ = completed.TryAdd(starter.Id, starter with { Signals = SignalReader.Read(root, starter.Id) });
        var paths = snapshot.Sockets.Where(static socket => socket.Protocol == Protocol.Unix).Select(static socket => socket.Path)
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        var containers = new ContainerReader(root).Read(holders, note);
        return snapshot with
        {
            Processes = [.. snapshot.Processes.Select(p => Counted(completed.GetValueOrDefault(p.Id, p), containers))],
            SocketUnits = [.. holders.Where(SocketActivators.IsSystemd)
                .SelectMany(manager => new SocketUnitReader(root).Read(manager, port, paths))],
            Containers = containers,
        };
    }

    private ProcessRecord Complete(ProcessRecord holder, Dictionary<int, ProcessRecord> byId, ProjectFolders projects)
    {
        var folder = projects.Of(holder);
        var supervised = Supervision.Complete(root, holder, byId);
        return folder is null && !withSignals ? supervised : supervised with
        {
            ProjectFolder = folder,
            ProjectBranch = folder is null ? null : projects.BranchOf(folder),
            Signals = withSignals ? SignalReader.Read(root, holder.Id) : null,
        };
    }

    /// <summary>Those that may have to end with the holders: their parents, up to the first that may start them again.</summary>
    private static IEnumerable<ProcessRecord> StartersOf(ProcessRecord[] holders, Dictionary<int, ProcessRecord> byId)
    {
        var seen = new HashSet<int>();
        foreach (var holder in holders)
        {
            // Process 1 starts nothing again, but as a script of a container.
            for (var at = holder; byId.TryGetValue(at.ParentId, out var parent) && (parent.Id > 1 || ScriptNames.AreRunBy(parent))
                && seen.Add(parent.Id); at = parent)
            {
                yield return parent;
                if (!Wrappers.AreOrScript(parent) && !Keepers.AreProgram(parent) && ToolNames.Of(parent) is null)
                    break;
            }
        }
    }

    private static ProcessRecord Counted(ProcessRecord process, ImmutableArray<ContainerRecord> containers) =>
        process is { Restarts: null, Container: { } id } && containers.FirstOrDefault(c => c.Id == id) is { Restarts: { } count }
            ? process with { Restarts = count } : process;
}
