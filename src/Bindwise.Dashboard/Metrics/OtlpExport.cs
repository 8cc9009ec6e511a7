using System.Diagnostics.Metrics;
using Bindwise.Dashboard.Fleet;
using Bindwise.Model.Events;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// Sends the metrics of <see cref="HostMetrics"/> by OTLP (HTTP, protobuf). A counter has its name without <c>_total</c>, which Prometheus
/// puts there again. Who receives may be away: what could not be sent is sent with the next values, and <see cref="ExportWatch"/> says so.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>From one export to the next, unless the environment says otherwise (OTEL_METRIC_EXPORT_INTERVAL).</summary>
    private const int IntervalMilliseconds = 10_000;

    private const int TimeoutMilliseconds = 5_000;
    private const int LastMilliseconds = 1_000;
    private const string Total = "_total";

    private readonly ExportWatch _watch;
    private readonly Meter _meter;
    private readonly MeterProvider _provider;

    /// <param name="watch">Where to, and what is told of it; without a path <c>/v1/metrics</c> is meant.</param>
    public OtlpExport(MetricsSource source, ExportWatch watch, int most)
    {
        _watch = watch;
        var address = watch.Receiver;
        _meter = new Meter("bindwise", source.Version);
        // The names are those of any look.
        var nothing = new MetricFacts(new HostCensus { TakenAt = default }, [], false, default, source.Version)
        {
            Namespaces = source.Namespaces,
            FailedExports = 0,
        };
        foreach (var family in HostMetrics.Of(nothing, most))
            Add(family, source, most);
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("bindwise", serviceVersion: source.Version,
                serviceInstanceId: Environment.MachineName))
            .AddMeter(_meter.Name)
            .AddView("*", new MetricStreamConfiguration { CardinalityLimit = most + 64 })
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = address.AbsolutePath == "/" ? new Uri(address, "/v1/metrics") : address;
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.TimeoutMilliseconds = TimeoutMilliseconds;
                exporter.HttpClientFactory = () => new HttpClient(new WatchedExports(watch))
                {
                    Timeout = TimeSpan.FromMilliseconds(TimeoutMilliseconds),
                    DefaultRequestHeaders = { Authorization = BasicCredentials.Of(address) },
                };
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds ??= IntervalMilliseconds;
            })
            .Build();
    }

    public void Dispose()
    {
        _watch.End();
        _provider.Shutdown(LastMilliseconds);
        _provider.Dispose();
        _meter.Dispose();
    }

    private void Add(MetricFamily family, MetricsSource source, int most)
    {
        var name = family.Name;
        if (family.Kind == MetricKind.Counter)
            _meter.CreateObservableCounter(name[..^Total.Length], Observe, null, family.Help);
        else
            _meter.CreateObservableGauge(name, Observe, null, family.Help);

        IEnumerable<Measurement<double>> Observe()
        {
            if (source.ReadNow() is not { } facts)
                yield break;
            var now = HostMetrics.Of(facts, most).First(one => one.Name == name);
            foreach (var sample in now.Samples)
                yield return new Measurement<double>(sample.Value,
                    now.Labels.Zip(sample.Labels, static (label, value) => new KeyValuePair<string, object?>(label, value)));
        }
    }
}

/// <summary>
/// How the exports by OTLP go. Says so in one line when they begin to fail, again at most every ten minutes, and when they are well again
/// after such a line. Thread-safe.
/// </summary>
/// <param name="receiver">Where they go.</param>
internal sealed class ExportWatch(Uri receiver, Action<string> report, TimeProvider clock)
{
    /// <summary>From one line about failures to the next, at least.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private long _failed;
    private long? _reportedAt;
    private bool _isReportedAsFailing;
    private bool _hasEnded;

    public Uri Receiver => receiver;
    public long Failed => Interlocked.Read(ref _failed);

    /// <param name="fault">Why it failed, without a full stop; null where it did not.</param>
    public void Exported(string? fault)
    {
        if (fault is not null)
            Interlocked.Increment(ref _failed);
        if (Line(fault) is { } line)
            report(line);
    }

    /// <summary>The server ends: nothing more is told.</summary>
    public void End()
    {
        lock (_gate)
            _hasEnded = true;
    }

    private string? Line(string? fault)
    {
        // Without a user's name and password that stand in it.
        var place = $"{receiver.Scheme}://{receiver.Authority}";
        lock (_gate)
        {
            if (_hasEnded)
                return null;
            if (fault is null)
            {
                var isMended = _isReportedAsFailing;
                _isReportedAsFailing = false;
                return isMended ? $"metrics reach {place} again" : null;
            }
            if (_reportedAt is { } reportedAt && clock.GetElapsedTime(reportedAt) < Pause)
                return null;
            (_reportedAt, _isReportedAsFailing) = (clock.GetTimestamp(), true);
            return $"metrics cannot be sent to {place}: {fault}; it is tried again each time";
        }
    }
}

/// <summary>Sends the exports, and tells how it went. The exporter itself keeps that to an event source, which nobody reads.</summary>
internal sealed class WatchedExports(ExportWatch watch) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Answered(base.Send(request, cancellationToken));
        }
        catch (Exception exception)
        {
            Failed(exception);
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Answered(await base.SendAsync(request, cancellationToken));
        }
        catch (Exception exception)
        {
            Failed(exception);
            throw;
        }
    }

    private HttpResponseMessage Answered(HttpResponseMessage response)
    {
        watch.Exported(response.IsSuccessStatusCode ? null : $"it answers HTTP status {(int)response.StatusCode}");
        return response;
    }

    // The outer ones say no more than that sending failed.
    private void Failed(Exception exception) => watch.Exported(
        exception is OperationCanceledException ? "it does not answer in time" : exception.GetBaseException().Message.TrimEnd('.'));
}
