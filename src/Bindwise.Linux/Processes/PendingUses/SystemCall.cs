using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>
/// The system call that a thread sleeps in, as /proc/PID/task/TID/syscall tells it: its number and its six arguments (proc_pid_syscall(5)).
/// </summary>
internal readonly record struct SystemCall
{
    /// <summary>Room for the longest line: nine numbers of at most 18 bytes, with spaces.</summary>
    internal const int LineBytes = 256;

    // The arguments, the stack pointer and the program counter.
    private const int NumberCount = 8;

    internal int Number { get; private init; }
    internal ulong First { get; private init; }
    internal ulong Second { get; private init; }
    internal ulong Third { get; private init; }
    internal ulong Fourth { get; private init; }

    /// <summary>Where the thread's stack and code stand: the same for the same call.</summary>
    internal (ulong Stack, ulong Code) Place { get; private init; }

    /// <summary>
    /// Reads the line; null for a thread that runs, that sleeps outside of a call (<c>-1</c>), or where the line has another form.
    /// </summary>
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

internal enum DescriptorPlace
{
    First,

    /// <summary>The first and the second argument (sendfile).</summary>
    FirstAndSecond,

    /// <summary>The first and the third argument (splice).</summary>
    FirstAndThird,

    /// <summary>An array of struct pollfd: its address is the first argument, its length the second.</summary>
    PollArray,

    /// <summary>Three sets of bits: their addresses are the second to the fourth argument, the number of bits is the first.</summary>
    SelectSets,
}

/// <summary>What a system call waits for, which tells which sockets it fits.</summary>
internal enum AwaitedEvent
{
    /// <summary>Anything: poll() and select() take every socket.</summary>
    Any,

    Connection,

    /// <summary>Data, or room for data: not at a listener.</summary>
    Data,

    /// <summary>The peer's answer to connect().</summary>
    Handshake,

    /// <summary>The acknowledgement of what was sent, for close() with SO_LINGER.</summary>
    Acknowledgement,
}

/// <summary>
/// A system call that can sleep while it uses a descriptor. It keeps the file until it returns, even if the descriptor is closed meanwhile.
/// </summary>
/// <param name="IsOfSockets">It takes sockets only: a descriptor that names something else by now was closed and used again.</param>
internal sealed record DescriptorCall(string Name, DescriptorPlace Place, AwaitedEvent Awaits, bool IsOfSockets = false)
{
    private const int None = -1;

    // arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
    private static readonly (int X64, int Arm64, DescriptorCall Call)[] Table =
    [
        (0, 63, new("read", DescriptorPlace.First, AwaitedEvent.Data)),
        (1, 64, new("write", DescriptorPlace.First, AwaitedEvent.Data)),
        (3, 57, new("close", DescriptorPlace.First, AwaitedEvent.Acknowledgement)),
        (7, None, new("poll", DescriptorPlace.PollArray, AwaitedEvent.Any)),
        (19, 65, new("readv", DescriptorPlace.First, AwaitedEvent.Data)),
        (20, 66, new("writev", DescriptorPlace.First, AwaitedEvent.Data)),
        (23, None, new("select", DescriptorPlace.SelectSets, AwaitedEvent.Any)),
        (40, 71, new("sendfile", DescriptorPlace.FirstAndSecond, AwaitedEvent.Data)),
        (42, 203, new("connect", DescriptorPlace.First, AwaitedEvent.Handshake, IsOfSockets: true)),
        (43, 202, new("accept", DescriptorPlace.First, AwaitedEvent.Connection, IsOfSockets: true)),
        (44, 206, new("sendto", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        (45, 207, new("recvfrom", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        (46, 211, new("sendmsg", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        (47, 212, new("recvmsg", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        // restart_syscall(), which goes on with poll() after the process was stopped.
        ((int)SystemCallNumber.Restart.X64, (int)SystemCallNumber.Restart.Arm64, new("poll", DescriptorPlace.PollArray, AwaitedEvent.Any)),
        (270, 72, new("pselect6", DescriptorPlace.SelectSets, AwaitedEvent.Any)),
        (271, 73, new("ppoll", DescriptorPlace.PollArray, AwaitedEvent.Any)),
        (275, 76, new("splice", DescriptorPlace.FirstAndThird, AwaitedEvent.Data)),
        (288, 242, new("accept4", DescriptorPlace.First, AwaitedEvent.Connection, IsOfSockets: true)),
        (299, 243, new("recvmmsg", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        (307, 269, new("sendmmsg", DescriptorPlace.First, AwaitedEvent.Data, IsOfSockets: true)),
        (327, 286, new("preadv2", DescriptorPlace.First, AwaitedEvent.Data)),
        (328, 287, new("pwritev2", DescriptorPlace.First, AwaitedEvent.Data)),
    ];

    private static readonly Dictionary<int, DescriptorCall> Here = On(RuntimeInformation.ProcessArchitecture);

    internal static Dictionary<int, DescriptorCall> On(Architecture architecture) => Table
        .Select(row => (Number: architecture == Architecture.Arm64 ? row.Arm64 : row.X64, row.Call))
        .Where(static row => row.Number != None).ToDictionary(static row => row.Number, static row => row.Call);

    /// <summary>The call of a number on this architecture; null when it takes no descriptor, or never sleeps on a socket.</summary>
    internal static DescriptorCall? Of(int number) => Here.GetValueOrDefault(number);
}
