using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising.Holding;

/// <summary>What a start of a program leaves behind: processes that live on when its first one has ended.</summary>
[SupportedOSPlatform("linux")]
internal static class LeftProcesses
{
    /// <summary>Those of a start whose first process has ended; none where that takes too long.</summary>
    internal static IReadOnlyList<int> Of(ProgramStart start, IEnumerable<ProgramStart> starts)
    {
        var beganAt = start.BeganAt;
        var others = starts.Where(other => other != start).Select(static other => (other.ProcessId, other.BeganAt)).ToArray();
        return BoundedWork.TryRun(() => Find(beganAt, others), out var left) && left is not null ? left : [];
    }

    // Of two starts that overlap: what descends from the other's first process is the other's, and
    // what began after the other did is left to it.
    private static List<int> Find(ulong beganAt, (int Process, ulong BeganAt)[] others)
    {
        var left = Descendants.Of(Environment.ProcessId);
        foreach (var other in others)
        {
            var below = Descendants.Of(other.Process);
            left.RemoveAll(process => process == other.Process || below.Contains(process)
                || (other.BeganAt > beganAt && Descendants.BeganAt(process) >= other.BeganAt));
        }
        return left;
    }
}
