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
    private const int SetDumpable = 4;
    private const int SetMaskTo = 2;

    /// <summary>__WALL: children without a signal for their end, too.</summary>
    private const int EveryChild = 0x40000000;

    private readonly Lazy<bool> _isFatal = new(() => LibC.Prctl(GetSeccomp, 0) != 0 && EndsACopy(number));

    /// <returns>As the call, and -1 with EPERM where the process would not survive it.</returns>
    internal nint Make(nint first, nint second, nint third)
    {
        if (!_isFatal.Value)
            return LibC.Syscall(number, first, second, third);
        Marshal.SetLastPInvokeError((int)Errno.EPERM);
        return -1;
    }

    // Other threads go on meanwhile, and the copy does not have them: it must not wait for one, as for the collector at the end of a usual
    // call. It dumps no core.
    private static bool EndsACopy(nint number)
    {
        nint clone = SystemCallNumber.Clone, control = SystemCallNumber.ProcessControl, exit = SystemCallNumber.ExitGroup;
        ulong every = ulong.MaxValue, before;
        // Bound before the copy calls it.
        _ = LibC.RawSyscall(SystemCallNumber.GetGroups, 0, 0, 0);
        _ = LibC.Syscall(SystemCallNumber.SignalMask, SetMaskTo, (nint)(&every), (nint)(&before), sizeof(ulong));
        var copy = (int)LibC.RawSyscall(clone, 0, 0, 0);
        if (copy == 0)
        {
            _ = LibC.RawSyscall(control, SetDumpable, 0, 0);
            _ = LibC.RawSyscall(number, -1, 0, 0);
            _ = LibC.RawSyscall(exit, 0, 0, 0);
        }
        var status = 0;
        var isSafe = copy > 0 && LibC.Waitpid(copy, &status, EveryChild) == copy && status == 0;
        _ = LibC.Syscall(SystemCallNumber.SignalMask, SetMaskTo, (nint)(&before), 0, sizeof(ulong));
        return !isSafe;
    }
}
