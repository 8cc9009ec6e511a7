using Bindwise.Linux.Callers;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// Counts failed calls of the server's own network namespace by cause and program, since the server began. Programs can be named at will:
/// only so many label sets are kept, and what comes later counts with the rest. Thread-safe.
/// </summary>
internal sealed class BindFailureCounter : IPortEventSink
{
    private const int MostLabelSets = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Cause, string Program), long> _counts = [];
    private readonly ulong? _network = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;

    /// <inheritdoc/>
    public void Happened(PortEvent happened)
    {
        if (happened.Kind != PortEventKind.BindFailed || (happened.NetworkNamespace is { } network && network != _network))
            return;
        var key = (HostMetrics.Label(happened.Cause), HostMetrics.Label(happened.Program));
        lock (_gate)
        {
            if (_counts.Count >= MostLabelSets && !_counts.ContainsKey(key))
                key = (LargestSamples.Other, LargestSamples.Other);
            _counts[key] = _counts.GetValueOrDefault(key) + happened.Count;
        }
    }

    /// <inheritdoc/>
    public void Looked(HostCensus census)
    {
        // Looks are not counted.
    }

    /// <summary>The counts until now.</summary>
    public ImmutableArray<MetricSample> Read()
    {
        lock (_gate)
            return [.. _counts.Select(static one => new MetricSample([one.Key.Cause, one.Key.Program], one.Value))];
    }
}
