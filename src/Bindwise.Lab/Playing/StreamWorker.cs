using System.Diagnostics;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>
/// One thread that plays the scenarios of a stream. What it begins it ends: a scenario that waits on the kernel is put aside, and goes on
/// here when its time has come.
/// </summary>
/// <param name="stage">Where to play.</param>
/// <param name="mostWaiting">How many scenarios may wait at once.</param>
/// <param name="intake">What to play.</param>
/// <param name="scenarioOf">The scenario in an entry; null for one that holds none.</param>
/// <param name="give">Takes what an entry gave; false when nothing more is wanted.</param>
internal sealed class StreamWorker<T>(
    ScenarioHosts stage, int mostWaiting, WorkQueue<Slot<T>> intake, Func<T, Scenario?> scenarioOf, Func<Slot<T>, ScenarioResult?, bool> give)
{
    private readonly PriorityQueue<(Slot<T> Slot, ScenarioRun Performance), long> waiting = new();

    /// <summary>Plays until nothing is left, or until the play is stopped.</summary>
    internal void Work()
    {
        using var player = new Player(stage);
        try
        {
            while (!intake.IsStopped && PlayNext(player))
                continue;
        }
        finally
        {
            while (waiting.TryDequeue(out var left, out _))
                left.Performance.Dispose();
        }
    }

    // False at the end. What has waited long enough goes first: its time must not pass by.
    private bool PlayNext(Player player)
    {
        var patience = Timeout.InfiniteTimeSpan;
        if (waiting.TryPeek(out var next, out var due))
        {
            patience = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (patience <= TimeSpan.Zero)
            {
                waiting.Dequeue();
                return Advance(next.Slot, next.Performance);
            }
        }
        var hasRoom = waiting.Count == 0 || (waiting.Count < mostWaiting && player.HasRoom);
        if (hasRoom && intake.TryTake(patience, out var slot))
            return scenarioOf(slot.Entry) is { } scenario ? Advance(slot, player.Begin(scenario)) : give(slot, null);
        if (waiting.Count == 0)
            return !intake.IsOver;
        if (!hasRoom || intake.IsOver)
            intake.Pause(patience);
        return true;
    }

    private bool Advance(Slot<T> slot, ScenarioRun performance)
    {
        if (performance.Advance() is not { } wait)
            return give(slot, performance.Result);
        waiting.Enqueue((slot, performance), Stopwatch.GetTimestamp() + (long)(wait.TotalSeconds * Stopwatch.Frequency));
        return true;
    }
}
