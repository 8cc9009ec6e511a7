using System.Buffers.Binary;
using Bindwise.Linux.Text;
using Microsoft.Win32.SafeHandles;

namespace Bindwise.Supervising.Auditing;

/// <summary>Some bytes of a file from an offset on; fewer where it ends before.</summary>
internal delegate byte[] ReadPart(ulong offset, int length);

/// <summary>The function that a place of a 64-bit ELF file (elf(5)) belongs to, by its tables of symbols. Reads any bytes: whatever is no
/// such file has no functions.</summary>
[SupportedOSPlatform("linux")]
internal static class ElfSymbols
{
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;
    private const int SectionBytes = 64;
    private const int SymbolBytes = 24;
    private const int MostEntries = 4096;
    private const int MostSymbolBytes = 64 * 1024 * 1024;
    private const int LongestName = 512;
    private const uint Loaded = 1;
    private const uint StaticSymbols = 2;
    private const uint DynamicSymbols = 11;
    private const int Function = 2;
    private const int IndirectFunction = 10;

    private static ReadOnlySpan<byte> Magic => "\u007fELF\u0002\u0001"u8;

    /// <summary>The name of the function at an offset of a file; null where no table names one.</summary>
    internal static string? Find(string path, ulong offset)
    {
        // What was mapped may be a pipe by now, and longer or shorter: so it is neither waited for nor mapped.
        if (PlainFile.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + "\0"), PathBounds.None, FileStatus.KindFile,
            out var file) != Errno.None)
            return null;
        using (file)
        {
            using var handle = new SafeFileHandle(file.Number, ownsHandle: false);
            try
            {
                return Find((at, length) => Read(handle, at, length), offset);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    internal static string? Find(ReadPart read, ulong offset)
    {
        var header = read(0, HeaderBytes);
        if (header.Length < HeaderBytes || !header.AsSpan().StartsWith(Magic)
            || AddressOf(Table(read, header, at: 32, SegmentBytes, countAt: 56), offset) is not { } address)
            return null;
        var sections = Table(read, header, at: 40, SectionBytes, countAt: 60);
        var (best, size) = (default(string), ulong.MaxValue);
        for (var at = 0; at + SectionBytes <= sections.Length; at += SectionBytes)
        {
            var section = sections.AsSpan(at, SectionBytes);
            if (Read32(section[4..]) is not (StaticSymbols or DynamicSymbols)
                || Read32(section[40..]) * (ulong)SectionBytes is var link && link + SectionBytes > (ulong)sections.Length)
                continue;
            var names = sections.AsSpan((int)link, SectionBytes);
            var symbols = read(Read64(section[24..]), (int)Math.Min(Read64(section[32..]), MostSymbolBytes));
            for (var rest = symbols.AsSpan(); rest.Length >= SymbolBytes; rest = rest[SymbolBytes..])
            {
                var (start, length) = (Read64(rest[8..]), Read64(rest[16..]));
                // The innermost, where one lies within another.
                if ((rest[4] & 0xf) is Function or IndirectFunction && address >= start && address - start < length && length < size
                    && NameAt(read, Read64(names[24..]), Read64(names[32..]), Read32(rest)) is { } name)
                    (best, size) = (name, length);
            }
        }
        return best;
    }

    // From an offset in the file to the address at which that is loaded.
    private static ulong? AddressOf(byte[] segments, ulong offset)
    {
        for (var at = 0; at + SegmentBytes <= segments.Length; at += SegmentBytes)
        {
            var segment = segments.AsSpan(at, SegmentBytes);
            var start = Read64(segment[8..]);
            if (Read32(segment) == Loaded && offset >= start && offset - start < Read64(segment[32..]))
                return unchecked(Read64(segment[16..]) + (offset - start));
        }
        return null;
    }

    private static byte[] Table(ReadPart read, byte[] header, int at, int entryBytes, int countAt) =>
        read(Read64(header.AsSpan(at)),
            Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(countAt)), (ushort)MostEntries) * entryBytes);

    private static string? NameAt(ReadPart read, ulong start, ulong length, uint at)
    {
        if (at >= length)
            return null;
        var text = read(unchecked(start + at), (int)Math.Min(LongestName, length - at));
        var end = text.AsSpan().IndexOf((byte)0);
        return end <= 0 ? null : KernelText.Decode(text.AsSpan(0, end));
    }

    private static byte[] Read(SafeFileHandle file, ulong offset, int length)
    {
        if (offset > long.MaxValue - int.MaxValue || length <= 0)
            return [];
        // A header may promise more than there is.
        length = (int)Math.Clamp(RandomAccess.GetLength(file) - (long)offset, 0, length);
        var bytes = new byte[length];
        var done = 0;
        while (done < length && RandomAccess.Read(file, bytes.AsSpan(done), (long)offset + done) is > 0 and var more)
            done += more;
        return done == length ? bytes : bytes[..done];
    }

    private static uint Read32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong Read64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
