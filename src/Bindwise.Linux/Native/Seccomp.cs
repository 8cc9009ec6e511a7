using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct seccomp_notif with its struct seccomp_data (seccomp_unotify(2), include/uapi/linux/seccomp.h): a system call that waits for an answer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SystemCallNotice
{
    internal ulong Id;

    /// <summary>A thread's id, as the reader's PID namespace numbers it; 0 where it has none there.</summary>
    internal uint Thread;
    internal uint Flags;
    internal int Number;
    internal uint Architecture;
    internal ulong InstructionPointer;
    internal ulong Argument0;
    internal ulong Argument1;
    internal ulong Argument2;
    internal ulong Argument3;
    internal ulong Argument4;
    internal ulong Argument5;

    internal const int SizeBytes = 80;
}

/// <summary>struct seccomp_notif_resp (seccomp_unotify(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SystemCallAnswer
{
    internal ulong Id;
    internal long Value;

    /// <summary>A negative errno; 0 for none.</summary>
    internal int Error;
    internal uint Flags;

    internal const int SizeBytes = 24;
}

/// <summary>seccomp(2): a filter on the calling thread, and on what it becomes and starts, that hands some calls to whoever has its listener.</summary>
internal static unsafe partial class SeccompCall
{
    private const int SetModeFilter = 1;
    private const nuint NewListener = 8;
    private const nuint WaitKillable = 32;
    private const int SetNoNewPrivileges = 38;
    private const int GetNoNewPrivileges = 39;
    private const int SetPtracer = 0x59616d61;

    // struct sock_filter: operation, jump if true, jump if false, value (linux/filter.h).
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Notify = 0x7fc0_0000;
    private const uint Allow = 0x7fff_0000;

    // struct seccomp_data; of an argument the low word, on little-endian machines.
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint LevelAt = 16 + 8;
    private const uint OptionAt = 16 + 16;
    private const uint DirectionAt = 16 + 8;
    private const uint LengthAt = 16 + 16;

    // SHUT_WR, which is nothing to a listening socket, and what most servers say to their connections.
    private const uint WriteDirection = 1;

    // sizeof(struct sockaddr), as the .NET runtime gives it with AF_UNSPEC; that of struct sockaddr_in, too.
    private const uint PlainAddressBytes = 16;

    // AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (include/uapi/linux/audit.h).
    private static readonly KernelNumber OwnArchitecture = new("AUDIT_ARCH", 0xC000_003E, 0xC000_00B7);

    /// <summary>Whether what this thread starts can gain no rights by its file (PR_GET_NO_NEW_PRIVS).</summary>
    internal static bool HasNoNewPrivileges() => ControlCore(GetNoNewPrivileges, 0, 0, 0, 0) == 1;

    /// <summary>Lets a process trace this one where Yama restricts that to descendants (PR_SET_PTRACER); without Yama the kernel answers EINVAL.</summary>
    internal static void AllowTracer(int process) => _ = ControlCore(SetPtracer, process, 0, 0, 0);

    /// <summary>
    /// Installs the filter on the calling thread: bind(), listen() and landlock_restrict_self(), and setsockopt() of SO_REUSEADDR where asked. Without
    /// CAP_SYS_ADMIN the kernel first wants PR_SET_NO_NEW_PRIVS, which is then set.
    /// </summary>
    /// <param name="withReuseAddress">Also setsockopt(SOL_SOCKET, SO_REUSEADDR).</param>
    /// <param name="listener">Where the calls are handed to.</param>
    /// <param name="isKillableOnly">A call that waits is ended by fatal signals alone (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19).</param>
    /// <param name="withShutdown">Also shutdown() of the reading direction.</param>
    /// <param name="withConnect">Also connect() with an address of 16 bytes: AF_UNSPEC of .NET, and every IPv4 address.</param>
    /// <returns>EBUSY where another listener supervises this thread already.</returns>
    internal static Errno Install(bool withReuseAddress, out SafeFileDescriptor listener, out bool isKillableOnly, bool withShutdown = false, bool withConnect = false) =>
        Install(Program(withReuseAddress, withShutdown, withConnect), out listener, out isKillableOnly);

    private static Errno Install(Instruction[] program, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        var errno = TryInstall(program, out listener, out isKillableOnly);
        if (errno != Errno.EACCES)
            return errno;
        _ = ControlCore(SetNoNewPrivileges, 1, 0, 0, 0);
        return TryInstall(program, out listener, out isKillableOnly);
    }

    private static Errno TryInstall(Instruction[] program, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        fixed (Instruction* start = program)
        {
            var filter = new FilterProgram { Length = (ushort)program.Length, Start = start };
            var number = SystemCall(SystemCallNumber.Seccomp, SetModeFilter, NewListener | WaitKillable, &filter);
            var errno = LastError.Of(number);
            isKillableOnly = errno == Errno.None;
            if (errno == Errno.EINVAL)
            {
                number = SystemCall(SystemCallNumber.Seccomp, SetModeFilter, NewListener, &filter);
                errno = LastError.Of(number);
            }
            listener = new SafeFileDescriptor((int)number);
            return errno;
        }
    }

    // Two ends for each way through, as jumps of this machine go forward only.
    private static Instruction[] Program(bool withReuseAddress, bool withShutdown, bool withConnect) =>
    [
        new(LoadWord, 0, 0, ArchitectureAt),
        // Another architecture's calls, as those of a 32-bit program, have other numbers.
        new(JumpIfEqual, 1, 0, (uint)OwnArchitecture),
        new(Return, 0, 0, Allow),
        new(LoadWord, 0, 0, NumberAt),
        new(JumpIfEqual, 2, 0, (uint)SystemCallNumber.Bind),
        new(JumpIfEqual, 1, 0, (uint)SystemCallNumber.Listen),
        new(JumpIfEqual, 0, 1, (uint)SystemCallNumber.LandlockRestrictSelf),
        new(Return, 0, 0, Notify),
        new(JumpIfEqual, 0, 4, withShutdown ? (uint)SystemCallNumber.Shutdown : uint.MaxValue),
        new(LoadWord, 0, 0, DirectionAt),
        new(JumpIfEqual, 0, 1, WriteDirection),
        new(Return, 0, 0, Allow),
        new(Return, 0, 0, Notify),
        new(JumpIfEqual, 0, 4, withConnect ? (uint)SystemCallNumber.Connect : uint.MaxValue),
        new(LoadWord, 0, 0, LengthAt),
        new(JumpIfEqual, 1, 0, PlainAddressBytes),
        new(Return, 0, 0, Allow),
        new(Return, 0, 0, Notify),
        // setsockopt(SOL_SOCKET, SO_REUSEADDR) alone: servers set others often.
        new(JumpIfEqual, 1, 0, withReuseAddress ? (uint)SystemCallNumber.SetSocketOption : uint.MaxValue),
        new(Return, 0, 0, Allow),
        new(LoadWord, 0, 0, LevelAt),
        new(JumpIfEqual, 1, 0, SocketOptionCall.LevelSocket),
        new(Return, 0, 0, Allow),
        new(LoadWord, 0, 0, OptionAt),
        new(JumpIfEqual, 1, 0, SocketOptionCall.ReuseAddress),
        new(Return, 0, 0, Allow),
        new(Return, 0, 0, Notify),
    ];

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint operation, nuint flags, FilterProgram* program);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ControlCore(int option, nint second, nint third, nint fourth, nint fifth);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Operation, byte IfTrue, byte IfFalse, uint Value);

    // struct sock_fprog on 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Length;
        internal Instruction* Start;
    }
}
