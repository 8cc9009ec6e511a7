using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>clock_gettime(2): the clock of packets (CLOCK_REALTIME) held against that of programs (CLOCK_MONOTONIC).</summary>
internal static partial class ClockCall
{
    private const int RealTime = 0;
    private const int Monotonic = 1;
    private const int Tries = 5;

    /// <summary>CLOCK_MONOTONIC, in nanoseconds: the clock of bpf_ktime_get_ns() and of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal static long MonotonicNanoseconds() => Read(Monotonic);

    /// <summary>What must be added to CLOCK_REALTIME to have CLOCK_MONOTONIC, in nanoseconds; the closest of some readings.</summary>
    internal static long RealToMonotonic()
    {
        var (best, offset) = (long.MaxValue, 0L);
        for (var i = 0; i < Tries; i++)
        {
            var before = Read(Monotonic);
            var real = Read(RealTime);
            var after = Read(Monotonic);
            if (after - before < best)
                (best, offset) = (after - before, before + ((after - before) / 2) - real);
        }
        return offset;
    }

    private static unsafe long Read(int clock)
    {
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[2];
        _ = ClockGetTimeCore(clock, time);
        return (time[0] * 1_000_000_000) + time[1];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTimeCore(int clock, long* time);
}
