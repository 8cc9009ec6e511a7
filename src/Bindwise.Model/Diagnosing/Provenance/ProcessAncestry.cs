namespace Bindwise.Diagnostics;

/// <summary>Who is whose parent, as far as a snapshot tells.</summary>
internal sealed class ProcessAncestry
{
    /// <summary>No chain is followed further: a damaged snapshot may hold a circle.</summary>
    private const int MaximumLength = 64;

    private readonly Dictionary<int, ProcessRecord> _byId;

    // By the nearest parent: a thousand processes may have the same.
    private readonly Dictionary<int, IReadOnlyList<ProcessRecord>> _chains = [];

    public ProcessAncestry(ImmutableArray<ProcessRecord> processes)
    {
        _byId = new Dictionary<int, ProcessRecord>(processes.Length);
        foreach (var process in processes)
            _byId.TryAdd(process.Id, process);
    }

    /// <summary>
    /// The parents, the nearest first; as far as they are known, and 64 at most. Processes of one parent get the same list.
    /// </summary>
    public IReadOnlyList<ProcessRecord> Of(ProcessRecord process)
    {
        if (_chains.TryGetValue(process.ParentId, out var known))
            return known;
        var chain = ChainOf(process, out var isCircle);
        if (!isCircle)
            _chains.Add(process.ParentId, chain);
        return chain;
    }

    public ProcessRecord? Find(int id) => _byId.GetValueOrDefault(id);

    /// <param name="isCircle">It leads back to where it has been: then it depends on where it begins.</param>
    private List<ProcessRecord> ChainOf(ProcessRecord process, out bool isCircle)
    {
        var chain = new List<ProcessRecord>();
        var seen = new HashSet<int> { process.Id };
        isCircle = false;
        for (var at = process; chain.Count < MaximumLength && _byId.TryGetValue(at.ParentId, out var parent); at = parent)
        {
            isCircle = !seen.Add(parent.Id);
            if (isCircle)
                break;
            chain.Add(parent);
        }
        return chain;
    }
}
