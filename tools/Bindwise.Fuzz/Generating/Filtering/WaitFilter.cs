using System.Globalization;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>
/// Keeps out waits after which a timer of the kernel may or may not have run out: real time is never the virtual one. All steps
/// together may take a third of a time-out, and a time-out may come late (the timer wheel rounds up: 60 s are 62.05).
/// </summary>
internal sealed class WaitFilter
{
    // TIME_WAIT (TCP_TIMEWAIT_LEN, and second 60 to 66 is out of bounds), and the default of tcp_tw_reuse_delay.
    private readonly List<(decimal From, decimal To)> _unclear = [(50, 65.999m), (0.35m, 1.15m)];
    private readonly List<decimal> _waits = [];

    /// <summary>Why a wait may not be so long; null when it may.</summary>
    public string? OfWait(decimal seconds)
    {
        _waits.Add(seconds);
        var isClear = AreClear();
        _waits.RemoveAt(_waits.Count - 1);
        return isClear ? null : "a wait that ends about when a timer does";
    }

    /// <summary>A wait.</summary>
    public void Wait(decimal seconds) => _waits.Add(seconds);

    /// <summary>Why this sysctl may not be written; null when it may.</summary>
    public string? OfSysctl(SysctlStep step)
    {
        if (UnclearAfter(step) is not { } span)
            return null;
        _unclear.Add(span);
        var isClear = AreClear();
        _unclear.RemoveAt(_unclear.Count - 1);
        return isClear ? null : "a timer that ends about when a wait does";
    }

    /// <summary>A sysctl is written.</summary>
    public void Write(SysctlStep step)
    {
        if (UnclearAfter(step) is { } span)
            _unclear.Add(span);
    }

    private static (decimal From, decimal To)? UnclearAfter(SysctlStep step)
    {
        if (!long.TryParse(step.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || value <= 0)
            return null;
        return step.Name switch
        {
            "net.ipv4.tcp_tw_reuse_delay" => (value * 0.00035m, value * 0.001m + 0.15m),
            "net.ipv4.tcp_fin_timeout" => (value * 0.35m, value + 3),
            _ => null,
        };
    }

    // Whatever began at some step, each run of waits after it is how long ago that was.
    private bool AreClear()
    {
        for (var first = 0; first < _waits.Count; first++)
        {
            var ago = 0m;
            for (var last = first; last < _waits.Count; last++)
            {
                ago += _waits[last];
                foreach (var (from, to) in _unclear)
                {
                    if (from < ago && ago <= to)
                        return false;
                }
            }
        }
        return true;
    }
}
