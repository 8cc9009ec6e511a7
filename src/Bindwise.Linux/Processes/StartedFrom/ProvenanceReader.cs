using System.Collections.Immutable;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Processes.Ending;
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
internal sealed class ProvenanceReader(string root = "", int maximumHolders = 16, bool withSignals = true)
{
    /// <summary>Reads what is missing.</summary>
    /// <param name="snapshot">With holders and processes.</param>
    /// <param name="port">The port in question; null for a UNIX path.</param>
    /// <param name="note">Takes a line about what could not be read.</param>
    internal Snapshot Complete(Snapshot snapshot, ushort? port, Action<string> note)
    {
        var ids = snapshot.Holders.Select(static h => h.ProcessId).ToHashSet();
        var holders = snapshot.Processes.Where(p => ids.Contains(p.Id)).ToList();
        if (holders.Count == 0)
            return snapshot;
        var completed = new Dictionary<int, ProcessRecord>();
        var projects = new ProjectFolders(root);
        var byId = new Dictionary<int, ProcessRecord>();
        foreach (var process in snapshot.Processes)
            byId.TryAdd(process.Id, process);
        foreach (var holder in holders.Take(maximumHolders))
        {
            var folder = projects.Of(holder);
            var branch = folder is null ? null : projects.BranchOf(folder);
            completed.Add(holder.Id, Supervision.Complete(root, holder, byId) with
            {
                ProjectFolder = folder,
                ProjectBranch = branch,
                Signals = withSignals ? SignalReader.Read(root, holder.Id) : null,
            });
        }
        var paths = snapshot.Sockets.Where(static s => s.Protocol == Protocol.Unix && s.Path is not null).Select(static s => s.Path!)
            .ToHashSet(StringComparer.Ordinal);
        var containers = new ContainerReader(root).Read(holders, note);
        return snapshot with
        {
            Processes = [.. snapshot.Processes.Select(p => Counted(completed.GetValueOrDefault(p.Id, p), containers))],
            SocketUnits = [.. holders.Where(SocketActivators.IsSystemd)
                .SelectMany(manager => new SocketUnitReader(root).Read(manager, port, paths))],
            Containers = containers,
        };
    }

    private static ProcessRecord Counted(ProcessRecord process, ImmutableArray<ContainerRecord> containers) =>
        process is { Restarts: null, Container: { } id } && containers.FirstOrDefault(c => c.Id == id) is { Restarts: { } count }
            ? process with { Restarts = count } : process;
}
