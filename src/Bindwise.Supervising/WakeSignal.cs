namespace Bindwise.Supervising;

/// <summary>Wakes a thread that waits for descriptors, from another one.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly SafeFileDescriptor _first;
    private readonly SafeFileDescriptor _second;
    private int _isSet;

    internal WakeSignal()
    {
        if (SocketPairCall.Open(out _first, out _second) is not Errno.None and var errno)
            throw new SupervisionException($"no descriptor can be opened ({errno})");
    }

    internal int Number => _first.Number;

    internal void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
            _ = ReadWriteCall.Write(_second.Number, "!"u8, out _);
    }

    /// <summary>Clears it, before what it told of is looked at.</summary>
    internal void Clear()
    {
        if (Volatile.Read(ref _isSet) == 0)
            return;
        _ = DescriptorMessage.Receive(_first, stackalloc byte[1], out _, out _, out _);
        // What it told of is read after this, in every processor's order: a plain write may come to pass after such a read, and who
        // sets it in between would wake nobody.
        Interlocked.Exchange(ref _isSet, 0);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
