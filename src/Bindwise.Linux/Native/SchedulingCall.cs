using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>sched_yield(2) and sched_setscheduler(2), for the few microseconds in which the calling thread should keep its processor.</summary>
internal static partial class SchedulingCall
{
    private const int FirstInFirstOut = 1;

    /// <summary>
    /// Makes the thread a real-time one where the user may (root, or RLIMIT_RTPRIO), so that no other program takes its
    /// processor; elsewhere gives the processor up first, to come back with a fresh time slice.
    /// </summary>
    /// <returns>What <see cref="Relax"/> puts back; negative when nothing was changed.</returns>
    internal static unsafe int Urge()
    {
        var before = GetPolicyCore(0);
        var priority = 1;
        if (before == 0 && SetPolicyCore(0, FirstInFirstOut, &priority) == 0)
            return before;
        _ = YieldCore();
        return -1;
    }

    /// <summary>Puts the thread back among its like; its nice value was never touched.</summary>
    internal static unsafe void Relax(int before)
    {
        var priority = 0;
        if (before >= 0)
            _ = SetPolicyCore(0, before, &priority);
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetPolicyCore(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static unsafe partial int SetPolicyCore(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    private static partial int YieldCore();
}
