namespace Bindwise.Linux.Native;

/// <summary>Sets of signals as numbers: bit n - 1 for signal n, as the kernel has them.</summary>
internal static class SignalSet
{
    internal static ulong Of(params ReadOnlySpan<int> signals)
    {
        var set = 0UL;
        foreach (var signal in signals)
            set |= 1UL << (signal - 1);
        return set;
    }
}

/// <summary>
/// pthread_sigmask(3): which signals the calling thread does not get now. What it starts, and the program that it becomes, inherits them.
/// </summary>
internal static unsafe class SignalMaskCall
{
    // sigset_t of glibc and musl; its first eight bytes are the kernel's.
    private const int SetWords = 16;
    private const int SetAll = 2;

    /// <summary>The signals that are blocked (<see cref="SignalSet"/>).</summary>
    internal static ulong Blocked
    {
        get
        {
            var now = stackalloc ulong[SetWords];
            _ = LibC.PthreadSigmask(SetAll, null, now);
            return now[0];
        }
        set
        {
            var next = stackalloc ulong[SetWords];
            new Span<ulong>(next, SetWords).Clear();
            next[0] = value;
            _ = LibC.PthreadSigmask(SetAll, next, null);
        }
    }
}

/// <summary>rt_sigaction(2) by its number, for a signal that the C library keeps to itself.</summary>
internal static unsafe class ReservedSignalCall
{
    /// <summary>SIGCANCEL of glibc, which its posix_spawn(3) has ignored in what it starts.</summary>
    internal const int Cancel = 32;

    private const int SetBytes = 8;

    /// <summary>The signal does again what it does by default.</summary>
    internal static void Restore(int signal)
    {
        // struct kernel_sigaction: the handler 0 (SIG_DFL), and nothing else.
        var action = stackalloc ulong[] { 0, 0, 0, 0 };
        _ = LibC.Syscall(SystemCallNumber.SignalAction, signal, (nint)action, 0, SetBytes);
    }
}

/// <param name="Code">Above 0: from the kernel, as a terminal's Ctrl+C; otherwise from a process (sigaction(2)).</param>
/// <param name="Sender">The process that sent it; 0 for none, or one of another PID namespace.</param>
internal readonly record struct SignalNews(int Number, int Code, int Sender)
{
    internal bool IsSent => Code <= 0;
}

/// <summary>signalfd(2): takes signals that every thread of this process blocks.</summary>
internal static unsafe class SignalDescriptor
{
    // SFD_CLOEXEC, SFD_NONBLOCK.
    private const int Flags = 0x80000 | 0x800;
    private const int SetWords = 16;

    // struct signalfd_siginfo: ssi_signo at 0, ssi_code at 8, ssi_pid at 12.
    private const int NewsBytes = 128;

    /// <param name="signals">Which signals it takes (<see cref="SignalSet"/>).</param>
    internal static Errno Open(ulong signals, out SafeFileDescriptor descriptor)
    {
        var set = stackalloc ulong[SetWords];
        new Span<ulong>(set, SetWords).Clear();
        set[0] = signals;
        return LastError.Of(LibC.Signalfd(-1, set, Flags), out descriptor);
    }

    /// <summary>Takes the next signal; false when there is none.</summary>
    internal static bool TryRead(SafeFileDescriptor descriptor, out SignalNews news)
    {
        Span<byte> bytes = stackalloc byte[NewsBytes];
        news = default;
        if (ReadWriteCall.Read(descriptor.Number, bytes, out var length) != Errno.None || length < NewsBytes)
            return false;
        news = new SignalNews(MemoryMarshal.Read<int>(bytes), MemoryMarshal.Read<int>(bytes[8..]), MemoryMarshal.Read<int>(bytes[12..]));
        return true;
    }
}

