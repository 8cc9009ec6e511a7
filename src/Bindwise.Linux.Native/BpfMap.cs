using System.Buffers.Binary;

namespace Bindwise.Linux.Native;

/// <summary>bpf(2) for maps that a program of ours and this process share. Nothing is pinned: a map ends with its last descriptor.</summary>
internal static class BpfMapCall
{
    /// <summary>BPF_MAP_TYPE_HASH.</summary>
    internal const uint HashMap = 1;

    /// <summary>BPF_MAP_TYPE_ARRAY.</summary>
    internal const uint ArrayMap = 2;

    /// <summary>BPF_MAP_TYPE_LRU_HASH.</summary>
    internal const uint RecentMap = 9;

    /// <summary>BPF_MAP_TYPE_RINGBUF (Linux 5.8).</summary>
    internal const uint RingMap = 27;

    private const int DeleteElementCommand = 3;

    /// <summary>ENOTSUPP, which the kernel should not give out and does.</summary>
    private const Errno NotSupported = (Errno)524;

    /// <summary>BPF_MAP_CREATE.</summary>
    /// <param name="kind">enum bpf_map_type.</param>
    /// <param name="keyBytes">The size of a key; 0 for a ring.</param>
    /// <param name="valueBytes">The size of a value; 0 for a ring.</param>
    /// <param name="entries">The most entries; of a ring its size in bytes, a power of two and whole pages.</param>
    /// <param name="map">The map; invalid on failure.</param>
    /// <returns>EPERM without CAP_BPF; before Linux 5.11 also where RLIMIT_MEMLOCK is too low.</returns>
    internal static Errno Create(uint kind, int keyBytes, int valueBytes, int entries, out SafeFileDescriptor map)
    {
        Span<byte> attributes = stackalloc byte[BpfCall.MapBytes];
        attributes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, kind);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], keyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], valueBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[12..], entries);
        return BpfCall.Make(BpfCall.CreateMapCommand, attributes, out map);
    }

    /// <summary>BPF_MAP_LOOKUP_ELEM.</summary>
    /// <returns>ENOENT where there is none.</returns>
    internal static Errno LookUp(SafeFileDescriptor map, ReadOnlySpan<byte> key, Span<byte> value) =>
        Do(BpfCall.LookUpCommand, map, key, value);

    /// <summary>
    /// Takes an element out of a hash: at once from Linux 5.14 on (BPF_MAP_LOOKUP_AND_DELETE_ELEM), before in two steps, between which a
    /// count that rises is missed.
    /// </summary>
    /// <returns>ENOENT where there is none.</returns>
    internal static Errno Take(SafeFileDescriptor map, ReadOnlySpan<byte> key, Span<byte> value)
    {
        var errno = Do(BpfCall.TakeElementCommand, map, key, value);
        if (errno is not (Errno.EINVAL or Errno.EOPNOTSUPP or NotSupported))
            return errno;
        errno = LookUp(map, key, value);
        return errno != Errno.None ? errno : Do(DeleteElementCommand, map, key, []);
    }

    private static unsafe Errno Do(int command, SafeFileDescriptor map, ReadOnlySpan<byte> key, Span<byte> value)
    {
        Span<byte> attributes = stackalloc byte[BpfCall.ElementBytes];
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
