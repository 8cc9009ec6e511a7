using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Watching;

/// <summary>What presses on the ports at a moment.</summary>
/// <param name="Time">When.</param>
/// <param name="TimeWaits">All TIME_WAITs.</param>
/// <param name="EphemeralPorts">How many ports the range has.</param>
/// <param name="Destinations">The destinations with the most ephemeral ports.</param>
internal sealed record PressureSample(
    DateTimeOffset Time, int TimeWaits, int EphemeralPorts, ImmutableArray<CensusDestination> Destinations);

/// <summary>TIME_WAIT and the ephemeral ports over the last hour, a sample every five seconds, and one of now. Thread-safe.</summary>
internal sealed class PressureLog
{
    /// <summary>So many samples are kept.</summary>
    public const int Kept = 720;

    /// <summary>So many destinations of each.</summary>
    public const int MostDestinations = 8;

    /// <summary>From one kept sample to the next, at least.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<PressureSample> _kept = new();
    private PressureSample? _last;
    private DateTimeOffset _keptAt = DateTimeOffset.MinValue;

    public void Add(HostCensus census)
    {
        var timeWaits = census.States.Where(static one => one.State == TcpSocketState.TimeWait).Sum(static one => one.Count);
        var sample = new PressureSample(census.TakenAt, timeWaits, census.EphemeralPorts,
            [.. census.Destinations.Take(MostDestinations)]);
        lock (_gate)
        {
            _last = sample;
            // Also where the clock was set back.
            if (sample.Time - _keptAt < Every && sample.Time >= _keptAt)
                return;
            _keptAt = sample.Time;
            _kept.Enqueue(sample);
            if (_kept.Count > Kept)
                _kept.Dequeue();
        }
    }

    /// <summary>The samples after a moment, the oldest first; the last is that of now.</summary>
    public ImmutableArray<PressureSample> Since(DateTimeOffset moment)
    {
        lock (_gate)
        {
            var all = _last is null || (_kept.Count > 0 && ReferenceEquals(_kept.Last(), _last)) ? _kept : _kept.Append(_last);
            return [.. all.Where(sample => sample.Time > moment)];
        }
    }
}
