using System.Buffers.Text;

namespace Bindwise.Linux.Processes;

/// <summary>What /proc/PID/status tells of a process's identity (proc_pid_status(5)). Users stand as the reader's user namespace numbers them.</summary>
internal readonly record struct ProcessStatus
{
    /// <summary>The state letter.</summary>
    internal char? State { get; private init; }

    /// <summary>The parent; 0 when it is outside the reader's PID namespace.</summary>
    internal int? Parent { get; private init; }

    /// <summary>The effective user.</summary>
    internal uint? User { get; private init; }

    /// <summary>The effective group.</summary>
    internal uint? Group { get; private init; }

    /// <summary>Its further groups; null when not told.</summary>
    internal uint[]? Groups { get; private init; }

    /// <summary>CapEff: bit n for capability n.</summary>
    internal ulong? Capabilities { get; private init; }

    /// <summary>The process id in its own PID namespace, the innermost; null when not told.</summary>
    internal int? InnerId { get; private init; }

    /// <summary>Reads the lines; what is missing or has another form stays null. The name in the first line has its newlines escaped by the kernel.</summary>
    internal static ProcessStatus Parse(ReadOnlySpan<byte> text)
    {
        var status = new ProcessStatus();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (Value(line, "State:"u8, out var state))
                status = status with { State = state is [var letter, ..] && char.IsAsciiLetter((char)letter) ? (char)letter : null };
            else if (Value(line, "PPid:"u8, out var parent))
                status = status with { Parent = Last(parent) };
            else if (Value(line, "Uid:"u8, out var users))
                status = status with { User = Second(users) };
            else if (Value(line, "Gid:"u8, out var groups))
                status = status with { Group = Second(groups) };
            else if (Value(line, "Groups:"u8, out var others))
                status = status with { Groups = Numbers(others) };
            else if (Value(line, "CapEff:"u8, out var bits))
                status = status with { Capabilities = Utf8Parser.TryParse(bits, out ulong set, out var used, 'x') && used == bits.Length ? set : null };
            else if (Value(line, "NSpid:"u8, out var ids))
                status = status with { InnerId = Last(ids) };
        }
        return status;
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var isThat = line.StartsWith(name);
        value = isThat ? line[name.Length..].Trim(" \t"u8) : default;
        return isThat;
    }

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
