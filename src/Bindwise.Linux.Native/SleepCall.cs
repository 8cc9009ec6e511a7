using System.Diagnostics;

namespace Bindwise.Linux.Native;

/// <summary>nanosleep(2).</summary>
internal static class SleepCall
{
    /// <summary>Waits; a signal may end it early.</summary>
    /// <param name="microseconds">0 to 999,999.</param>
    internal static unsafe void Wait(int microseconds)
    {
        // struct timespec: two longs on every 64-bit Linux.
        var time = stackalloc long[] { 0, Math.Clamp(microseconds, 0, 999_999) * 1000L };
        _ = LibC.Nanosleep(time, null);
    }

    /// <summary>
    /// Waits as long as told by the clock that sleep of the machine does not advance (CLOCK_MONOTONIC), whatever signals come.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was ended early, within a tenth of a second.</exception>
    internal static void Wait(TimeSpan time, CancellationToken cancellation)
    {
        const int SliceMicroseconds = 100_000;
        var clock = Stopwatch.StartNew();
        while (time - clock.Elapsed is var left && left > TimeSpan.Zero)
        {
            cancellation.ThrowIfCancellationRequested();
            Wait((int)Math.Clamp(Math.Ceiling(left.TotalMicroseconds), 1, SliceMicroseconds));
        }
    }
}
