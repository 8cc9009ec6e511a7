using System.Buffers.Binary;

namespace Bindwise.Linux.Native;

/// <summary>
/// Maps of our own programs: what a program of ours keeps, and by which it tells us something. They end with their last descriptor. Field
/// offsets are those of union bpf_attr (include/uapi/linux/bpf.h).
/// </summary>
internal static class BpfMapCall
{
    private const int CreateCommand = 0;
    private const int DeleteCommand = 3;
    private const int TakeCommand = 21;
    private const uint Hash = 1;
    private const uint Array = 2;
    private const uint Queue = 22;
    private const uint Ring = 27;
    private const uint MayBeMapped = 1 << 10;
    private const int MapBytes = 48;
    private const int ElementBytes = 32;

    /// <summary>BPF_MAP_CREATE of a queue (Linux 4.20).</summary>
    /// <returns>EPERM without CAP_BPF.</returns>
    internal static Errno CreateQueue(int valueBytes, int entries, out SafeFileDescriptor queue) =>
        Create(Queue, 0, valueBytes, entries, out queue);

    /// <summary>BPF_MAP_CREATE of a hash table; its room is taken at once.</summary>
    /// <returns>EPERM without CAP_BPF; E2BIG or ENOMEM where it is too large.</returns>
    internal static Errno CreateHash(int keyBytes, int valueBytes, int entries, out SafeFileDescriptor table) =>
        Create(Hash, keyBytes, valueBytes, entries, out table);

    /// <summary>BPF_MAP_CREATE of an array of one element: room for a program that needs more than its stack has.</summary>
    /// <returns>EPERM without CAP_BPF.</returns>
    internal static Errno CreateRoom(int valueBytes, out SafeFileDescriptor room) => Create(Array, sizeof(uint), valueBytes, 1, out room);

    /// <summary>BPF_MAP_CREATE of an array whose keys are numbers of four bytes, to be mapped (BPF_F_MMAPABLE, Linux 5.5).</summary>
    /// <returns>EPERM without CAP_BPF; EINVAL on an older kernel.</returns>
    internal static Errno CreateSharedArray(int valueBytes, int entries, out SafeFileDescriptor array) =>
        Create(Array, sizeof(uint), valueBytes, entries, out array, MayBeMapped);

    /// <summary>BPF_MAP_CREATE of a ring buffer (Linux 5.8).</summary>
    /// <param name="sizeBytes">A power of two, whole pages.</param>
    /// <param name="ring">The map, to be read as a <see cref="BpfRing"/>.</param>
    /// <returns>EPERM without CAP_BPF; EINVAL for another size, or an older kernel.</returns>
    internal static Errno CreateRing(int sizeBytes, out SafeFileDescriptor ring) => Create(Ring, 0, 0, sizeBytes, out ring);

    /// <summary>BPF_MAP_LOOKUP_AND_DELETE_ELEM: takes the oldest element of a queue.</summary>
    internal static Errno Take(SafeFileDescriptor queue, Span<byte> element) => OfElement(TakeCommand, queue, [], element);

    /// <summary>BPF_MAP_LOOKUP_ELEM of a table or an array.</summary>
    /// <param name="value">Takes the value: its size must be a multiple of eight.</param>
    internal static Errno LookUp(SafeFileDescriptor map, ReadOnlySpan<byte> key, Span<byte> value) =>
        OfElement(BpfCall.LookUpCommand, map, key, value);

    /// <summary>Takes an element of a hash table: BPF_MAP_LOOKUP_AND_DELETE_ELEM, before Linux 5.14 one after the other.</summary>
    internal static Errno Take(SafeFileDescriptor table, ReadOnlySpan<byte> key, Span<byte> value)
    {
        var errno = OfElement(TakeCommand, table, key, value);
        if (errno is Errno.None or Errno.ENOENT)
            return errno;
        errno = LookUp(table, key, value);
        return errno == Errno.None ? OfElement(DeleteCommand, table, key, []) : errno;
    }

