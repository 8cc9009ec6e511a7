namespace Bindwise.Cli.Output;

/// <summary>
/// A long answer on its way to standard output, written whenever a block is full: so it takes no more memory than a short one, and its
/// reader begins before it ends.
/// </summary>
internal sealed class AnswerBlocks(AnswerStream output) : IBufferWriter<byte>, IDisposable
{
    // Half of what a pipe holds (pipe(7)): one half is read while the other is made.
    private const int BlockBytes = 32 * 1024;

    private byte[] _block = GC.AllocateUninitializedArray<byte>(BlockBytes);
    private int _length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _block.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Writes a text of any length as UTF-8.</summary>
    public void Write(string text)
    {
        var bytes = GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        Advance(Encoding.UTF8.GetBytes(text, bytes));
    }

    public void Dispose() => Flush();

    private void Flush()
    {
        output.Write(_block.AsSpan(0, _length));
        _length = 0;
    }

    private void MakeRoom(int bytes)
    {
        if (_block.Length - _length >= bytes)
            return;
        Flush();
        if (_block.Length < bytes)
            _block = GC.AllocateUninitializedArray<byte>(bytes);
    }
}
