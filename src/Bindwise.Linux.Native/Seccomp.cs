namespace Bindwise.Linux.Native;

/// <summary>
/// struct seccomp_notif with its struct seccomp_data (seccomp_unotify(2),
/// include/uapi/linux/seccomp.h): a system call that waits for an answer.
/// </summary>
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

/// <summary>
/// seccomp(2): a filter on the calling thread, and on what it becomes and starts, that hands some calls to whoever has its listener.
/// </summary>
internal static unsafe class SeccompCall
{
    private const int SetModeFilter = 1;
    private const nint NewListener = 8;
    private const nint WaitKillable = 32;
    private const int SetNoNewPrivileges = 38;
    private const int GetNoNewPrivileges = 39;
    private const int SetPtracer = 0x59616d61;

    /// <summary>Whether what this thread starts can gain no rights by its file (PR_GET_NO_NEW_PRIVS).</summary>
    internal static bool HasNoNewPrivileges() => LibC.Prctl(GetNoNewPrivileges, 0) == 1;

    /// <summary>
    /// Lets a process trace this one where Yama restricts that to descendants (PR_SET_PTRACER); without Yama the kernel answers EINVAL.
    /// </summary>
    internal static void AllowTracer(int process) => _ = LibC.Prctl(SetPtracer, process);

    /// <summary>
    /// Installs a filter on the calling thread. Without CAP_SYS_ADMIN the kernel first wants PR_SET_NO_NEW_PRIVS, which is then set.
    /// </summary>
    /// <param name="isKillableOnly">A call that waits is ended by fatal signals alone
    /// (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19).</param>
    /// <returns>EBUSY where another listener supervises this thread already.</returns>
    internal static Errno Install(CallFilter filter, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        var program = filter.ToProgram();
        var errno = TryInstall(program, out listener, out isKillableOnly);
        if (errno != Errno.EACCES)
            return errno;
        _ = LibC.Prctl(SetNoNewPrivileges, 1);
        return TryInstall(program, out listener, out isKillableOnly);
    }

    private static Errno TryInstall(FilterInstruction[] program, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        fixed (FilterInstruction* start = program)
        {
            var filter = new FilterProgram { Length = (ushort)program.Length, Start = start };
            var number = LibC.Syscall(SystemCallNumber.Seccomp, SetModeFilter, NewListener | WaitKillable, (nint)(&filter));
            var errno = LastError.Of(number);
            isKillableOnly = errno == Errno.None;
            if (errno == Errno.EINVAL)
            {
                number = LibC.Syscall(SystemCallNumber.Seccomp, SetModeFilter, NewListener, (nint)(&filter));
                errno = LastError.Of(number);
            }
            listener = new SafeFileDescriptor((int)number);
            return errno;
        }
    }

    // struct sock_fprog on 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Length;
        internal FilterInstruction* Start;
    }
}
