using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>clock_getres(2) of CLOCK_MONOTONIC_COARSE: the kernel's tick, 1/CONFIG_HZ seconds.</summary>
internal static partial class TickClock
{
    private const int MonotonicCoarse = 6;

    /// <summary>The tick's length in nanoseconds, as 4,000,000 at HZ=250; null when the clock does not tell.</summary>
    internal static unsafe long? TickNanoseconds()
    {
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[2];
        return ClockGetResolutionCore(MonotonicCoarse, time) == 0 && time[0] == 0 && time[1] is > 0 and < 1_000_000_000 ? time[1] : null;
    }

    [LibraryImport("libc", EntryPoint = "clock_getres")]
    private static unsafe partial int ClockGetResolutionCore(int clock, long* time);
}
