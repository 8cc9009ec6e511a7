using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes;

/// <summary>Turns "clock ticks since boot" into a date.</summary>
internal sealed class StartClock
{
    private readonly Lazy<DateTimeOffset?> _boot = new(ReadBoot);

    /// <summary>The date of a start.</summary>
    /// <param name="ticks">Clock ticks since boot.</param>
    /// <returns>In UTC, exact to a clock tick (10 ms); null when the clock cannot be read or the date is impossible.</returns>
    internal DateTimeOffset? At(ulong ticks)
    {
        var limit = (ulong)TimeSpan.FromDays(365 * 100).TotalSeconds * (ulong)ClockTicks.PerSecond;
        return _boot.Value is { } boot && ticks < limit
            ? boot.AddTicks((long)ticks * (TimeSpan.TicksPerSecond / ClockTicks.PerSecond))
            : null;
    }

    // The two clocks differ by a constant as long as nobody sets the time, so the date of a process is the same in every run.
    // btime of /proc/stat would tell it to the second only, and costs a file that grows with the machine.
    private static DateTimeOffset? ReadBoot()
    {
        if (BootClock.SinceBoot() is not { } sinceBoot)
            return null;
        var boot = DateTimeOffset.UtcNow.Ticks - sinceBoot.Ticks;
        var tick = TimeSpan.TicksPerSecond / ClockTicks.PerSecond;
        return boot > 0 ? new DateTimeOffset((boot + (tick / 2)) / tick * tick, TimeSpan.Zero) : null;
    }
}
