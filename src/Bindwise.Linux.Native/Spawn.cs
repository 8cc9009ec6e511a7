namespace Bindwise.Linux.Native;

/// <summary>posix_spawn(3): starts a program from the calling thread, in whose namespaces it is, with no signal blocked.</summary>
internal static unsafe class SpawnCall
{
    /// <summary>More than posix_spawnattr_t and posix_spawn_file_actions_t take, in glibc (336 and 80 bytes) and in musl.</summary>
    private const int OpaqueBytes = 1024;

    private const int SignalSetBytes = 128;
    private const short OwnGroup = 0x02;
    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;

    /// <summary>POSIX_SPAWN_SETSID, the same number in glibc (since 2.26) and in musl.</summary>
    private const short OwnSession = 0x80;

    private const int ReadWrite = 2;

    /// <summary>SIG_SETMASK.</summary>
    private const int SetMaskTo = 2;

    private const int AnyChild = -1;

    private static ReadOnlySpan<byte> Nowhere => "/dev/null\0"u8;

    /// <summary>Starts it, in a process group of its own, with SIGINT and SIGTERM at their defaults. What it writes is lost.</summary>
    /// <param name="process">Its process id, which is its group's too.</param>
    internal static Errno Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileDescriptor input,
        out int process) => Start(
        new SpawnPlan(path, arguments, environment)
        {
            Descriptors = [(input, 0)],
            WritesNowhere = true,
            HasOwnGroup = true,
            DefaultSignals = [SignalCall.Interrupt, SignalCall.Terminate],
        },
        out process);

    internal static Errno Start(SpawnPlan plan, out int process)
    {
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var errno = (Errno)LibC.PosixSpawnFileActionsInit(actions);
        process = 0;
        if (errno != Errno.None)
            return errno;
        errno = (Errno)LibC.PosixSpawnattrInit(attributes);
        if (errno == Errno.None)
        {
            errno = PrepareDescriptors(actions, plan);
            if (errno == Errno.None)
                errno = PrepareAttributes(attributes, plan);
            if (errno == Errno.None)
            {
                errno = plan.CloseFrom is { } first
                    ? StartHidingRest(plan, first, actions, attributes, out process)
                    : Start(plan, actions, attributes, out process);
            }
            _ = LibC.PosixSpawnattrDestroy(attributes);
        }
        _ = LibC.PosixSpawnFileActionsDestroy(actions);
        return errno;
    }

    private static Errno PrepareDescriptors(byte* actions, SpawnPlan plan)
    {
        // dup2() clears close-on-exec, unless both numbers are the same: those were moved away before (SpawnPlan).
        var errno = Errno.None;
        foreach (var (from, to) in plan.Descriptors)
        {
            if (errno == Errno.None)
                errno = (Errno)LibC.PosixSpawnFileActionsAdddup2(actions, from.Number, to);
        }
        fixed (byte* nowhere = Nowhere)
        {
            for (var output = 1; plan.WritesNowhere && output <= 2 && errno == Errno.None; output++)
                errno = (Errno)LibC.PosixSpawnFileActionsAddopen(actions, output, nowhere, ReadWrite, 0);
        }
        return errno;
    }

    // The child gets the table of the thread that starts it. The C library's own function for it (posix_spawn_file_actions_addclosefrom_np)
    // is missing in glibc before 2.34 and in musl. Where the thread gets no table of its own (a container that refuses unshare(2), before
    // Linux 5.11), what was opened without close-on-exec stays open in the child, as with any other start.
    private static Errno StartHidingRest(SpawnPlan plan, int first, byte* actions, byte* attributes, out int process)
    {
        var started = 0;
        var errno = Errno.EAGAIN;
        _ = IsolatedThread.TryRun("bindwise start", () =>
        {
            _ = CloseRange.CloseFromOnExec(first);
            errno = Start(plan, actions, attributes, out started);
        });
        process = started;
        return errno;
    }

    private static Errno PrepareAttributes(byte* attributes, SpawnPlan plan)
    {
        var defaults = stackalloc byte[SignalSetBytes];
        var none = stackalloc byte[SignalSetBytes];
        new Span<byte>(none, SignalSetBytes).Clear();
        new Span<byte>(defaults, SignalSetBytes).Clear();
        // Bit n - 1 is signal n.
        foreach (var signal in plan.DefaultSignals)
            *(ulong*)defaults |= 1UL << (signal - 1);
        int[] failures =
        [
            LibC.PosixSpawnattrSetflags(attributes,
                (short)((plan.HasOwnGroup ? OwnGroup : 0) | (plan.HasOwnSession ? OwnSession : 0) | DefaultSignals | SignalMask)),
            LibC.PosixSpawnattrSetpgroup(attributes, 0),
            LibC.PosixSpawnattrSetsigdefault(attributes, defaults),
            LibC.PosixSpawnattrSetsigmask(attributes, none),
        ];
        return (Errno)Array.Find(failures, static failure => failure != 0);
    }

    private static Errno Start(SpawnPlan plan, byte* actions, byte* attributes, out int process)
    {
        using var file = new NativeTexts([Encoding.UTF8.GetBytes(plan.Path)]);
        using var words = new NativeTexts([.. plan.Arguments.Select(Encoding.UTF8.GetBytes), .. plan.RawArguments]);
        using var variables = new NativeTexts([.. plan.RawEnvironment, .. plan.Environment.Select(Encoding.UTF8.GetBytes)]);
        return plan.IsUnwaited ? StartUnwaited(out process, file.First, actions, attributes, words.Start, variables.Start)
            : (Errno)LibC.PosixSpawn(out process, file.First, actions, attributes, words.Start, variables.Start);
    }

    // wait(2) tells nothing of a child that was cloned with another signal for its end than SIGCHLD, unless __WALL or __WCLONE asks for
    // such. execve(2) of the child undoes that, and so does another parent (eligible_child(), kernel/exit.c; de_thread(), fs/exec.c;
    // reparent_leader(), kernel/exit.c). So a copy of this process stands between it and what is started: it executes nothing, has nothing
    // open, and ends after that one. No other thread of this process works meanwhile, so that the copy need not wait for one that it does
    // not have; what it calls was bound before.
    private static Errno StartUnwaited(out int process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment)
    {
        var nowhere = stackalloc byte[1];
        _ = LibC.PosixSpawn(out _, nowhere, actions, attributes, arguments, environment);
        var root = stackalloc byte[] { (byte)'/', 0 };
        ulong every = ulong.MaxValue, before;
        _ = LibC.Syscall(SystemCallNumber.SignalMask, SetMaskTo, (nint)(&every), (nint)(&before), sizeof(ulong));
        process = (int)LibC.Syscall(SystemCallNumber.Clone);
        if (process == 0)
        {
            _ = LibC.Syscall(SystemCallNumber.SetSession);
            _ = LibC.PosixSpawn(out _, path, actions, attributes, arguments, environment);
            _ = LibC.Syscall(SystemCallNumber.CloseRange, 0, unchecked((nint)uint.MaxValue), 0, 0);
            _ = LibC.Syscall(SystemCallNumber.ChangeFolder, (nint)root, 0, 0, 0);
            _ = LibC.Syscall(SystemCallNumber.Wait, AnyChild);
            _ = LibC.Syscall(SystemCallNumber.ExitGroup);
        }
        var errno = process < 0 ? LastError.Value : Errno.None;
        _ = LibC.Syscall(SystemCallNumber.SignalMask, SetMaskTo, (nint)(&before), 0, sizeof(ulong));
        return errno;
    }
}

