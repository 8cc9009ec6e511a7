namespace Bindwise;

/// <summary>Tells connectors without a name apart in the meter. Numbers are used again, and end somewhere: a program that makes a connector
/// for each request has no more series than one that makes a few.</summary>
internal sealed class ConnectorNumber : IDisposable
{
    private const int Most = 64;
    private const int None = -1;

    private static readonly Lock Gate = new();
    private static ulong s_taken;

    private int _index;

    private ConnectorNumber(int index)
    {
        _index = index;
        Name = index == None ? "#other" : FormattableString.Invariant($"#{index + 1}");
    }

    /// <summary>What stands for the connector's name; no other connector has it, except those beyond the last number.</summary>
    public string Name { get; }

    public static ConnectorNumber Take()
    {
        lock (Gate)
        {
            var index = System.Numerics.BitOperations.TrailingZeroCount(~s_taken);
            if (index == Most)
                return new ConnectorNumber(None);
            s_taken |= 1UL << index;
            return new ConnectorNumber(index);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _index, None) is not None and var index)
        {
            lock (Gate)
                s_taken &= ~(1UL << index);
        }
    }
}
