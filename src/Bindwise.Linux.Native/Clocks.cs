namespace Bindwise.Linux.Native;

/// <summary>clock_gettime(2) and clock_getres(2).</summary>
internal static class ClockCall
{
    private const int RealTime = 0;
    private const int Monotonic = 1;
    private const int ThreadTime = 3;
    private const int MonotonicCoarse = 6;
    private const int BootTime = 7;
    private const int Tries = 5;

    /// <summary>
    /// CLOCK_MONOTONIC, in nanoseconds: the clock of bpf_ktime_get_ns() and of <see cref="System.Diagnostics.Stopwatch"/>.
    /// </summary>
    internal static long MonotonicNanoseconds() => Read(Monotonic);

    /// <summary>For how long the calling thread has run on a processor (CLOCK_THREAD_CPUTIME_ID), in nanoseconds.</summary>
    internal static long ThreadNanoseconds() => Read(ThreadTime);

    /// <summary>
    /// What must be added to the clock of packets (CLOCK_REALTIME) to have that of programs
    /// (CLOCK_MONOTONIC), in nanoseconds; the closest of some readings.
    /// </summary>
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

    /// <summary>
    /// CLOCK_BOOTTIME, the clock in which /proc tells when a process was started: the time since boot,
    /// sleep included; null when it cannot be read.
    /// </summary>
    internal static unsafe TimeSpan? SinceBoot()
    {
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[2];
        return LibC.ClockGettime(BootTime, time) == 0 && time[0] is >= 0 and < 1L << 36
            ? new TimeSpan((time[0] * TimeSpan.TicksPerSecond) + (time[1] / 100))
            : null;
    }

    /// <summary>
    /// The resolution of CLOCK_MONOTONIC_COARSE: the kernel's tick in nanoseconds, as 4,000,000 at
    /// CONFIG_HZ=250; null when the clock does not tell.
    /// </summary>
    internal static unsafe long? TickNanoseconds()
    {
        var time = stackalloc long[2];
        return LibC.ClockGetres(MonotonicCoarse, time) == 0 && time[0] == 0 && time[1] is > 0 and < 1_000_000_000 ? time[1] : null;
    }

    private static unsafe long Read(int clock)
    {
        var time = stackalloc long[2];
        _ = LibC.ClockGettime(clock, time);
        return (time[0] * 1_000_000_000) + time[1];
    }
}

/// <summary>sysconf(3) of _SC_CLK_TCK: the ticks in which /proc counts time.</summary>
internal static class ClockTicks
{
    private const int ClockTicksName = 2;

    /// <summary>Ticks a second; 100 when sysconf does not tell, as on every architecture that .NET runs on.</summary>
    internal static int PerSecond { get; } = LibC.Sysconf(ClockTicksName) is var ticks and > 0 and <= 1_000_000 ? (int)ticks : 100;

    /// <summary>The ticks since boot, as /proc counts those of a process that starts now; 0 when the clock cannot be read.</summary>
    internal static ulong SinceBoot() => (ulong)((ClockCall.SinceBoot()?.Ticks ?? 0) / (TimeSpan.TicksPerSecond / PerSecond));
}
