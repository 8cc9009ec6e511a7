namespace Bindwise.Linux.Native;

/// <summary>struct sock_filter: operation, jump if true, jump if false, value (linux/filter.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FilterInstruction(ushort Operation, byte IfTrue, byte IfFalse, uint Value);

/// <summary>Which of an argument's values a filter looks for; of the argument the low word counts.</summary>
/// <param name="Argument">0 to 5.</param>
/// <param name="IsAny">It has to be one of them; false: none of them.</param>
internal readonly record struct ArgumentTest(int Argument, uint[] Values, bool IsAny = true);

internal sealed record FilteredCall(CallKind Kind, params ArgumentTest[] Tests);

/// <summary>
/// Which calls are handed to a listener, and which are refused with ENOSYS; all others are the kernel's. bind(), listen() and
/// landlock_restrict_self() of 32-bit programs and of x32 are handed over as well: a program could
/// otherwise bind, or restrict itself, unseen.
/// </summary>
/// <param name="calls">What is handed over of this machine's own calls.</param>
/// <param name="refused">What is refused, in each way in which it can be made.</param>
internal sealed class CallFilter(FilteredCall[] calls, params CallKind[] refused)
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Notify = 0x7fc0_0000;
    private const uint Allow = 0x7fff_0000;

    // SECCOMP_RET_ERRNO with the errno: a program takes it that the kernel has no such call.
    private const uint Refuse = 0x0005_0000 | (uint)Errno.ENOSYS;

    // struct seccomp_data; of an argument the low word, on little-endian machines.
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint ArgumentsAt = 16;

    private static readonly CallKind[] Everywhere = [CallKind.Bind, CallKind.Listen, CallKind.Restrict];

    /// <summary>SHUT_WR, which is nothing to a listening socket, and what most servers say to their connections.</summary>
    private const uint WriteDirection = 1;

    /// <param name="keepsReuseAddress">Also setsockopt(SOL_SOCKET, SO_REUSEADDR).</param>
    /// <param name="moves">An address may not be bound: rings are refused, as their bind() is seen by nobody.</param>
    /// <param name="holds">Also shutdown() of the reading direction.</param>
    /// <param name="connects">Also connect() with an address of such a length; null: none.</param>
    internal static CallFilter OfRun(bool keepsReuseAddress, bool moves, bool holds = false, ArgumentTest? connects = null) => new(
        [
            new(CallKind.Bind), new(CallKind.Listen), new(CallKind.Restrict),
            .. holds ? [new FilteredCall(CallKind.Shutdown, new ArgumentTest(1, [WriteDirection], IsAny: false))]
                : Array.Empty<FilteredCall>(),
            .. connects is { } lengths ? [new FilteredCall(CallKind.Connect, lengths)] : Array.Empty<FilteredCall>(),
            // Servers set others often.
            .. keepsReuseAddress ? [OptionCall(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress)] : Array.Empty<FilteredCall>(),
        ],
        moves ? [CallKind.SetUpRing] : []);

    /// <summary>
    /// The filter of an audit: socket() of UNIX and IP, bind(), listen(), execve(), landlock_restrict_self(), and setsockopt() of the
    /// options that bind() reads. What happens once for each accepted connection is not in it.
    /// </summary>
    internal static CallFilter OfAudit() => new(
        [
            new(CallKind.Bind), new(CallKind.Listen), new(CallKind.Restrict), new(CallKind.Execute), new(CallKind.ExecuteAt),
            new(CallKind.Socket, new ArgumentTest(0, [SocketCall.FamilyUnix, SocketCall.FamilyIPv4, SocketCall.FamilyIPv6])),
            OptionCall(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, SocketOptionCall.ReusePort),
            OptionCall(SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort, SocketOptionCall.Freebind,
                SocketOptionCall.Transparent),
            OptionCall(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only),
        ]);

    internal FilterInstruction[] ToProgram()
    {
        var own = new List<FilterInstruction>();
        foreach (var kind in refused)
            Add(own, Numbers(CallTable.OwnNumberOf(kind), CallTable.X32NumberOf(kind)), Refuse);
        foreach (var group in calls.GroupBy(static call => call.Kind))
            Add(own, CallTable.OwnNumberOf(group.Key), [.. group]);
        foreach (var kind in Everywhere)
            Add(own, Numbers(CallTable.X32NumberOf(kind)), Notify);
        own.Add(new(Return, 0, 0, Allow));

        var sibling = new List<FilterInstruction>();
        foreach (var kind in refused)
            Add(sibling, Numbers(CallTable.SiblingNumberOf(kind)), Refuse);
        foreach (var kind in Everywhere)
            Add(sibling, Numbers(CallTable.SiblingNumberOf(kind)), Notify);
        if (CallTable.SiblingNumberOf(CallKind.Multiplexed) is { } multiplexed)
            Add(sibling, multiplexed,
                [new(CallKind.Multiplexed, new ArgumentTest(0, [CallTable.MultiplexedBind, CallTable.MultiplexedListen]))]);
        sibling.Add(new(Return, 0, 0, Allow));

        // The way over this machine's own part is longer than a jump's byte reaches, so the shorter part comes first.
        return
        [
            new(LoadWord, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 0, checked((byte)(sibling.Count + 1)), (uint)CallTable.SiblingArchitecture),
            new(LoadWord, 0, 0, NumberAt),
            .. sibling,
            new(JumpIfEqual, 1, 0, (uint)CallTable.OwnArchitecture),
            new(Return, 0, 0, Allow),
            new(LoadWord, 0, 0, NumberAt),
            .. own,
        ];
    }

    private static FilteredCall OptionCall(int level, params int[] names) =>
        new(CallKind.SetSocketOption, new ArgumentTest(1, [(uint)level]),
            new ArgumentTest(2, [.. names.Select(static name => (uint)name)]));

    private static uint[] Numbers(params uint?[] numbers) => [.. numbers.OfType<uint>()];

    private static void Add(List<FilterInstruction> program, uint[] numbers, uint action)
    {
        foreach (var number in numbers)
            program.AddRange([new(JumpIfEqual, 0, 1, number), new(Return, 0, 0, action)]);
    }

    // The call's number is loaded before, and after it only where it is another one's.
    private static void Add(List<FilterInstruction> program, uint number, FilteredCall[] calls)
    {
        var body = new List<FilterInstruction>();
        foreach (var call in calls)
        {
            var tests = new List<FilterInstruction>();
            // From the last to the first, as each jumps over those behind it.
            foreach (var test in Enumerable.Reverse(call.Tests))
            {
                // To what follows the notification, which is the next call of that number.
                var failed = checked((byte)(tests.Count + 1));
                var part = new List<FilterInstruction> { new(LoadWord, 0, 0, ArgumentsAt + (uint)test.Argument * 8) };
                for (var index = 0; index < test.Values.Length; index++)
                {
                    var left = test.Values.Length - 1 - index;
                    part.Add(test.IsAny
                        ? new(JumpIfEqual, checked((byte)left), left == 0 ? failed : (byte)0, test.Values[index])
                        : new(JumpIfEqual, checked((byte)(left + failed)), 0, test.Values[index]));
                }
                tests.InsertRange(0, part);
            }
            body.AddRange(tests);
            body.Add(new(Return, 0, 0, Notify));
        }
        if (calls.All(static call => call.Tests.Length > 0))
            body.Add(new(Return, 0, 0, Allow));
        program.Add(new(JumpIfEqual, 0, checked((byte)body.Count), number));
        program.AddRange(body);
    }
}

