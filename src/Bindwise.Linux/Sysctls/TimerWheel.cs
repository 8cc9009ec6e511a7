using Bindwise.Linux.Native;

namespace Bindwise.Linux.Sysctls;

/// <summary>
/// The kernel's timer wheel (kernel/time/timer.c): the longer a timer, the coarser the slots it is put into, and it fires
/// at its slot's end, never early. sock_diag counts down to the time that was asked for, not to the slot's end.
/// </summary>
internal static class TimerWheel
{
    private const int TimeWaitSeconds = 60;
    private const long NanosecondsPerSecond = 1_000_000_000;

    // LVL_START(1) and LVL_CLK_DIV: slots of one tick up to 63 ticks, then eight times as coarse from level to level.
    private const long FinestTicks = 63;
    private const int Coarser = 8;

    /// <summary>How late a timer of 60 s (TCP_TIMEWAIT_LEN) may fire, in milliseconds: 2,048 at HZ=250; null when the tick is not known.</summary>
    internal static int? TimeWaitSlackMilliseconds() => TickClock.TickNanoseconds() is { } tick ? SlackMilliseconds(tick) : null;

    /// <summary>The same for a tick of the given length in nanoseconds.</summary>
    internal static int SlackMilliseconds(long tick)
    {
        var ticks = TimeWaitSeconds * NanosecondsPerSecond / tick;
        long slot = 1;
        for (var end = FinestTicks; ticks >= end; end *= Coarser)
            slot *= Coarser;
        return (int)(slot * tick / 1_000_000);
    }
}
