using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Tells where a process was started, from its parents, its cgroup, its terminal, and what units and engines told. Nothing is guessed.</summary>
internal static class ProvenanceFinder
{
    /// <summary>Where an owner of a socket was started.</summary>
    /// <param name="process">The owner.</param>
    /// <param name="socket">The socket that it holds; null when it is not in the snapshot.</param>
    /// <param name="lineage">The snapshot's processes.</param>
    /// <param name="snapshot">The host.</param>
    public static ProcessProvenance Of(ProcessRecord process, HeldSocket? socket, ProcessAncestry lineage, Snapshot snapshot)
    {
        var parents = lineage.Of(process);
        var record = ContainerProvenance.RecordOf(process, socket, snapshot);
        var tool = ToolProvenance.Of(process, parents);
        return new ProcessProvenance
        {
            Unit = process.Unit is { } unit && !unit.StartsWith("user@", StringComparison.Ordinal) ? unit : null,
            SocketUnit = socket is null ? null : SocketUnitProvenance.Of(process, socket, snapshot),
            Container = ContainerProvenance.Of(process, record, parents),
            Compose = record is { ComposeProject: { } project } ? new ComposeUse(project, record.ComposeService) : null,
            Pod = ContainerProvenance.PodOf(process, record),
            // A container has terminals of its own, numbered as those of the host are.
            Terminal = process.Container is null ? process.Terminal ?? parents.FirstOrDefault(p => p.Id == tool?.ProcessId)?.Terminal : null,
            Session = SessionProvenance.Of(parents),
            Editor = SessionProvenance.EditorOf(parents),
            Tool = tool,
            ProjectFolder = process.ProjectFolder,
            Branch = process.ProjectBranch,
        };
    }
}
