using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Bindwise.Extensions.Hosting;

/// <summary>The instruments of the meter <c>Bindwise</c>: this process's counts, and the host's ports whenever somebody collects.</summary>
internal sealed class BindMeter
{
    private readonly Counter<long> _binds;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _retries;

    public BindMeter(IMeterFactory factory, UsageReading usage)
    {
        var meter = factory.Create(BindwiseTelemetry.MeterName, BindwiseTelemetry.Version);
        _binds = meter.CreateCounter<long>(BindwiseTelemetry.Binds, "{listener}", "Listeners bound.");
        _failures = meter.CreateCounter<long>(BindwiseTelemetry.BindFailures, "{failure}", "Binds that finally failed, by cause.");
        _retries = meter.CreateCounter<long>(BindwiseTelemetry.BindRetries, "{retry}", "Bind attempts after the first.");
        meter.CreateObservableUpDownCounter(BindwiseTelemetry.Listeners, () => Read(usage, static now => now.Listeners), "{socket}",
            "Listening TCP sockets in the network namespace.");
        meter.CreateObservableUpDownCounter(BindwiseTelemetry.TimeWait, () => Read(usage, static now => now.TimeWaits), "{socket}",
            "TCP sockets in TIME_WAIT in the network namespace.");
        meter.CreateObservableUpDownCounter(BindwiseTelemetry.EphemeralUsage, () => Read(usage, static now => now.EphemeralInUse), "{port}",
            "Ephemeral ports used by a TCP socket.");
        meter.CreateObservableUpDownCounter(BindwiseTelemetry.EphemeralLimit, () => Read(usage, static now => now.EphemeralPorts), "{port}",
            "Ports in the ephemeral range.");
    }

    public void Bound(BoundListener listener)
    {
        _binds.Add(1);
        Retried(listener.Attempts);
    }

    public void Failed(BindException exception)
    {
        var tags = new TagList { { BindwiseTelemetry.CauseTag, exception.Diagnosis?.Cause.Id() ?? "unexplained" },
            { BindwiseTelemetry.ErrorTag, exception.ErrorName } };
        if (exception.Request is { UnixPath: null, Port.Single: { } port })
            tags.Add(BindwiseTelemetry.PortTag, port);
        _failures.Add(1, tags);
        Retried(exception.Attempts);
    }

    /// <summary>Counts the attempts after the first; of a port that was then given up for another, too.</summary>
    public void Retried(int attempts)
    {
        if (attempts > 1)
            _retries.Add(attempts - 1);
    }

    // No measurement rather than a wrong one where the socket table cannot be read; the health check says why.
    private static IEnumerable<Measurement<int>> Read(UsageReading usage, Func<PortUsage, int> number) =>
        usage.Now() is { } now ? [new Measurement<int>(number(now))] : [];
}

/// <summary>How the host's ports are used, read at most once a second: a collection asks for several numbers at once.</summary>
internal sealed class UsageReading(TimeProvider? clock = null)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private PortUsage? _last;
    private long _readAt;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>The usage; null when it cannot be read, as on systems without a socket table.</summary>
    public PortUsage? Now()
    {
        lock (_lock)
        {
            if (_readAt != 0 && _clock.GetElapsedTime(_readAt) < Fresh)
                return _last;
            (_last, Fault) = Read();
            _readAt = _clock.GetTimestamp();
            return _last;
        }
    }

    private static (PortUsage?, string?) Read()
    {
        try
        {
            return (PortDiagnostics.ReadUsage(), null);
        }
        catch (PortQueryException exception)
        {
            return (null, exception.Message);
        }
    }
}
