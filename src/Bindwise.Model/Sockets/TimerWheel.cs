namespace Bindwise.Model.Sockets;

/// <summary>
/// The kernel's timer wheel (calc_wheel_index(), kernel/time/timer.c): the longer a timer, the coarser the slots it is put into, and it
/// fires at its slot's end, never early. sock_diag counts down to the time that was asked for, not to the slot's end.
/// </summary>
internal static class TimerWheel
{
    /// <summary>How long a connection stays in TIME_WAIT, in milliseconds (TCP_TIMEWAIT_LEN, net/tcp.h).</summary>
    public const int TimeWaitMilliseconds = 60_000;

    // LVL_START(1) and LVL_CLK_DIV: slots of one tick up to 63 ticks, then eight times as coarse from level to level.
    private const long FinestTicks = 63;
    private const int Coarser = 8;

    /// <summary>How late a timer may fire, in milliseconds: 2,048 for 60 s at HZ=250.</summary>
    /// <param name="milliseconds">The timer, from 0.</param>
    /// <param name="tickNanoseconds">The length of a tick of the kernel, from 1: 4,000,000 at HZ=250.</param>
    public static int SlackMilliseconds(int milliseconds, long tickNanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        ArgumentOutOfRangeException.ThrowIfLessThan(tickNanoseconds, 1);
        var ticks = milliseconds * 1_000_000L / tickNanoseconds;
        long slot = 1;
        for (var end = FinestTicks; ticks >= end; end *= Coarser)
            slot *= Coarser;
        return (int)(slot * tickNanoseconds / 1_000_000);
    }
}
