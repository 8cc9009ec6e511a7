namespace Bindwise.Linux.Native;

/// <summary>Texts as C has a list of them (<c>char *[]</c>): pointers, the last one null. They need not be UTF-8.</summary>
internal readonly unsafe ref struct NativeTexts
{
    private readonly int _count;

    internal NativeTexts(IReadOnlyList<byte[]> texts)
    {
        _count = texts.Count;
        Start = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
        for (var index = 0; index < _count; index++)
        {
            Start[index] = (byte*)NativeMemory.AllocZeroed((nuint)texts[index].Length + 1);
            texts[index].CopyTo(new Span<byte>(Start[index], texts[index].Length));
        }
    }

    internal byte** Start { get; }

    internal byte* First => Start[0];

    public void Dispose()
    {
        for (var index = 0; index < _count; index++)
            NativeMemory.Free(Start[index]);
        NativeMemory.Free(Start);
    }
}
