using Bindwise.Linux.Callers;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// Counters of a bounded number of label sets, none of which ever falls: to Prometheus a value that falls is a restart, and it counts all
/// of it anew. So a label set that has its own series keeps it, and what was once summed under <see cref="LargestSamples.Other"/> stays
/// there: a label set that gets its own series later begins at 0 then. All series together are all that was counted. Not thread-safe.
/// </summary>
internal sealed class BoundedCounters(int most, int labels)
{
    // Between two readings; programs can be named at will.
    private const int MostUnread = 16_384;

    private static readonly IComparer<string> Order = StringComparer.Ordinal;

    private readonly Dictionary<string, MetricSample> _reported = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricSample> _unread = new(StringComparer.Ordinal);
    private double _other;
    private bool _hasOther;

    /// <param name="count">At least 0; 0 gives the label set a series as long as there is room.</param>
    public void Add(ImmutableArray<string> values, double count)
    {
        var key = string.Join('\0', values);
        if (_reported.TryGetValue(key, out var counter))
            _reported[key] = counter with { Value = counter.Value + count };
        else if (_unread.TryGetValue(key, out var unread))
            _unread[key] = unread with { Value = unread.Value + count };
        else if (_unread.Count < MostUnread)
            _unread[key] = new MetricSample(values, count);
        else
            AddToOther(count);
    }

    /// <summary>Ends the series of all other label sets, which makes room: their sockets are gone.</summary>
    /// <param name="present">The label sets that there are, each joined by NUL.</param>
    public void Keep(HashSet<string> present)
    {
        foreach (var key in _reported.Keys.Where(key => !present.Contains(key)).ToList())
            _reported.Remove(key);
    }

    /// <summary>The values until now, the largest first. What is new since the last reading gets what room there is.</summary>
    public ImmutableArray<MetricSample> Read()
    {
        // A series that stands at 0 loses nothing by its end: it makes room for one that counts.
        var idle = new Queue<string>(_reported.Where(static one => one.Value.Value == 0).Select(static one => one.Key));
        foreach (var (key, sample) in Sorted(_unread))
        {
            if (_reported.Count >= most && sample.Value > 0 && idle.TryDequeue(out var given))
                _reported.Remove(given);
            if (_reported.Count < most)
                _reported[key] = sample;
            else
                AddToOther(sample.Value);
        }
        _unread.Clear();
        var all = Sorted(_reported).Select(static one => one.Value);
        return [.. _hasOther ? all.Append(new MetricSample([.. Enumerable.Repeat(LargestSamples.Other, labels)], _other)) : all];
    }

    private static IOrderedEnumerable<KeyValuePair<string, MetricSample>> Sorted(Dictionary<string, MetricSample> samples) =>
        samples.OrderByDescending(static one => one.Value.Value).ThenBy(static one => one.Key, Order);

    private void AddToOther(double count) => (_other, _hasOther) = (_other + count, true);
}

/// <summary>
/// Counts failed calls of the server's own network namespace by cause and program, since the server began. Thread-safe. Of those that came
/// too fast to be told one by one nothing is known but their number: they count here, wherever they were made.
/// </summary>
internal sealed class BindFailureCounter(int most) : IPortEventSink
{
    private readonly Lock _gate = new();
    private readonly BoundedCounters _counts = new(most, labels: 2);
    private readonly ulong? _network = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;

    public void Happened(PortEvent happened)
    {
        if (LostEvents.FailedCalls(happened) is not (> 0 and var count)
            || (happened.NetworkNamespace is { } network && network != _network))
            return;
        lock (_gate)
            _counts.Add([HostMetrics.Label(happened.Cause), HostMetrics.Label(happened.Program)], count);
    }

    public void CensusRead(HostCensus census)
    {
        // Looks are not counted.
    }

    public ImmutableArray<MetricSample> Read()
    {
        lock (_gate)
            return _counts.Read();
    }
}

/// <summary>Counts the connections that listeners drop, by label set, from one look to the next. Thread-safe.</summary>
internal sealed class ListenerDropCounter(int most) : IPortEventSink
{
    private readonly Lock _gate = new();
    private readonly BoundedCounters _counts = new(most, labels: 3);
    private Dictionary<ulong, long> _seen = [];

    public void Happened(PortEvent happened)
    {
        // The kernel counts drops by itself.
    }

    public void CensusRead(HostCensus census)
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

    public ImmutableArray<MetricSample> Read()
    {
        lock (_gate)
            return _counts.Read();
    }
}
