using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
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
        var left = start.IsSilent ? [] : LeftOf(start, starts);
        if (left.Count == 0)
        {
            // Threads that are still ending keep the filter a moment longer.
            var isOver = start.IsSilent || start.Listener is null || (_told.TryGetValue(start, out var since) && Stopwatch.GetElapsedTime(since) > timeout);
            if (isOver)
                _told.Remove(start);
            else
                _told.TryAdd(start, Stopwatch.GetTimestamp());
            return isOver;
        }
        if (start.KillAt is null)
        {
            start.KillAt = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            tell(string.Create(CultureInfo.InvariantCulture, $"what pid {start.ProcessId} left behind is ended: {left.Count} {(left.Count == 1 ? "process" : "processes")} (a program that goes to the background has ended for --hold: let it stay in the foreground)"));
            left.ForEach(static process => Descendants.Signal(process, SignalCall.Terminate));
        }
        else if (Stopwatch.GetTimestamp() >= start.KillAt)
        {
            left.ForEach(static process => Descendants.Signal(process, SignalCall.Kill));
        }
        return false;
    }

    // Of two starts that overlap: what descends from the other's first process is the other's, and what began after the other did is left to it.
    private static List<int> LeftOf(ProgramStart start, IReadOnlyList<ProgramStart> starts)
    {
        var left = Descendants.Of(Environment.ProcessId);
        foreach (var other in starts)
        {
            if (other == start)
                continue;
            var others = Descendants.Of(other.ProcessId);
            left.RemoveAll(process => process == other.ProcessId || others.Contains(process) || (other.BeganAt > start.BeganAt && Descendants.BeganAt(process) >= other.BeganAt));
        }
        return left;
    }
}
