using System.Runtime.InteropServices;
using Bindwise.Linux.Text;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

/// <summary>The code that made a call that waits: the instruction itself, or, where that is the C library's, the nearest return address on
/// the stack that lies in other code. Scripts have no such address of their own: there it is the interpreter's function.</summary>
[SupportedOSPlatform("linux")]
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

    private readonly record struct Mapping(ulong Start, ulong End, ulong Offset, string File);

    /// <summary>The process executes another program: its code is not what it was.</summary>
    internal void Forget(int process) => _maps.Remove(process);

    /// <summary>Finds the code; null where it cannot be had.</summary>
    internal CodePlace? Find(int process, int thread, ulong instruction)
    {
        if (PlaceOf(process, instruction) is not { } here)
            return null;
        // On Arm the return address is in a register, which only a tracer sees.
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return IsLibrary(here) ? null : here;
        CodePlace? first = IsLibrary(here) || IsOfGo(here) ? null : here;
        if (first is not null)
            return first;
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
        if (!_maps.TryGetValue(process, out var maps) || (mayRead && !maps.Exists(one => address >= one.Start && address < one.End)))
        {
            if (_maps.Count >= MostProcesses)
                _maps.Clear();
            _maps[process] = maps = ReadMaps(process);
        }
        foreach (var one in maps)
        {
            if (address >= one.Start && address < one.End)
            {
                var offset = address - one.Start + one.Offset;
                // A return address is the one after the call: the byte before it belongs to the caller for sure.
                return new CodePlace(one.File, offset, SymbolOf(process, one.File, offset - 1));
            }
        }
        return null;
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
        foreach (var range in text.Split((byte)'\n'))
        {
            // 55d0c4a00000-55d0c4a25000 r-xp 00002000 08:01 1234   /usr/bin/cat
            var line = text[range];
            var words = new List<Range>();
            foreach (var word in line.Split((byte)' '))
            {
                if (!line[word].IsEmpty)
                    words.Add(word);
            }
            if (words.Count < 6 || maps.Count >= MostMaps || line[words[1]].IndexOf((byte)'x') < 0 || line[words[5]][0] != (byte)'/')
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
        if (ForeignMemory.Read(thread, address - 7, before) != Errno.None)
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
        var name = place.File.AsSpan(place.File.LastIndexOf('/') + 1);
        foreach (var one in Libraries)
        {
            if (name.StartsWith(one, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool IsOfGo(CodePlace place) =>
        place.Symbol is { } symbol && GoPackages.Any(one => symbol.StartsWith(one, StringComparison.Ordinal));

    private static bool TryHex(ReadOnlySpan<byte> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
