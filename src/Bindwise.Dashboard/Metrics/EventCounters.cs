using Bindwise.Linux.Callers;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>Counts failed calls of the server's own network namespace by cause and program, since the server began. Thread-safe.</summary>
/// <param name="most">So many label sets are told apart.</param>
internal sealed class BindFailureCounter(int most) : IPortEventSink
{
    private readonly Lock _gate = new();
    private readonly BoundedCounters _counts = new(most, labels: 2);
    private readonly ulong? _network = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;

    /// <inheritdoc/>
    public void Happened(PortEvent happened)
    {
        if (happened.Kind != PortEventKind.BindFailed || (happened.NetworkNamespace is { } network && network != _network))
            return;
        lock (_gate)
            _counts.Add([HostMetrics.Label(happened.Cause), HostMetrics.Label(happened.Program)], happened.Count);
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
            return _counts.Read();
    }
}

/// <summary>Counts the connections that listeners drop, by label set, from one look to the next. Thread-safe.</summary>
/// <param name="most">So many label sets are told apart.</param>
internal sealed class ListenerDropCounter(int most) : IPortEventSink
{
    private readonly Lock _gate = new();
    private readonly BoundedCounters _counts = new(most, labels: 3);
    private Dictionary<ulong, long> _seen = [];

    /// <inheritdoc/>
    public void Happened(PortEvent happened)
    {
        // The kernel counts drops by itself.
    }

    /// <inheritdoc/>
    public void Looked(HostCensus census)
    {
        lock (_gate)
        {
            var seen = new Dictionary<ulong, long>(_seen.Count);
            var present = new HashSet<string>(StringComparer.Ordinal);
            foreach (var one in census.Sockets)
            {
                if (one.Socket is not { Protocol: Protocol.Tcp, State: TcpSocketState.Listen })
                    continue;
                var labels = HostMetrics.LabelsOf(one);
                present.Add(string.Join('\0', labels));
                _counts.Add(labels, Math.Max(0, one.Drops - _seen.GetValueOrDefault(one.Socket.Cookie)));
                seen[one.Socket.Cookie] = one.Drops;
            }
            _seen = seen;
            _counts.Keep(present);
        }
    }

    /// <summary>The counts until now.</summary>
    public ImmutableArray<MetricSample> Read()
    {
        lock (_gate)
            return _counts.Read();
    }
}
