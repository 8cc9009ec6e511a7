using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>clock_gettime(2) of CLOCK_BOOTTIME: the clock in which /proc tells when a process was started.</summary>
internal static partial class BootClock
{
    private const int BootTime = 7;

    /// <summary>The time since boot, sleep included; null when the clock cannot be read.</summary>
    internal static unsafe TimeSpan? SinceBoot()
    {
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[2];
        return ClockGetTimeCore(BootTime, time) == 0 && time[0] is >= 0 and < 1L << 36
            ? new TimeSpan((time[0] * TimeSpan.TicksPerSecond) + (time[1] / 100))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTimeCore(int clock, long* time);
}
