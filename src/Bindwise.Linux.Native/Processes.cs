namespace Bindwise.Linux.Native;

/// <summary>waitpid(2) and waitid(2) of one child.</summary>
internal static class ChildWaitCall
{
    private const int DoNotWait = 1;
    private const int OneProcess = 1;
    internal const int ThatEnded = 4;
    internal const int LeaveIt = 0x0100_0000;

    /// <summary>CLD_EXITED: it ended by itself; anything else was a signal.</summary>
    private const int EndedByItself = 1;

    // siginfo_t of waitid() where pointers have 8 bytes: si_code at 8, si_pid at 16, si_status at 24.
    internal const int InfoWords = 32;
    private const int CodeWord = 2;
    internal const int ProcessWord = 4;
    private const int StatusWord = 6;

    /// <summary>
    /// Takes the child's status if it has ended, all its threads and descriptors with it; only then may its number be given to another.
    /// </summary>
    internal static unsafe bool TryReap(int child)
    {
        int reaped;
        do
            reaped = LibC.Waitpid(child, null, DoNotWait);
        while (reaped < 0 && LastError.Value == Errno.EINTR);
        return reaped != 0;
    }

    /// <summary>Blocks until it has ended, and leaves it: its number stays its own until <see cref="TryReap"/>.</summary>
    /// <param name="exitCode">Its exit code; 128 and the signal's number where a signal ended it.</param>
    /// <returns>ECHILD where the kernel keeps no ended children, as this process ignores SIGCHLD.</returns>
    internal static unsafe Errno AwaitEnd(int child, out int exitCode)
    {
        var info = stackalloc int[InfoWords];
        Errno errno;
        do
            errno = LastError.Of(LibC.Waitid(OneProcess, child, info, ThatEnded | LeaveIt));
        while (errno == Errno.EINTR);
        exitCode = info[CodeWord] == EndedByItself ? info[StatusWord] : 128 + info[StatusWord];
        return errno;
    }
}

/// <summary>execve(2): another program takes this process over, with its number, its terminal and its standard streams.</summary>
internal static class ExecuteCall
{
    /// <param name="environment">Its environment: <c>NAME=value</c> each, as bytes, since it need not be UTF-8.</param>
    internal static Errno Execute(string path, IReadOnlyList<string> arguments, IReadOnlyList<byte[]> environment) =>
        Execute(Encoding.UTF8.GetBytes(path), [.. arguments.Select(Encoding.UTF8.GetBytes)], environment);

    /// <param name="path">The program's file, as bytes, since it need not be UTF-8.</param>
    internal static unsafe Errno Execute(byte[] path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        using var argumentList = new NativeTexts(arguments);
        using var environmentList = new NativeTexts(environment);
        using var file = new NativeTexts([path]);
        _ = LibC.Execve(file.First, argumentList.Start, environmentList.Start);
        return LastError.Value;
    }

    /// <summary>Whether a file has capabilities, which who executes it gets (capabilities(7)).</summary>
    internal static unsafe bool HasCapabilities(byte[] path)
    {
        using var file = new NativeTexts([path]);
        fixed (byte* name = "security.capability\0"u8)
            return LibC.Getxattr(file.First, name, null, 0) > 0;
    }
}

/// <summary>prctl(2) with PR_SET_PDEATHSIG, getppid(2) and _exit(2): the end of a child.</summary>
internal static class ParentDeathCall
{
    private const int SetSignal = 1;

    /// <summary>
    /// The calling process is killed when the thread that started it ends. The kernel forgets that when the process changes its user
    /// (commit_creds(), kernel/cred.c).
    /// </summary>
    internal static void DieWithParent() => _ = LibC.Prctl(SetSignal, SignalCall.Kill);

    internal static int Parent() => LibC.Getppid();

    /// <summary>Ends the calling process at once, with everything open that it has open.</summary>
    internal static void Exit(int status) => LibC.Exit(status);
}

/// <summary>prctl(2) with PR_SET_NAME: what ps and top call the calling thread; of the first thread it is the process's name.</summary>
internal static class ThreadNameCall
{
    private const int SetName = 15;

    /// <summary>Sets it; the kernel keeps 15 bytes.</summary>
    internal static unsafe void Set(ReadOnlySpan<byte> nameNul)
    {
        fixed (byte* name = Terminated.Checked(nameNul))
            _ = LibC.Prctl(SetName, (nint)name);
    }
}

/// <summary>prctl(2) with PR_SET_DUMPABLE: whether processes of the same user may trace this one.</summary>
internal static class TraceCall
{
    private const int SetDumpable = 4;

    /// <summary>From now on only who has CAP_SYS_PTRACE may, and no core is dumped.</summary>
    internal static void Forbid() => _ = LibC.Prctl(SetDumpable, 0);
}

/// <summary>getrlimit(2) and setrlimit(2): what a process may have of something.</summary>
internal static class ResourceLimitCall
{
    /// <summary>RLIMIT_NOFILE of asm-generic/resource.h: one more than the highest descriptor.</summary>
    internal const int OpenFiles = 7;

    /// <summary>RLIMIT_CORE: bytes of a core file.</summary>
    private const int Core = 4;

    /// <summary>RLIMIT_NPROC: processes and threads of the user.</summary>
    internal const int Processes = 6;

    /// <summary>RLIMIT_MEMLOCK: bytes of locked memory, before Linux 5.11 those of BPF maps too.</summary>
    private const int LockedMemory = 8;