/// <summary>
/// waitid(2) and waitpid(2) of any child, and prctl(2) with PR_SET_CHILD_SUBREAPER: the orphans among this process's descendants become
/// its children.
/// </summary>
internal static unsafe class AnyChildCall
{
    private const int AnyProcess = 0;
    private const int DoNotWait = 1;
    private const int SetSubreaper = 36;
    private const int GetSubreaper = 37;
    private const int SignalMask = 0x7f;

    /// <summary>Makes this process the one that orphans among its descendants go to.</summary>
    internal static Errno CollectOrphans() => LastError.Of(LibC.Prctl(SetSubreaper, 1));

    /// <summary>Orphans come to this process: it is such a one, or the first of its PID namespace.</summary>
    internal static bool GetsOrphans()
    {
        int isSubreaper;
        return Environment.ProcessId == 1
            || (LastError.Of(LibC.Prctl(GetSubreaper, (nint)(&isSubreaper), 0, 0, 0)) == Errno.None && isSubreaper != 0);
    }

    /// <summary>A child that has ended and was not waited for: until <see cref="Reap"/> its number is its own. False for none.</summary>
    internal static bool TryFindEnded(out int child)
    {
        var info = stackalloc int[ChildWaitCall.InfoWords];
        info[ChildWaitCall.ProcessWord] = 0;
        Errno errno;
        do
            errno = LastError.Of(LibC.Waitid(AnyProcess, 0, info, ChildWaitCall.ThatEnded | ChildWaitCall.LeaveIt | DoNotWait));
        while (errno == Errno.EINTR);
        child = errno == Errno.None ? info[ChildWaitCall.ProcessWord] : 0;
        return child > 0;
    }

    /// <summary>Takes the status of a child that has ended.</summary>
    /// <param name="exitCode">Its exit code; of one that a signal ended: 128 and the signal's number.</param>
    /// <param name="signal">The signal; 0 where it ended by itself.</param>
    internal static void Reap(int child, out int exitCode, out int signal)
    {
        int status;
        while (LibC.Waitpid(child, &status, DoNotWait) < 0 && LastError.Value == Errno.EINTR)
        {
        }
        signal = status & SignalMask;
        exitCode = signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }
}

/// <summary>kill(2) and signal(2).</summary>
internal static class SignalCall
{
    internal const int HangUp = 1;
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int BrokenPipe = 13;
    internal const int Terminate = 15;

    /// <summary>SIGXFSZ: a write beyond the limit of a file's size (ulimit -f). Ignored, the write fails with EFBIG.</summary>
    internal const int FileTooLarge = 25;

    private const int Stop = 19;
    private const int SetBytes = 8;

    /// <param name="group">The group, more than 1: kill(2) takes -1 for every process that there is.</param>
    internal static Errno SendToGroup(int group, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);
        return LastError.Of(LibC.Kill(-group, signal));
    }

    /// <summary>Stops this process (SIGSTOP) until somebody lets it go on.</summary>
    internal static void StopSelf() => _ = LibC.Kill(Environment.ProcessId, Stop);

    /// <param name="process">A child that was not yet waited for, whose number is nobody else's; more than 1.</param>
    internal static Errno SendToChild(int process, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return LastError.Of(LibC.Kill(process, signal));
    }

    /// <summary>Whether the signal does nothing (SIG_IGN).</summary>
    internal static unsafe bool IsIgnored(int signal)
    {
        // struct kernel_sigaction begins with the handler.
        var action = stackalloc ulong[4];
        return LibC.Syscall(SystemCallNumber.SignalAction, signal, 0, (nint)action, SetBytes) == 0 && action[0] == 1;
    }

    /// <summary>The signal does again what it does by default (SIG_DFL), whatever the runtime or the parent made of it.</summary>
    internal static void Restore(int signal) => _ = LibC.BsdSignal(signal, 0);

    /// <summary>The signal does nothing from now on (SIG_IGN), also in what this process starts.</summary>
    internal static void Ignore(int signal) => _ = LibC.BsdSignal(signal, 1);
}
