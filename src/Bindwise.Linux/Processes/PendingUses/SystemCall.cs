using System.Buffers.Text;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>The system call that a thread sleeps in, as /proc/PID/task/TID/syscall tells it: its number and its six arguments (proc_pid_syscall(5)).</summary>
internal readonly record struct SystemCall
{
    /// <summary>Room for the longest line: nine numbers of at most 18 bytes, with spaces.</summary>
    internal const int LineBytes = 256;

    // The arguments, the stack pointer and the program counter.
    private const int NumberCount = 8;

    /// <summary>The number on this architecture.</summary>
    internal int Number { get; private init; }

    /// <summary>The first argument.</summary>
    internal ulong First { get; private init; }

    /// <summary>The second argument.</summary>
    internal ulong Second { get; private init; }

    /// <summary>The third argument.</summary>
    internal ulong Third { get; private init; }

    /// <summary>The fourth argument.</summary>
    internal ulong Fourth { get; private init; }

    /// <summary>Where the thread's stack and code stand: the same for the same call.</summary>
    internal (ulong Stack, ulong Code) Place { get; private init; }

    /// <summary>Reads the line; null for a thread that runs, that sleeps outside of a call (<c>-1</c>), or where the line has another form.</summary>
    internal static SystemCall? Parse(ReadOnlySpan<byte> line)
    {
        if (!Utf8Parser.TryParse(line, out int number, out var consumed) || number < 0)
            return null;
        Span<ulong> numbers = stackalloc ulong[NumberCount];
        var rest = line[consumed..];
        foreach (ref var value in numbers)
        {
            if (!rest.StartsWith(" 0x"u8) || !Utf8Parser.TryParse(rest[3..], out value, out consumed, 'x'))
                return null;
            rest = rest[(3 + consumed)..];
        }
        return new SystemCall
        {
            Number = number,
            First = numbers[0],
            Second = numbers[1],
            Third = numbers[2],
            Fourth = numbers[3],
            Place = (numbers[6], numbers[7]),
        };
    }
}