    /// <summary>RLIMIT_AS: bytes of address space.</summary>
    internal const int AddressSpace = 9;

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        internal nuint Soft;
        internal nuint Hard;
    }

    private static ulong? s_raisedFrom;

    /// <summary>The limit that is in force; the largest number for none.</summary>
    internal static unsafe Errno Read(int resource, out ulong most)
    {
        Limit limit = default;
        var errno = LastError.Of(LibC.Prlimit(0, resource, null, &limit));
        most = limit.Soft;
        return errno;
    }

    /// <summary>Lets this process lock so much memory at least.</summary>
    /// <returns>EPERM where that is more than it may ask for, and it lacks CAP_SYS_RESOURCE.</returns>
    internal static unsafe Errno RaiseLockedMemory(ulong bytes)
    {
        Limit limit = default;
        if (LibC.Prlimit(0, LockedMemory, null, &limit) != 0)
            return LastError.Value;
        if (limit.Soft >= bytes)
            return Errno.None;
        (limit.Soft, limit.Hard) = ((nuint)bytes, nuint.Max(limit.Hard, (nuint)bytes));
        return LastError.Of(LibC.Prlimit(0, LockedMemory, &limit, null));
    }

    /// <summary>No core is dumped from now on: to a file none of one byte, and to a program none with that limit (do_coredump()).</summary>
    /// <returns>What the limit was; null where it stays.</returns>
    internal static unsafe ulong? LowerCore()
    {
        Limit limit = default;
        if (LibC.Prlimit(0, Core, null, &limit) != 0 || limit.Hard == 0)
            return null;
        var before = limit.Soft;
        limit.Soft = 1;
        return LibC.Prlimit(0, Core, &limit, null) == 0 ? before : null;
    }

    /// <param name="before">What <see cref="LowerCore"/> returned.</param>
    internal static unsafe void RestoreCore(ulong? before)
    {
        Limit limit = default;
        if (before is not { } soft || LibC.Prlimit(0, Core, null, &limit) != 0)
            return;
        limit.Soft = (nuint)soft;
        _ = LibC.Prlimit(0, Core, &limit, null);
    }

    /// <summary>Lets this process have as many descriptors as it may ask for.</summary>
    internal static unsafe Errno RaiseOpenFiles()
    {
        Limit limit = default;
        if (LibC.Prlimit(0, OpenFiles, null, &limit) != 0)
            return LastError.Value;
        s_raisedFrom ??= limit.Soft;
        limit.Soft = limit.Hard;
        return LastError.Of(LibC.Prlimit(0, OpenFiles, &limit, null));
    }

    /// <summary>
    /// Takes back what was raised, for the program that this process becomes: by
    /// <see cref="RaiseOpenFiles"/>, or by the runtime as it started.
    /// </summary>
    /// <param name="isRuntime">The runtime that raises it is there: all that is known of what was before is the parent's.</param>
    internal static void LowerOpenFiles(bool isRuntime)
    {
        if (s_raisedFrom is { } before)
            SetOpenFiles(before);
        if (isRuntime)
            TakeOpenFilesOfParent();
    }

    /// <summary>
    /// Gives this process the limit of open files that its parent has, where it may be as high: .NET's runtime raises its own to the
    /// highest allowed as it starts, and a program must not inherit that (select(2) takes no descriptor above 1023).
    /// </summary>
    internal static unsafe void TakeOpenFilesOfParent()
    {
        Limit own = default, parents = default;
        if (LibC.Prlimit(0, OpenFiles, null, &own) == 0 && LibC.Prlimit(ParentDeathCall.Parent(), OpenFiles, null, &parents) == 0
            && parents.Hard == own.Hard && parents.Soft < own.Soft)
            SetOpenFiles(parents.Soft);
    }

    /// <summary>Lets this process have a number of descriptors, at most as many as it may ask for.</summary>
    internal static unsafe void SetOpenFiles(ulong most)
    {
        Limit own = default;
        if (LibC.Prlimit(0, OpenFiles, null, &own) != 0 || most > own.Hard)
            return;
        own.Soft = (nuint)most;
        _ = LibC.Prlimit(0, OpenFiles, &own, null);
    }
}

/// <summary>sched_getaffinity(2) and sched_setaffinity(2) of the calling thread.</summary>
internal static unsafe class AffinityCall
{
    /// <summary>Room for 8192 processors, the most that Linux knows (CONFIG_NR_CPUS).</summary>
    private const int MaskBytes = 1024;

    private const int BitsInAByte = 8;

    /// <summary>
    /// Does something on each processor that the calling thread may use, one after the other; on
    /// the one it is on where that cannot be told.
    /// </summary>
    internal static void OnEach(Action action)
    {
        var allowed = new byte[MaskBytes];
        int length;
        // The C library's functions differ in what they return; the system call gives the mask's length.
        fixed (byte* mask = allowed)
            length = (int)LibC.Syscall(SystemCallNumber.GetAffinity, 0, MaskBytes, (nint)mask);
        if (length <= 0)
        {
            action();
            return;
        }
        try
        {
            for (var processor = 0; processor < length * BitsInAByte; processor++)
            {
                var bit = (byte)(1 << processor % BitsInAByte);
                if ((allowed[processor / BitsInAByte] & bit) == 0)
                    continue;
                var one = new byte[MaskBytes];
                one[processor / BitsInAByte] = bit;
                Set(one, length);
                action();
            }
        }
        finally
        {
            Set(allowed, length);
        }
    }

    private static void Set(byte[] mask, int length)
    {
        fixed (byte* start = mask)
            _ = LibC.Syscall(SystemCallNumber.SetAffinity, 0, length, (nint)start);
    }
}
