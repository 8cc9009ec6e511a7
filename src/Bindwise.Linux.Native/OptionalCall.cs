namespace Bindwise.Linux.Native;

/// <summary>
/// A system call that an answer can do without, where a filter may end the process for making it: systemd's
/// <c>SystemCallFilter=@system-service</c> does so for these (systemd.exec(5)). No call tells what a filter does, so a copy of this process
/// makes the call first, once, and only where a filter is on the thread (PR_GET_SECCOMP).
/// </summary>
internal sealed unsafe class OptionalCall(KernelNumber number)
{
    internal static readonly OptionalCall Bpf = new(SystemCallNumber.Bpf);
    internal static readonly OptionalCall PidfdGetfd = new(SystemCallNumber.PidfdGetfd);
    internal static readonly OptionalCall ListModules = new(SystemCallNumber.ListModules);
    internal static readonly OptionalCall LandlockCreateRuleset = new(SystemCallNumber.LandlockCreateRuleset);
    internal static readonly OptionalCall Seccomp = new(SystemCallNumber.Seccomp);

    private const int GetSeccomp = 21;
    private const int StackBytes = 16 * 1024;

    /// <summary>__WALL: of a child without a signal for its end, too.</summary>
    private const int AnyEnd = 0x40000000;

    private const int DoNotWait = 1;

    /// <summary>The part of a child's status that is the signal by which it ended (wait(2)).</summary>
    private const int EndSignal = 0x7f;

    private const int PauseNanoseconds = 500_000;
    private const int MostWaits = 4000;

    private readonly Lazy<bool> _isFatal = new(() => LibC.Prctl(GetSeccomp, 0) != 0 && EndsACopy(number));

    /// <returns>As the call, and -1 with EPERM where the process would not survive it.</returns>
    internal nint Make(nint first, nint second, nint third)
    {
        if (!_isFatal.Value)
            return LibC.Syscall(number, first, second, third);
        Marshal.SetLastPInvokeError((int)Errno.EPERM);
        return -1;
    }

    // Nothing of the runtime runs in the copy, which has no other thread: it could wait for a collector that is not there. It calls the C
    // library's syscall() with the number, and with what its registers have for arguments, with which none of these calls does anything.
    private static bool EndsACopy(nint number)
    {
        var call = NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "syscall");
        var stack = stackalloc byte[StackBytes];
        var (blocked, core) = (SignalMaskCall.Blocked, ResourceLimitCall.LowerCore());
        SignalMaskCall.Blocked = ulong.MaxValue;
        var copy = LibC.Clone(call, stack + StackBytes, 0, number);
        SignalMaskCall.Blocked = blocked;
        ResourceLimitCall.RestoreCore(core);
        return copy < 0 || !Survives(copy);
    }

    private static bool Survives(int copy)
    {
        var pause = stackalloc long[] { 0, PauseNanoseconds };
        var status = 0;
        for (var waits = 0; waits < MostWaits; waits++)
        {
            if (LibC.Waitpid(copy, &status, AnyEnd | DoNotWait) == copy)
                return (status & EndSignal) == 0;
            _ = LibC.Nanosleep(pause, null);
        }
        // Who supervises it leaves it without an answer.
        _ = LibC.Kill(copy, SignalCall.Kill);
        _ = LibC.Waitpid(copy, &status, AnyEnd);
        return false;
    }
}
