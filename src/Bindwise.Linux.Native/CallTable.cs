namespace Bindwise.Linux.Native;

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
        if (call.Architecture == (uint)OwnArchitecture)
        {
            var number = IsX64 ? call.Number & ~X32Bit : call.Number;
            foreach (var row in Rows)
            {
                if (number == row.Own)
                    return row.Kind;
            }
            return CallKind.Other;
        }
        if (call.Architecture != (uint)SiblingArchitecture)
            return CallKind.Other;
        foreach (var row in Rows)
        {
            if (call.Number == (IsX64 ? row.I386 : row.Arm))
                return row.Kind;
        }
        return IsX64 && call.Number == MultiplexedNumber ? CallKind.Multiplexed : CallKind.Other;
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
