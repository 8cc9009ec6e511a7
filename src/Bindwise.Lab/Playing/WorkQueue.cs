using System.Diagnostics.CodeAnalysis;

namespace Bindwise.Lab.Playing;

/// <summary>
/// Where entries wait for a thread that plays them: one thread puts, several take. Nobody is woken who does not wait, and who puts
/// is woken only when half of the room is free: to hand over one by one would cost more than most scenarios.
/// </summary>
/// <param name="most">How many may wait.</param>
internal sealed class WorkQueue<T>(int most) where T : class
{
    private readonly object gate = new();
    private readonly Queue<T> entries = new();
    private int waitingTakers;
    private bool isPutterWaiting;
    private bool hasEnded;
    private volatile bool isStopped;

    /// <summary>The play ends soon: nothing more is taken.</summary>
    internal bool IsStopped => isStopped;

    /// <summary>Nothing is left to take, and nothing more comes.</summary>
    internal bool IsOver
    {
        get
        {
            lock (gate)
                return isStopped || (hasEnded && entries.Count == 0);
        }
    }

    /// <summary>Adds an entry, once there is room.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="waiting">How many entries wait now.</param>
    /// <returns>False when the play ends and nothing more is taken.</returns>
    internal bool Put(T entry, out int waiting)
    {
        lock (gate)
        {
            while (entries.Count >= most && !isStopped)
            {
                isPutterWaiting = true;
                Monitor.Wait(gate);
            }
            entries.Enqueue(entry);
            waiting = entries.Count;
            if (waitingTakers > 0)
                Monitor.PulseAll(gate);
            return !isStopped;
        }
    }

    /// <summary>Takes the next entry, and waits for one if there is none, until something changes.</summary>
    /// <param name="patience">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> without an end.</param>
    /// <param name="entry">The entry; null when there is none yet, or none comes any more.</param>
    internal bool TryTake(TimeSpan patience, [NotNullWhen(true)] out T? entry)
    {
        entry = null;
        lock (gate)
        {
            if (entries.Count == 0 && !hasEnded)
                Wait(patience);
            if (isStopped || !entries.TryDequeue(out entry))
                return false;
            if (isPutterWaiting && entries.Count <= most / 2)
            {
                isPutterWaiting = false;
                Monitor.PulseAll(gate);
            }
            return true;
        }
    }

    /// <summary>Lets so much time pass, less when the play ends.</summary>
    internal void Pause(TimeSpan time)
    {
        lock (gate)
        {
            var end = TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
            while (!isStopped && TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), end) is var left && left > TimeSpan.Zero)
                Wait(left);
        }
    }

    /// <summary>No further entry comes.</summary>
    internal void End()
    {
        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends the play soon.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            hasEnded = isStopped = true;
            Monitor.PulseAll(gate);
        }
    }

    // Rounded up: a wait must not end early.
    private void Wait(TimeSpan time)
    {
        waitingTakers++;
        try
        {
            Monitor.Wait(gate, time == Timeout.InfiniteTimeSpan ? time : TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
        }
        finally
        {
            waitingTakers--;
        }
    }
}
