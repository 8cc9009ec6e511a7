using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Processes;

/// <summary>The parents of a process, as far as the diagnosis carries them.</summary>
internal sealed class ParentChain
{
    /// <summary>No chain is followed further than this: a damaged snapshot may hold a circle.</summary>
    public const int MaximumLength = 32;

    private readonly Dictionary<int, ProcessRecord> byId = [];

    /// <summary>Knows these processes.</summary>
    public ParentChain(ImmutableArray<ProcessRecord> processes)
    {
        foreach (var process in processes)
            byId.TryAdd(process.Id, process);
    }

    /// <summary>The parents, the nearest first.</summary>
    public IEnumerable<ProcessRecord> Of(ProcessRecord process)
    {
        var seen = new HashSet<int> { process.Id };
        for (var at = process; seen.Count <= MaximumLength && byId.TryGetValue(at.ParentId, out var parent) && seen.Add(parent.Id); at = parent)
            yield return parent;
    }
}
