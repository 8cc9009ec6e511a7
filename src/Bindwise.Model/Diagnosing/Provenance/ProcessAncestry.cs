namespace Bindwise.Diagnostics;

/// <summary>Who is whose parent, as far as a snapshot tells.</summary>
internal sealed class ProcessAncestry
{
    /// <summary>No chain is followed further: a damaged snapshot may hold a circle.</summary>
    private const int MaximumLength = 64;

    private readonly Dictionary<int, ProcessRecord> _byId = [];

    public ProcessAncestry(ImmutableArray<ProcessRecord> processes)
    {
        foreach (var process in processes)
            _byId.TryAdd(process.Id, process);
    }

    /// <summary>The parents, the nearest first; as far as they are known, and 64 at most.</summary>
    public IReadOnlyList<ProcessRecord> Of(ProcessRecord process)
    {
        var chain = new List<ProcessRecord>();
        var seen = new HashSet<int> { process.Id };
        for (var at = process; chain.Count < MaximumLength && _byId.TryGetValue(at.ParentId, out var parent)
            && seen.Add(parent.Id); at = parent)
            chain.Add(parent);
        return chain;
    }
}
