using System.Buffers.Text;

namespace Bindwise.Linux.Proc;

/// <summary>
/// What /proc/PID/status tells of a process (proc_pid_status(5)); null: not told. Users stand as the reader's user namespace numbers them.
/// </summary>
internal readonly record struct ProcessStatus
{
    internal char? State { get; private init; }

    /// <summary>The parent; 0 when it is outside the reader's PID namespace.</summary>
    internal int? Parent { get; private init; }

    internal uint? User { get; private init; }
    internal uint? Group { get; private init; }
    internal uint[]? Groups { get; private init; }

    /// <summary>The process id in its own PID namespace, the innermost.</summary>
    internal int? InnerId { get; private init; }

    /// <summary>CapEff: bit n for capability n.</summary>
    internal ulong? EffectiveCapabilities { get; init; }

    /// <summary>CapBnd: bit n for capability n.</summary>
    internal ulong? BoundingCapabilities { get; init; }

    /// <summary>NoNewPrivs (Linux 4.10).</summary>
    internal int? NoNewPrivileges { get; init; }

    /// <summary>Seccomp: 0 none, 1 strict, 2 filter; null also on a kernel without it.</summary>
    internal int? SeccompMode { get; init; }

    /// <summary>Seccomp_filters (Linux 5.9).</summary>
    internal int? SeccompFilters { get; init; }

    /// <summary>
    /// Reads the lines; what is missing or has another form stays null. The name in the first line has its newlines escaped by the kernel.
    /// </summary>
    internal static ProcessStatus Parse(ReadOnlySpan<byte> text)
    {
        var status = new ProcessStatus();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (Value(line, "State:"u8, out var value))
                status = status with { State = value is [var letter, ..] && char.IsAsciiLetter((char)letter) ? (char)letter : null };
            else if (Value(line, "PPid:"u8, out value))
                status = status with { Parent = Last(value) };
            else if (Value(line, "Uid:"u8, out value))
                status = status with { User = Second(value) };
            else if (Value(line, "Gid:"u8, out value))
                status = status with { Group = Second(value) };
            else if (Value(line, "Groups:"u8, out value))
                status = status with { Groups = Numbers(value) };
            else if (Value(line, "NSpid:"u8, out value))
                status = status with { InnerId = Last(value) };
            else if (Value(line, "CapEff:"u8, out value))
                status = status with { EffectiveCapabilities = Capabilities(value) };
            else if (Value(line, "CapBnd:"u8, out value))
                status = status with { BoundingCapabilities = Capabilities(value) };
            else if (Value(line, "NoNewPrivs:"u8, out value))
                status = status with { NoNewPrivileges = Number(value) };
            else if (Value(line, "Seccomp:"u8, out value))
                status = status with { SeccompMode = Number(value) };
            else if (Value(line, "Seccomp_filters:"u8, out value))
                status = status with { SeccompFilters = Number(value) };
        }
        return status;
    }

    /// <summary>Finds one line; cheaper than reading them all.</summary>
    /// <param name="name">The line's name, with the newline before it and its colon.</param>
    /// <returns>False when there is no such line, or it is cut off.</returns>
    internal static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var at = text.IndexOf(name);
        value = at < 0 ? default : text[(at + name.Length)..];
        var end = value.IndexOf((byte)'\n');
        value = end < 0 ? default : value[..end].Trim(" \t"u8);
        return end >= 0;
    }

    /// <summary>The ids of NSpid: in the PID namespace of that /proc, and in each below (Linux 4.1).</summary>
    /// <param name="outer">The id in the namespace of that /proc.</param>
    /// <param name="inner">The id in the process's own namespace; null when that is the same one.</param>
    /// <returns>False when there is no such line, or it has another form.</returns>
    internal static bool TryFindIds(ReadOnlySpan<byte> text, out int outer, out int? inner)
    {
        (outer, inner) = (0, null);
        if (!TryFind(text, "\nNSpid:"u8, out var ids))
            return false;
        var tab = ids.IndexOf((byte)'\t');
        if (Number(tab < 0 ? ids : ids[..tab]) is not { } first)
            return false;
        outer = first;
        inner = tab < 0 ? null : Number(ids[(ids.LastIndexOf((byte)'\t') + 1)..]);
        return tab < 0 || inner is not null;
    }

    /// <summary>TracerPid: who traces it; null for nobody, and for somebody outside of the reader's PID namespace.</summary>
    internal static int? FindTracer(ReadOnlySpan<byte> text) =>
        TryFind(text, "\nTracerPid:"u8, out var value) && Number(value) is > 0 and var tracer ? tracer : null;

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var isThat = line.StartsWith(name);
        value = isThat ? line[name.Length..].Trim(" \t"u8) : default;
        return isThat;
    }

    private static ulong? Capabilities(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out ulong set, out var used, 'x') && used == text.Length ? set : null;

    private static int? Number(ReadOnlySpan<byte> text) =>
        text is [not (byte)'-' and not (byte)'+', ..] && Utf8Parser.TryParse(text, out int value, out var used) && used == text.Length
            ? value : null;

    // "real effective saved file-system"
    private static uint? Second(ReadOnlySpan<byte> numbers)
    {
        var tab = numbers.IndexOfAny(" \t"u8);
        return tab > 0 && Utf8Parser.TryParse(numbers[(tab + 1)..], out uint value, out _) ? value : null;
    }

    private static uint[] Numbers(ReadOnlySpan<byte> text)
    {
        var numbers = new List<uint>();
        foreach (var range in text.Split((byte)' '))
        {
            if (Utf8Parser.TryParse(text[range], out uint number, out _))
                numbers.Add(number);
        }
        return [.. numbers];
    }

    private static int? Last(ReadOnlySpan<byte> numbers)
    {
        var tab = numbers.LastIndexOfAny(" \t"u8);
        return Utf8Parser.TryParse(numbers[(tab + 1)..], out int value, out _) ? value : null;
    }
}
