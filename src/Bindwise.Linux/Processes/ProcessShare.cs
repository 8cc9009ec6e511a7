using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes;

/// <summary>Shares processes out among threads, a few at a time: big and small ones even out.</summary>
internal sealed class ProcessShare(List<int> pids)
{
    private const int ChunkSize = 8;

    private int _next;

    /// <summary>Takes the next few processes; empty when all are taken.</summary>
    internal ReadOnlySpan<int> Take()
    {
        var start = Interlocked.Add(ref _next, ChunkSize) - ChunkSize;
        return start >= pids.Count
            ? []
            : CollectionsMarshal.AsSpan(pids).Slice(start, Math.Min(ChunkSize, pids.Count - start));
    }
}
