namespace Bindwise.Linux.Native;

/// <summary>
/// An array of numbers, of eight bytes each, in rows of equal length, in which a program of ours and this process count together
/// (BPF_F_MMAPABLE, Linux 5.5): each addition is one step for both.
/// </summary>
internal sealed class BpfNumbers : SafeHandle
{
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;

    private readonly SafeFileDescriptor _map;
    private readonly int _rows;
    private readonly int _numbers;

    private BpfNumbers(SafeFileDescriptor map, int rows, int numbers)
        : base(-1, ownsHandle: true) => (_map, _rows, _numbers) = (map, rows, numbers);

    public override bool IsInvalid => handle == -1;

    internal SafeFileDescriptor Map => _map;

    private nuint SizeBytes => (nuint)_rows * (nuint)_numbers * sizeof(ulong);

    /// <summary>Makes an array of zeros and maps it.</summary>
    /// <param name="rows">The rows, which are the map's elements.</param>
    /// <param name="array">The array; invalid on failure.</param>
    /// <returns>EPERM without CAP_BPF; EINVAL before Linux 5.5.</returns>
    internal static Errno Open(int rows, int numbers, out BpfNumbers array)
    {
        var errno = BpfMapCall.CreateSharedArray(numbers * sizeof(ulong), rows, out var map);
        array = new BpfNumbers(map, rows, numbers);
        if (errno != Errno.None)
            return errno;
        var mapped = LibC.Mmap(0, array.SizeBytes, ProtectReadWrite, MapShared, map.Number, 0);
        if (mapped == -1)
            return LastError.Value;
        array.SetHandle(mapped);
        return Errno.None;
    }

    internal unsafe ulong Read(int row, int number) => Volatile.Read(ref *At(row, number));

    internal unsafe void Decrement(int row, int number) => Interlocked.Decrement(ref *At(row, number));

    protected override bool ReleaseHandle()
    {
        var isUnmapped = LibC.Munmap(handle, SizeBytes) == 0;
        _map.Dispose();
        return isUnmapped;
    }

    private unsafe ulong* At(int row, int number)
    {
        ObjectDisposedException.ThrowIf(IsInvalid || IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)_numbers);
        return (ulong*)handle + ((row * _numbers) + number);
    }
}
