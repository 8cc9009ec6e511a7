using System.Diagnostics.Metrics;
using Bindwise.Dashboard.Answers;
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

    /// <summary>Begins.</summary>
    /// <param name="source">What is sent.</param>
    /// <param name="watch">Where to, and what is told of it; without a path <c>/v1/metrics</c> is meant.</param>
    /// <param name="most">So many label sets of a metric.</param>
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

    /// <inheritdoc/>
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
