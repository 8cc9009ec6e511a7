using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Watching;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// What the metrics are made of, for each who asks: the last look of the one source, so that a scrape reads nothing and waits for nothing.
/// </summary>
internal sealed class MetricsSource : IDisposable
{
    // The first look searches all processes; later ones are there already.
    private static readonly TimeSpan FirstScan = TimeSpan.FromSeconds(8);

    // Looks are at most three seconds apart, and each takes a second where processes do not answer.
    private static readonly TimeSpan OldestScan = TimeSpan.FromSeconds(30);

    private readonly HostWatch _host;
    private readonly BindFailureCounter _failures;
    private readonly ListenerDropCounter _drops;
    private readonly NamespaceWatch? _namespaces;

    /// <param name="withNamespaces">Those of the other network namespaces are told, too.</param>
    public MetricsSource(HostWatch host, int most, bool withNamespaces, string version)
    {
        (_host, Version) = (host, version);
        host.Add(_failures = new BindFailureCounter(most));
        host.Add(_drops = new ListenerDropCounter(most));
        _namespaces = withNamespaces ? new NamespaceWatch(most) : null;
        if (_namespaces is not null)
            host.Add(_namespaces);
    }

    public string Version { get; }

    /// <summary>The metrics of the other network namespaces; empty where they are not told.</summary>
    public ImmutableArray<MetricFamily> Namespaces => _namespaces?.Read() ?? [];

    /// <summary>How the exports by OTLP go; null for none.</summary>
    public ExportWatch? Exports { get; init; }

    public void Dispose() => _namespaces?.Dispose();

    /// <summary>Now.</summary>
    /// <exception cref="ProblemException">There is no look, or only an old one.</exception>
    public async ValueTask<MetricFacts> ReadAsync(CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(FirstScan);
        try
        {
            var census = await _host.LatestAsync(late.Token);
            return DateTimeOffset.UtcNow - census.TakenAt <= OldestScan
                ? Facts(census)
                : throw new ProblemException(Problem.Busy,
                    $"the last look at the host was at {census.TakenAt:u}: something is holding up the next one");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ProblemException(Problem.TooSlow, "the first look at the host is not finished yet");
        }
        catch (TableUnreadException exception)
        {
            throw new ProblemException(Problem.Unreadable, exception.Message);
        }
    }

    /// <summary>Now, without waiting; null where there is no look, or only an old one.</summary>
    public MetricFacts? ReadNow() =>
        _host.Latest is { } census && DateTimeOffset.UtcNow - census.TakenAt <= OldestScan ? Facts(census) : null;

    private MetricFacts Facts(HostCensus census) => new(census, _failures.Read(), _host.SeesFailures, OwnCost.Now(), Version)
    {
        Drops = _drops.Read(),
        Namespaces = Namespaces,
        FailedExports = Exports?.Failed,
    };
}