/// <summary>
/// The numbers of those calls in each way in which a program can make them here: this machine's own, and those of its 32-bit sibling, which
/// any program can use too (<c>int $0x80</c>; on Arm a 32-bit program). x32 has x64's with one bit set.
/// </summary>
/// <remarks>
/// Source: arch/x86/entry/syscalls/syscall_32.tbl and syscall_64.tbl,
/// arch/arm64/tools/syscall_32.tbl; include/uapi/linux/net.h for socketcall(2).
/// </remarks>
internal static class CallTable
{
    /// <summary>Of x32 (__X32_SYSCALL_BIT).</summary>
    internal const int X32Bit = 0x4000_0000;

    /// <summary>SYS_BIND of socketcall(2).</summary>
    internal const uint MultiplexedBind = 2;

    /// <summary>SYS_LISTEN of socketcall(2).</summary>
    internal const uint MultiplexedListen = 4;

    private const int None = -1;

    /// <summary>AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (include/uapi/linux/audit.h).</summary>
    internal static readonly KernelNumber OwnArchitecture = new("AUDIT_ARCH", 0xC000_003E, 0xC000_00B7);

    /// <summary>AUDIT_ARCH_I386 and AUDIT_ARCH_ARM.</summary>
    internal static readonly KernelNumber SiblingArchitecture = new("AUDIT_ARCH_SIBLING", 0x4000_0003, 0x4000_0028);