/// <summary>Texts as C has a list of them (<c>char *[]</c>): pointers, the last one null. They need not be UTF-8.</summary>
internal readonly unsafe ref struct NativeTexts
{
    private readonly int _count;

    internal NativeTexts(IReadOnlyList<byte[]> texts)
    {
        _count = texts.Count;
        Start = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
        for (var index = 0; index < _count; index++)
        {
            Start[index] = (byte*)NativeMemory.AllocZeroed((nuint)texts[index].Length + 1);
            texts[index].CopyTo(new Span<byte>(Start[index], texts[index].Length));
        }
    }

    internal byte** Start { get; }

    internal byte* First => Start[0];

    public void Dispose()
    {
        for (var index = 0; index < _count; index++)
            NativeMemory.Free(Start[index]);
        NativeMemory.Free(Start);
    }
}

/// <summary>What <see cref="SpawnCall"/> starts, and with which descriptors.</summary>
/// <param name="Environment">Its environment, as <c>NAME=VALUE</c>.</param>
internal sealed record SpawnPlan(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>More arguments, after the others, which need not be UTF-8.</summary>
    internal IReadOnlyList<byte[]> RawArguments { get; init; } = [];

    /// <summary>More of its environment, which need not be UTF-8.</summary>
    internal IReadOnlyList<byte[]> RawEnvironment { get; init; } = [];

    /// <summary>
    /// Its descriptors beside those that it inherits; no number of the first kind may be one of the second, which are filled in turn.
    /// </summary>
    internal IReadOnlyList<(SafeFileDescriptor From, int To)> Descriptors { get; init; } = [];

    /// <summary>Its outputs 1 and 2 are /dev/null; false: this process's own.</summary>
    internal bool WritesNowhere { get; init; }

    /// <summary>It leads a process group of its own; false: it is in this process's, and gets Ctrl+C too.</summary>
    internal bool HasOwnGroup { get; init; }

    /// <summary>It leads a session of its own (setsid(2)): no terminal's signal reaches it.</summary>
    internal bool HasOwnSession { get; init; }

    /// <summary>wait(2) of this process, and of the program that it becomes, tells nothing of it, but with __WALL or __WCLONE.</summary>
    internal bool IsUnwaited { get; init; }

    /// <summary>Signals that do again what they do by default: those that this process ignores, it would ignore too.</summary>
    internal IReadOnlyList<int> DefaultSignals { get; init; } = [];

    /// <summary>It has no descriptor from this one on, also none that was opened without close-on-exec; null: it keeps those.</summary>
    internal int? CloseFrom { get; init; }
}