    private static Errno Create(uint kind, int keyBytes, int valueBytes, int entries, out SafeFileDescriptor map, uint flags = 0)
    {
        Span<byte> attributes = new byte[MapBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, kind);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], keyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], valueBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[12..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[16..], flags);
        return BpfCall.Make(CreateCommand, attributes, out map);
    }

    private static unsafe Errno OfElement(int command, SafeFileDescriptor map, ReadOnlySpan<byte> key, Span<byte> value)
    {
        Span<byte> attributes = stackalloc byte[ElementBytes];
        attributes.Clear();
        fixed (byte* keyStart = key)
        fixed (byte* valueStart = value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(attributes, map.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)keyStart);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)valueStart);
            return BpfCall.Call(command, attributes, out _);
        }
    }
}

/// <summary>
/// A ring buffer into which programs of ours write (Documentation/bpf/ringbuf.rst), as the process sees it: one page of how far was read,
/// one of how far was written, and the data twice in a row, so that no record is cut. For one reader.
/// </summary>
internal sealed class BpfRing : SafeHandle
{
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;
    private const int HeaderBytes = 8;
    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;

    private readonly SafeFileDescriptor _map;
    private readonly int _sizeBytes;
    private readonly int _pageBytes = Environment.SystemPageSize;
    private nint _written;

    private BpfRing(SafeFileDescriptor map, int sizeBytes)
        : base(-1, ownsHandle: true)
    {
        _map = map;
        _sizeBytes = sizeBytes;
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>The map, for poll(2): it can be read when something was written.</summary>
    internal SafeFileDescriptor Map => _map;

    /// <param name="sizeBytes">A power of two, whole pages.</param>
    internal static Errno Open(int sizeBytes, out BpfRing ring)
    {
        var errno = BpfMapCall.CreateRing(sizeBytes, out var map);
        ring = new BpfRing(map, sizeBytes);
        return errno == Errno.None ? ring.MapPages() : errno;
    }

    /// <param name="record">Where it is copied; what does not fit is cut off.</param>
    /// <returns>Its length; -1 when there is none, or a program still writes it.</returns>
    internal unsafe int Take(Span<byte> record)
    {
        if (IsInvalid || IsClosed)
            return -1;
        ref var consumed = ref *(ulong*)handle;
        while (true)
        {
            var at = Volatile.Read(ref consumed);
            if (at >= Volatile.Read(ref *(ulong*)_written))
                return -1;
            var start = (byte*)_written + _pageBytes + (int)(at & (ulong)(_sizeBytes - 1));
            var header = Volatile.Read(ref *(uint*)start);
            if ((header & Busy) != 0)
                return -1;
            var length = (int)(header & ~(Busy | Discarded));
            var taken = Math.Min(length, record.Length);
            new ReadOnlySpan<byte>(start + HeaderBytes, taken).CopyTo(record);
            Volatile.Write(ref consumed, at + (ulong)((length + HeaderBytes + 7) & ~7));
            if ((header & Discarded) == 0)
                return taken;
        }
    }

    protected override bool ReleaseHandle()
    {
        var isUnmapped = LibC.Munmap(handle, (nuint)_pageBytes) == 0;
        if (_written is not (0 or -1))
            isUnmapped &= LibC.Munmap(_written, (nuint)(_pageBytes + (2L * _sizeBytes))) == 0;
        return isUnmapped;
    }

    // Here, since the pages of an invalid ring are never released: the map may have been made all the same.
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _map.Dispose();
    }

    private Errno MapPages()
    {
        var consumed = LibC.Mmap(0, (nuint)_pageBytes, ProtectReadWrite, MapShared, _map.Number, 0);
        if (consumed == -1)
            return LastError.Value;
        SetHandle(consumed);
        _written = LibC.Mmap(0, (nuint)(_pageBytes + (2L * _sizeBytes)), ProtectRead, MapShared, _map.Number, _pageBytes);
        return _written == -1 ? LastError.Value : Errno.None;
    }
}

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

    protected override bool ReleaseHandle() => LibC.Munmap(handle, SizeBytes) == 0;

    // Here, as in BpfRing: it is there although its pages could not be had.
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _map.Dispose();
    }

    private unsafe ulong* At(int row, int number)
    {
        ObjectDisposedException.ThrowIf(IsInvalid || IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)_numbers);
        return (ulong*)handle + ((row * _numbers) + number);
    }
}
