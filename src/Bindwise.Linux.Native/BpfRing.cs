namespace Bindwise.Linux.Native;

/// <summary>
/// A ring in which a program in the kernel puts records for one reader (Documentation/bpf/ringbuf.rst): the reader's place in a page that it
/// may write, the writer's in one that it may not, and the records, mapped twice in a row so that none is cut at the end.
/// </summary>
internal sealed unsafe class BpfRing : IDisposable
{
    /// <summary>BPF_RINGBUF_BUSY_BIT: the record is still written.</summary>
    internal const uint BusyBit = 1u << 31;

    /// <summary>BPF_RINGBUF_DISCARD_BIT: the record is void.</summary>
    internal const uint DiscardBit = 1u << 30;

    /// <summary>BPF_RINGBUF_HDR_SZ: before each record its length, and four bytes that are the kernel's.</summary>
    internal const int HeaderBytes = 8;

    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;

    private readonly int _sizeBytes;
    private readonly nint _consumer;
    private readonly nint _producer;

    private BpfRing(SafeFileDescriptor map, int sizeBytes, nint consumer, nint producer)
    {
        Map = map;
        _sizeBytes = sizeBytes;
        _consumer = consumer;
        _producer = producer;
    }

    /// <summary>The map: readable, for poll(2), when a record waits.</summary>
    internal SafeFileDescriptor Map { get; }

    private static int PageBytes => Environment.SystemPageSize;

    /// <summary>Makes a ring.</summary>
    /// <param name="sizeBytes">Its size: a power of two, whole pages.</param>
    /// <param name="ring">The ring; null on failure.</param>
    internal static Errno Create(int sizeBytes, out BpfRing? ring)
    {
        ring = null;
        var errno = BpfMapCall.Create(BpfMapCall.RingMap, 0, 0, sizeBytes, out var map);
        if (errno != Errno.None)
        {
            map.Dispose();
            return errno;
        }
        var consumer = LibC.Mmap(0, (nuint)PageBytes, ProtectReadWrite, MapShared, map.Number, 0);
        if (consumer == -1)
        {
            errno = LastError.Value;
            map.Dispose();
            return errno;
        }
        var producer = LibC.Mmap(0, (nuint)(PageBytes + (2L * sizeBytes)), ProtectRead, MapShared, map.Number, PageBytes);
        if (producer == -1)
        {
            errno = LastError.Value;
            _ = LibC.Munmap(consumer, (nuint)PageBytes);
            map.Dispose();
            return errno;
        }
        ring = new BpfRing(map, sizeBytes, consumer, producer);
        return Errno.None;
    }

    /// <summary>Takes the oldest record.</summary>
    /// <param name="record">Room for it; what is longer is cut off.</param>
    /// <param name="lengthBytes">Its length, as far as there was room.</param>
    /// <returns>False when none is ready.</returns>
    internal bool TryRead(Span<byte> record, out int lengthBytes)
    {
        lengthBytes = 0;
        while (true)
        {
            var at = *(ulong*)_consumer;
            if (at >= Volatile.Read(ref *(ulong*)_producer))
                return false;
            var header = (uint*)(_producer + PageBytes + (nint)(at & (ulong)(_sizeBytes - 1)));
            var told = Volatile.Read(ref *header);
            if ((told & BusyBit) != 0)
                return false;
            var length = (int)Math.Min(told & ~DiscardBit, (uint)(_sizeBytes - HeaderBytes));
            if ((told & DiscardBit) == 0)
            {
                lengthBytes = Math.Min(length, record.Length);
                new ReadOnlySpan<byte>((byte*)header + HeaderBytes, lengthBytes).CopyTo(record);
            }
            Volatile.Write(ref *(ulong*)_consumer, at + (ulong)((length + HeaderBytes + 7) & ~7));
            if ((told & DiscardBit) == 0)
                return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Map.IsClosed)
            return;
        _ = LibC.Munmap(_consumer, (nuint)PageBytes);
        _ = LibC.Munmap(_producer, (nuint)(PageBytes + (2L * _sizeBytes)));
        Map.Dispose();
    }
}
