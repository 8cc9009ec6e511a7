namespace Bindwise.Model.Simulation;

/// <summary>The clock of a simulated host: stands still until a step waits.</summary>
internal sealed class VirtualTime
{
    /// <summary>TCP_TIMEWAIT_LEN, in milliseconds (include/net/tcp.h).</summary>
    public const int TimeWaitMilliseconds = 60_000;

    private const int TickMilliseconds = 4; // HZ=250

    private readonly PriorityQueue<TcpMember, long> _timers = new();

    /// <summary>Milliseconds since the host was made.</summary>
    public long Now { get; private set; }

    /// <summary>How long another system's timers run, in milliseconds, null for as long as Linux's; null on Linux.</summary>
    public Func<TcpMember, long?>? Timer { get; set; }

    /// <summary>Starts, or starts again, a timer.</summary>
    public void Start(TcpMember entry, int milliseconds)
    {
        entry.EndsAt = Now + (Timer?.Invoke(entry) ?? RoundedUp(milliseconds));
        _timers.Enqueue(entry, entry.EndsAt);
    }

    /// <summary>Lets time pass and hands over each entry whose timer ran out, in order. A stopped entry has no bucket any more.</summary>
    public void Pass(long milliseconds, Action<TcpMember> onEnd)
    {
        var until = Now + milliseconds;
        while (_timers.TryPeek(out var entry, out var at) && at <= until)
        {
            _timers.Dequeue();
            // One that was started again stands in the queue once more.
            if (entry.Bucket is null || entry.EndsAt != at)
                continue;
            Now = at;
            onEnd(entry);
        }
        Now = until;
    }

    /// <summary>
    /// The latest moment at which the timer wheel ends it: it rounds up to 8, 64, 512... ticks, the coarser the longer
    /// (calc_wheel_index(), kernel/time/timer.c).
    /// </summary>
    private static int RoundedUp(int milliseconds)
    {
        var ticks = milliseconds / TickMilliseconds;
        var granularity = 1;
        for (var start = 63; ticks >= start; start *= 8)
            granularity *= 8;
        return milliseconds + granularity * TickMilliseconds;
    }
}
