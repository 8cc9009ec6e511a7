namespace Bindwise.Lab.Proving;

/// <summary>How far a run is; may be read on any thread.</summary>
public sealed class ProofProgress
{
    private volatile int cases;
    private volatile int done;

    /// <summary>The cases to play.</summary>
    public int Cases => cases;

    /// <summary>The cases that are done.</summary>
    public int Played => done;

    internal void Begin(int count) => cases = count;

    internal void Done() => Interlocked.Increment(ref done);
}
