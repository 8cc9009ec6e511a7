using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Watching;

/// <summary>
/// What happens on the host, for all clients alike: one source, from the start of the server to its end, so that
/// counts and ids have no gaps. Thread-safe.
/// </summary>
/// <param name="mostShown">So many ports with TIME_WAITs and so many destinations a look shows, at least 64.</param>
internal sealed class HostWatch(int mostShown, CancellationToken ending) : IPortEventSink, IDisposable
{
    // Longer than a look takes; whoever ends the server does not wait for more.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private ImmutableArray<IPortEventSink> _sinks = [];
    private TaskCompletionSource<HostCensus> _first = Unseen();
    private Thread? _thread;

    // volatile: written by the source's thread.
    private volatile HostCensus? _latest;

    public EventLog Events { get; } = new();

    /// <summary>TIME_WAIT and ephemeral ports over the last time.</summary>
    public PressureLog Pressure { get; } = new();

    /// <summary>The last look; null before the first.</summary>
    public HostCensus? Latest => _latest;

    /// <summary>What the source cannot see, each a sentence; empty before it begins.</summary>
    public ImmutableArray<string> Limits { get; private set; } = [];

    /// <summary>The source sees failed calls, if not all of them.</summary>
    public bool SeesFailures { get; private set; }

    /// <summary>Tells one more sink what happens, on the source's thread; to be called before the source begins.</summary>
    public void Add(IPortEventSink sink)
    {
        lock (_gate)
            _sinks = _sinks.Add(sink);
    }

    /// <summary>Begins, if that has not happened; the last look, which is at most some seconds old.</summary>
    /// <exception cref="TableUnreadException">The kernel does not let its socket table be read.</exception>
    public async ValueTask<HostCensus> LatestAsync(CancellationToken cancellation)
    {
        Begin();
        return _latest ?? await First().WaitAsync(cancellation);
    }

    /// <summary>Begins, if that has not happened.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_thread is not null || ending.IsCancellationRequested)
                return;
            // What cannot be read now may be later: the next who asks tries again.
            if (_first.Task.IsFaulted)
                _first = Unseen();
            var thread = new Thread(Run) { IsBackground = true, Name = "bindwise host" };
            thread.Start();
            // One that was refused is no thread that could be waited for.
            _thread = thread;
        }
    }

    public void Happened(PortEvent happened)
    {
        Events.Add(happened);
        foreach (var sink in _sinks)
            sink.Happened(happened);
    }

    public void CensusRead(HostCensus census)
    {
        Pressure.Add(census);
        foreach (var sink in _sinks)
            sink.CensusRead(census);
        // Last: whoever sees this look finds in the sinks what they made of it.
        _latest = census;
        _first.TrySetResult(census);
    }

    public void Dispose() => _thread?.Join(Patience);

    private Task<HostCensus> First()
    {
        lock (_gate)
            return _first.Task;
    }

    private static TaskCompletionSource<HostCensus> Unseen() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The source belongs to the thread that opened it.
    private void Run()
    {
        Exception? fault = null;
        try
        {
            using var source = PortEventSource.Open(new PortEventSourceOptions { IsBindwise = true, MostShown = Math.Max(mostShown, 64) });
            (Limits, SeesFailures) = (source.Limits, source.SeesFailures);
            source.Run(this, ending);
        }
        catch (TableUnreadException exception)
        {
            fault = exception;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // As it was asked to.
        }
        lock (_gate)
        {
            _thread = null;
            if (fault is null)
                _first.TrySetCanceled(ending);
            else if (!_first.TrySetException(fault))
                (_first, _latest) = (Unseen(), null);
        }
    }
}

/// <summary>What presses on the ports at a moment.</summary>
internal sealed record PressureSample(
    DateTimeOffset Time, int TimeWaits, int EphemeralPorts, ImmutableArray<CensusDestination> Destinations);

/// <summary>TIME_WAIT and the ephemeral ports over the last hour, a sample every five seconds, and one of now. Thread-safe.</summary>
internal sealed class PressureLog
{
    public const int Kept = 720;
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
        var sample = new PressureSample(census.TakenAt, timeWaits, census.EphemeralPorts, [.. census.Destinations.Take(MostDestinations)]);
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
