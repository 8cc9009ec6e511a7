using System.Diagnostics;
using Bindwise.Linux.Censuses;
using Bindwise.Linux.Processes;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Events;

/// <summary>What a source is to tell.</summary>
internal sealed record PortEventSourceOptions
{
    /// <summary>Failed calls are told, with their reasons.</summary>
    public bool WithFailures { get; init; } = true;

    /// <summary>
    /// This program's file is Bindwise's own, so that what any process of it tries is no failure of the host: a <c>why</c> that ends before
    /// anybody could look at it too. Without it only what this process tries is left out.
    /// </summary>
    public bool IsBindwise { get; init; }

    /// <summary>The ports are looked at about once a second, and what has changed is told.</summary>
    public bool WithCensus { get; init; } = true;

    /// <summary>So many ports with TIME_WAITs and so many destinations a look shows, those with the most.</summary>
    public int MostShown { get; init; } = CensusReader.MostShown;

    /// <summary>How long after the beginning of a look the next one follows, at least.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The running kernel as a source of events: its socket tables, and the calls that fail.</summary>
internal sealed class PortEventSource : IPortEventSource
{
    /// <summary>A look that takes long is followed by one so many times as long later: 4 % of a processor.</summary>
    private const int RestPerCost = 25;

    /// <summary>Until cancellation is looked at, at most.</summary>
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(3);

    private readonly PortEventSourceOptions _options;
    private readonly CensusReader? _census;
    private readonly FailureFeed? _failures;
    private CensusEventsState _known = new();
    private TimeSpan _untilNextScan;

    private PortEventSource(PortEventSourceOptions options, CensusReader? census, FailureFeed? failures)
    {
        _options = options;
        _census = census;
        _failures = failures;
        Limits = options.WithFailures ? PortEventLimits.Of(failures) : [];
    }

    public ImmutableArray<string> Limits { get; }

    /// <summary>Failed calls are seen, if not all of them.</summary>
    public bool SeesFailures => _failures is not null;

    /// <summary>Opens a source in the calling thread's network namespace.</summary>
    /// <param name="options">What it is to tell; null for everything.</param>
    /// <exception cref="TableUnreadException">The kernel does not let its socket table be read.</exception>
    public static PortEventSource Open(PortEventSourceOptions? options = null)
    {
        options ??= new PortEventSourceOptions();
        var census = options.WithCensus ? CensusReader.Open(options.MostShown) : null;
        return new PortEventSource(options, census,
            options.WithFailures ? FailureFeed.TryOpen(options.IsBindwise && !OwnProgram.IsRuntime) : null);
    }

    public void Run(IPortEventSink sink, CancellationToken cancellation)
    {
        var lastScan = 0L;
        while (!cancellation.IsCancellationRequested)
        {
            // A call that failed before this look, whose socket may have ended meanwhile, met what the look before it saw.
            var before = _known.Before;
            if (_census is not null && (lastScan == 0 || Stopwatch.GetElapsedTime(lastScan) >= _untilNextScan))
            {
                lastScan = Stopwatch.GetTimestamp();
                ReadCensus(_census, sink, cancellation);
            }
            _failures?.Step(sink, before, cancellation);
            Rest(lastScan);
        }
        _failures?.Finish(sink);
    }

    public void Dispose()
    {
        _failures?.Dispose();
        _census?.Dispose();
    }

    // Until a call fails, a line is to be told or the next look is due.
    private void Rest(long lastScan)
    {
        var rest = Nap;
        if (_census is not null)
            rest = Least(rest, _untilNextScan - Stopwatch.GetElapsedTime(lastScan));
        if (_failures?.NextEnd is { } end)
            rest = Least(rest, end - Stopwatch.GetElapsedTime(0));
        if (rest <= TimeSpan.Zero)
            return;
        if (_failures is null)
            SleepCall.Wait((int)rest.TotalMicroseconds);
        else
            _ = PollCall.WaitUntilReadable(_failures.Ready, (int)rest.TotalMicroseconds);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void ReadCensus(CensusReader reader, IPortEventSink sink, CancellationToken cancellation)
    {
        HostCensus census;
        try
        {
            census = reader.ReadCensus(cancellation);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        var rest = reader.LastCost * RestPerCost;
        _untilNextScan = rest < _options.Interval ? _options.Interval : rest > LongestInterval ? LongestInterval : rest;
        sink.CensusRead(census);
        (_known, var events) = CensusEvents.Step(_known, census);
        foreach (var one in EventDetails.Complete(events, reader.Listed, cancellation))
            sink.Happened(one);
    }
}