    private static readonly (CallKind Kind, KernelNumber Own, int I386, int Arm)[] Rows =
    [
        (CallKind.Bind, SystemCallNumber.Bind, 361, 282),
        (CallKind.Listen, SystemCallNumber.Listen, 363, 284),
        (CallKind.Connect, SystemCallNumber.Connect, 362, 283),
        (CallKind.Shutdown, SystemCallNumber.Shutdown, 373, 293),
        (CallKind.SetSocketOption, SystemCallNumber.SetSocketOption, 366, 294),
        (CallKind.Socket, SystemCallNumber.Socket, 359, 281),
        (CallKind.Execute, SystemCallNumber.Execute, 11, 11),
        (CallKind.ExecuteAt, SystemCallNumber.ExecuteAt, 358, 387),
        (CallKind.Restrict, SystemCallNumber.LandlockRestrictSelf, 446, 446),
        (CallKind.SetUpRing, SystemCallNumber.RingSetUp, 425, 425),
    ];

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>What a call is; of another way than this machine's own with the number that it has there.</summary>
    internal static CallKind KindOf(in SystemCallNotice call)
    {
        var isOwn = call.Architecture == (uint)OwnArchitecture;
        if (!isOwn && call.Architecture != (uint)SiblingArchitecture)
            return CallKind.Other;
        if (!isOwn && IsX64 && call.Number == MultiplexedNumber)
            return CallKind.Multiplexed;
        var number = isOwn && IsX64 ? call.Number & ~X32Bit : call.Number;
        // Asked for every call that waits: a loop allocates nothing.
        foreach (var row in Rows)
        {
            if (number == (isOwn ? (int)row.Own : IsX64 ? row.I386 : row.Arm))
                return row.Kind;
        }
        return CallKind.Other;
    }

    internal static uint OwnNumberOf(CallKind kind) => (uint)Row(kind).Own;

    /// <summary>Its number for a program of the 32-bit sibling; null where it has none there.</summary>
    internal static uint? SiblingNumberOf(CallKind kind)
    {
        var number = kind == CallKind.Multiplexed ? (IsX64 ? MultiplexedNumber : None) : IsX64 ? Row(kind).I386 : Row(kind).Arm;
        return number == None ? null : (uint)number;
    }

    /// <summary>Its number in x32, which is x64's with a bit set for all that a filter hands over there; null on Arm.</summary>
    internal static uint? X32NumberOf(CallKind kind) => IsX64 ? OwnNumberOf(kind) | X32Bit : null;

    // i386's alone.
    private const int MultiplexedNumber = 102;

    private static (CallKind Kind, KernelNumber Own, int I386, int Arm) Row(CallKind kind) => Array.Find(Rows, row => row.Kind == kind);
}

/// <summary>The system calls that a filter names.</summary>
internal enum CallKind
{
    Other,
    Bind,
    Listen,
    Connect,
    Shutdown,
    SetSocketOption,
    Socket,
    Execute,
    ExecuteAt,

    /// <summary>landlock_restrict_self(2).</summary>
    Restrict,

    /// <summary>io_uring_setup(2): what a ring does passes every filter.</summary>
    SetUpRing,

    /// <summary>
    /// socketcall(2) of i386, which says by its first argument which call it is, and has that call's arguments in memory.
    /// </summary>
    Multiplexed,
}
