using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Text;
using Bindwise.Model.Auditing;
using Microsoft.Win32.SafeHandles;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// The code that made a call that waits: the instruction itself, or, where that is the C library's, the nearest return address on the stack
/// that lies in other code. Scripts have no such address of their own: there it is the interpreter's function.
/// </summary>
internal sealed class CodeLocator
{
    private const int MostProcesses = 256;
    private const int MostMaps = 4096;
    private const int MapsBytes = 1 << 20;
    private const int StackWords = 512;
    private const int MostCandidates = 24;

    // What stands between a program and the kernel, by how the files and the functions of Go's own library begin.
    private static readonly string[] Libraries = ["libc.so", "libc-", "libpthread", "ld-linux", "ld-musl", "ld-2"];
    private static readonly string[] GoPackages = ["syscall.", "internal/", "runtime.", "net.", "net/", "os.", "sync.", "context.",
        "golang.org/x/sys/", "crypto/tls."];

    private readonly Dictionary<int, List<Mapping>> _maps = [];
    private readonly Dictionary<(string, ulong), string?> _symbols = [];
    private readonly byte[] _text = new byte[MapsBytes];
    private readonly byte[] _stack = new byte[StackWords * sizeof(ulong)];

    private readonly record struct Mapping(ulong Start, ulong End, ulong Offset, string File)
    {
        public bool Has(ulong address) => address >= Start && address < End;
    }

    /// <summary>The process executes another program: its code is not what it was.</summary>
    internal void Forget(int process) => _maps.Remove(process);

    internal CodePlace? Find(int process, int thread, ulong instruction)
    {
        if (PlaceOf(process, instruction) is not { } here)
            return null;
        // On Arm the return address is in a register, which only a tracer sees.
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return IsLibrary(here) ? null : here;
        if (!IsLibrary(here) && !IsOfGo(here))
            return here;
        var stack = ReadStack(thread);
        var tried = 0;
        CodePlace? nearest = null;
        for (var at = 0; at + sizeof(ulong) <= stack.Length && tried < MostCandidates; at += sizeof(ulong))
        {
            var address = MemoryMarshal.Read<ulong>(stack[at..]);
            if (address < 4096 || PlaceOf(process, address, mayRead: false) is not { } place || IsLibrary(place)
                || !FollowsCall(thread, address))
                continue;
            tried++;
            nearest ??= place;
            if (!IsOfGo(place))
                return place;
        }
        return nearest;
    }

    private CodePlace? PlaceOf(int process, ulong address, bool mayRead = true)
    {
        if (!_maps.TryGetValue(process, out var maps) || (mayRead && !maps.Exists(one => one.Has(address))))
        {
            if (_maps.Count >= MostProcesses)
                _maps.Clear();
            _maps[process] = maps = ReadMaps(process);
        }
        if (maps.Find(one => one.Has(address)) is not { File: { } file } found)
            return null;
        var offset = address - found.Start + found.Offset;
        // A return address is the one after the call: the byte before it belongs to the caller for sure.
        return new CodePlace(file, offset, SymbolOf(process, file, Math.Max(offset, 1) - 1));
    }

    private string? SymbolOf(int process, string file, ulong offset)
    {
        if (!_symbols.TryGetValue((file, offset), out var symbol))
        {
            if (_symbols.Count >= MostMaps)
                _symbols.Clear();
            _symbols[(file, offset)] =
                symbol = ElfSymbols.Find(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/root{file}"), offset);
        }
        return symbol;
    }

    private List<Mapping> ReadMaps(int process)
    {
        var maps = new List<Mapping>();
        if (SmallFile.Read(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/maps\0")), _text,
            out var length) != Errno.None)
            return maps;
        var text = _text.AsSpan(0, length);
        Span<Range> words = stackalloc Range[6];
        foreach (var range in text.Split((byte)'\n'))
        {
            // 55d0c4a00000-55d0c4a25000 r-xp 00002000 08:01 1234   /usr/bin/cat
            var line = text[range];
            if (KernelText.SplitWords(line, words) < words.Length || maps.Count >= MostMaps || line[words[1]].IndexOf((byte)'x') < 0
                || line[words[5]][0] != (byte)'/')
                continue;
            var dash = line.IndexOf((byte)'-');
            if (dash > 0 && TryHex(line[..dash], out var start)
                && TryHex(line[(dash + 1)..words[0].End.GetOffset(line.Length)], out var end) && TryHex(line[words[2]], out var offset))
                maps.Add(new Mapping(start, end, offset, KernelText.Decode(line[words[5].Start..])));
        }
        return maps;
    }

    private ReadOnlySpan<byte> ReadStack(int thread)
    {
        // "49 0x3 0x7ffc… 0x10 0x0 0x0 0x0 0x7ffc… 0x7f12…": the stack pointer before the last.
        var text = Encoding.ASCII.GetString(ThreadFile.Read(thread, "syscall"u8)).TrimEnd('\n').Split(' ');
        if (text.Length < 9 || text[^2] is not ['0', 'x', .. var digits]
            || !ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var pointer))
            return [];
        // What lies beyond the stack's end cannot be read, and then nothing is.
        for (var words = StackWords; words > 0; words /= 4)
        {
            var bytes = _stack.AsSpan(0, words * sizeof(ulong));
            if (ForeignMemory.Read(thread, pointer, bytes) == Errno.None)
                return bytes;
        }
        return [];
    }

    // call rel32 (E8), or call through a register or memory (FF /2) of two to seven bytes.
    private static bool FollowsCall(int thread, ulong address)
    {
        Span<byte> before = stackalloc byte[7];
        if (address < 7 || ForeignMemory.Read(thread, address - 7, before) != Errno.None)
            return false;
        if (before[2] == 0xe8)
            return true;
        for (var at = 0; at < 6; at++)
        {
            if (before[at] == 0xff && (before[at + 1] >> 3 & 7) == 2)
                return true;
        }
        return false;
    }

    private static bool IsLibrary(CodePlace place)
    {
        var name = place.File[(place.File.LastIndexOf('/') + 1)..];
        return Libraries.Any(one => name.StartsWith(one, StringComparison.Ordinal));
    }

    private static bool IsOfGo(CodePlace place) =>
        place.Symbol is { } symbol && GoPackages.Any(one => symbol.StartsWith(one, StringComparison.Ordinal));

    private static bool TryHex(ReadOnlySpan<byte> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}

/// <summary>Some bytes of a file from an offset on; fewer where it ends before.</summary>
internal delegate byte[] ReadPart(ulong offset, int length);

/// <summary>
/// The function that a place of a 64-bit ELF file (elf(5)) belongs to, by its tables of symbols. Reads any bytes: whatever is no such file
/// has no functions.
/// </summary>
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
        // Of all tables together: the program chose the file.
        var left = MostSymbolBytes;
        for (var at = 0; at + SectionBytes <= sections.Length; at += SectionBytes)
        {
            var section = sections.AsSpan(at, SectionBytes);
            if (Read32(section[4..]) is not (StaticSymbols or DynamicSymbols)
                || Read32(section[40..]) * (ulong)SectionBytes is var link && link + SectionBytes > (ulong)sections.Length)
                continue;
            var names = sections.AsSpan((int)link, SectionBytes);
            var symbols = read(Read64(section[24..]), (int)Math.Min(Read64(section[32..]), (ulong)left));
            left -= symbols.Length;
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
