using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising.Holding;

/// <summary>What a start of a program leaves behind: processes that live on when its first one has ended. They are told to stop, and killed in the end.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StartEnding
{
    /// <summary>How often it is looked for them where nothing tells of their end.</summary>
    internal static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<ProgramStart, long> _told = [];

    /// <summary>Whether nothing of it is left; otherwise does what is due about that.</summary>
    /// <param name="start">It has ended itself.</param>
    /// <param name="starts">All starts.</param>
    /// <param name="timeout">How long after SIGTERM they are killed.</param>
    /// <param name="tell">Whom to tell.</param>
    internal bool IsOver(ProgramStart start, IReadOnlyList<ProgramStart> starts, TimeSpan timeout, Action<string> tell)
    {
        // With the last process that had its filter the filter's listener ends.
        var (process, beganAt) = (start.ProcessId, start.BeganAt);
        var others = starts.Where(other => other != start).Select(static other => (other.ProcessId, other.BeganAt)).ToArray();
        if (start.IsSilent || !BoundedWork.TryRun(() => LeftOf(beganAt, others), out var left) || left is null)
            left = [];
        if (left.Count == 0)
        {
            // Threads that are still ending keep the filter a moment longer.
            var isOver = start.IsSilent || !start.IsSupervised || (_told.TryGetValue(start, out var since) && Stopwatch.GetElapsedTime(since) > timeout);
            if (isOver)
                _told.Remove(start);
            else
                _told.TryAdd(start, Stopwatch.GetTimestamp());
            return isOver;
        }
        if (start.KillAt is null)
        {
            start.KillAt = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            tell(string.Create(CultureInfo.InvariantCulture, $"what pid {process} left behind is ended: {left.Count} {(left.Count == 1 ? "process" : "processes")} (--hold takes a program that goes to the background for ended: keep it in the foreground)"));
            left.ForEach(static one => Descendants.Signal(one, SignalCall.Terminate));
        }
        else if (Stopwatch.GetTimestamp() >= start.KillAt)
        {
            left.ForEach(static one => Descendants.Signal(one, SignalCall.Kill));
        }
        return false;
    }

    // Of two starts that overlap: what descends from the other's first process is the other's, and what began after the other did is left to it.
    private static List<int> LeftOf(ulong beganAt, (int Process, ulong BeganAt)[] others)
    {
        var left = Descendants.Of(Environment.ProcessId);
        foreach (var other in others)
        {
            var below = Descendants.Of(other.Process);
            left.RemoveAll(process => process == other.Process || below.Contains(process) || (other.BeganAt > beganAt && Descendants.BeganAt(process) >= other.BeganAt));
        }
        return left;
    }
}
