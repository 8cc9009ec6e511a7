using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Proving;

/// <summary>How far a run is; may be read on any thread.</summary>
public sealed class ProofProgress
{
    private readonly object gate = new();
    private volatile int cases;
    private volatile int done;
    private PlayProgress? longest;

    /// <summary>The cases to play.</summary>
    public int Cases => cases;

    /// <summary>The cases that are done.</summary>
    public int Played => done;

    /// <summary>Of the waits on the kernel that which has most to go; null while none is told of.</summary>
    public PlayProgress? Longest
    {
        get
        {
            lock (gate)
                return longest;
        }
    }

    internal void Begin(int count) => cases = count;

    internal void Done(RecordedPlay play)
    {
        Interlocked.Increment(ref done);
        lock (gate)
        {
            if (longest?.Scenario == play.Result.Scenario)
                longest = null;
        }
    }

    internal void Waits(PlayProgress moment)
    {
        lock (gate)
        {
            if (longest is null || ReferenceEquals(longest.Scenario, moment.Scenario) || moment.Wait - moment.Waited > longest.Wait - longest.Waited)
                longest = moment;
        }
    }
}
