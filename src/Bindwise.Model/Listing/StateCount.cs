namespace Bindwise.Diagnostics;

/// <summary>How many connections are in a state.</summary>
public readonly record struct StateCount
{
    /// <summary>A count.</summary>
    /// <param name="state">The state.</param>
    /// <param name="count">How many, at least 1.</param>
    public StateCount(TcpSocketState state, int count) => (State, Count) = (state, count);

    /// <summary>The state.</summary>
    public TcpSocketState State { get; init; }

    /// <summary>How many, at least 1.</summary>
    public int Count { get; init; }
}
