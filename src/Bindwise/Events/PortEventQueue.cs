using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise;

/// <summary>Takes the events of a source, and keeps those that wait to be read: no more than its capacity.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PortEventQueue : IPortEventSink, IDisposable
{
    private readonly Channel<PortEvent> _channel;
    private readonly bool _failuresOnly;
    private readonly Meter _meter = new(BindwiseTelemetry.MeterName, BindwiseTelemetry.Version);
    private readonly Counter<long> _failures;
    private long _lost;

    public PortEventQueue(PortEventsOptions options)
    {
        _failuresOnly = options.FailuresOnly;
        _channel = Channel.CreateBounded<PortEvent>(
            new BoundedChannelOptions(options.Capacity) { SingleReader = true, SingleWriter = true });
        _failures = _meter.CreateCounter<long>(BindwiseTelemetry.HostBindFailures, "{failure}",
            "Failed binds of the host's programs, by cause, while PortEvents are followed.");
    }

    /// <summary>Takes what a source tells, until it ends.</summary>
    [SupportedOSPlatform("linux")]
    public void Fill(IPortEventSource source, CancellationToken cancellation)
    {
        Exception? fault = null;
        try
        {
            source.Run(this, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled knows.
        }
        catch (TableUnreadException exception)
        {
            fault = new PortQueryException(exception.Message, exception);
        }
        finally
        {
            _channel.Writer.TryComplete(fault);
        }
    }

    public IAsyncEnumerable<PortEvent> ReadAllAsync(CancellationToken cancellation) => _channel.Reader.ReadAllAsync(cancellation);

    public void Happened(PortEvent happened)
    {
        if (happened.Kind == PortEventKind.BindFailed)
            _failures.Add(happened.Count, new KeyValuePair<string, object?>(BindwiseTelemetry.CauseTag, happened.Cause ?? "unknown"));
        if (_failuresOnly && happened.Kind is not (PortEventKind.BindFailed or PortEventKind.Lost))
            return;
        if (_lost > 0 && _channel.Writer.TryWrite(new PortEvent { Time = happened.Time, Kind = PortEventKind.Lost, Count = _lost }))
            _lost = 0;
        if (_lost > 0 || !_channel.Writer.TryWrite(happened))
            _lost += happened.Kind == PortEventKind.Lost ? happened.Count : 1;
    }

    public void Looked(HostCensus census)
    {
        // What was lost is told even where nothing more happens.
        if (_lost > 0 && _channel.Writer.TryWrite(new PortEvent { Time = census.TakenAt, Kind = PortEventKind.Lost, Count = _lost }))
            _lost = 0;
    }

    public void Dispose() => _meter.Dispose();
}
