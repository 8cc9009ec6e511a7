namespace Bindwise.Linux.SockDiag;

internal static class StateCounts
{
    /// <summary>Those above 0.</summary>
    /// <param name="counts">By the number of the state.</param>
    internal static ImmutableArray<StateCount> Of(ReadOnlySpan<int> counts)
    {
        if (!counts.ContainsAnyExcept(0))
            return [];
        var states = ImmutableArray.CreateBuilder<StateCount>();
        for (var state = 0; state < counts.Length; state++)
        {
            if (counts[state] > 0)
                states.Add(new StateCount((TcpSocketState)state, counts[state]));
        }
        return states.ToImmutable();
    }
}
