using Bindwise.Linux.Callers;
using Bindwise.Linux.Censuses;
using Bindwise.Linux.Events;
using Bindwise.Linux.Native;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// <c>--all-namespaces</c>: what presses on the ports of every other network namespace, and the binds that fail there, by container or pod.
/// A thread of its own looks each 15 seconds. Thread-safe.
/// </summary>
internal sealed class NamespaceWatch : IPortEventSink, IDisposable
{
    private const int MostLabelSets = 4096;
    private const int MostDestinations = 4;
    private const int RestMicroseconds = 15_000_000;
    private const int NapMicroseconds = 200_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly ImmutableArray<string> Owner = ["container", "pod"];

    private readonly Lock _gate = new();
    private readonly Dictionary<(NamespaceUser User, string Cause, string Program), long> _failures = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly ulong? _own = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;
    private readonly Thread _thread;
    private ImmutableArray<NamespaceLook> _looks = [];
    private int _omitted;

    /// <summary>Begins.</summary>
    public NamespaceWatch()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "bindwise namespaces" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Happened(PortEvent happened)
    {
        if (happened.Kind != PortEventKind.BindFailed || happened.NetworkNamespace is not { } network || network == _own)
            return;
        lock (_gate)
        {
            var user = happened.Cgroup is { } path ? NamespaceUser.Of([path]) : default;
            if (user == default || user == new NamespaceUser("", ""))
                user = _looks.FirstOrDefault(one => one.Network == network)?.User ?? new NamespaceUser("", "");
            var key = (user, HostMetrics.Label(happened.Cause), HostMetrics.Label(happened.Program));
            if (_failures.Count >= MostLabelSets && !_failures.ContainsKey(key))
                key = (new NamespaceUser(LargestSamples.Other, LargestSamples.Other), LargestSamples.Other, LargestSamples.Other);
            _failures[key] = _failures.GetValueOrDefault(key) + happened.Count;
        }
    }

    /// <inheritdoc/>
    public void Looked(HostCensus census)
    {
        // The host's own is told with the other metrics.
    }

    /// <summary>The families.</summary>
    /// <param name="most">So many label sets of each.</param>
    public ImmutableArray<MetricFamily> Read(int most)
    {
        lock (_gate)
        {
            return
            [
                new("bindwise_namespace_time_wait_sockets", MetricKind.Gauge, "Connections in TIME_WAIT of another network namespace.",
                    Owner,
                    LargestSamples.Of(_looks.Select(static one => new MetricSample(LabelsOf(one.User),
                        one.Census.States.Where(static state => state.State == TcpSocketState.TimeWait)
                            .Sum(static state => state.Count))), most)),
                new("bindwise_namespace_ephemeral_ports_used", MetricKind.Gauge,
                    "Local ports in use of another network namespace by destination, the fullest few of each, TIME_WAIT included.",
                    [.. Owner, "destination"],
                    LargestSamples.Of(_looks.SelectMany(static one => one.Census.Destinations.Select(to =>
                        new MetricSample([.. LabelsOf(one.User), to.Remote.ToString()], to.Ports))), most)),
                new("bindwise_namespace_ephemeral_ports", MetricKind.Gauge,
                    "Ports that the ephemeral range of another network namespace has.", Owner,
                    [.. LargestSamples.Of(
                        _looks.Select(static one => new MetricSample(LabelsOf(one.User), one.Census.EphemeralPorts)), most)
                        .Where(static one => one.Labels[0] != LargestSamples.Other)]),
                new("bindwise_namespace_bind_failures_total", MetricKind.Counter,
                    "Calls that failed in another network namespace, since the server began.", [.. Owner, "cause", "program"],
                    LargestSamples.Of(_failures.Select(static one =>
                        new MetricSample([.. LabelsOf(one.Key.User), one.Key.Cause, one.Key.Program], one.Value)), most)),
                new("bindwise_namespaces", MetricKind.Gauge, "Other network namespaces that are looked at.", [], [new([], _looks.Length)]),
                new("bindwise_namespaces_omitted", MetricKind.Gauge,
                    "Other network namespaces that are not looked at: too many, or not allowed.", [], [new([], _omitted)]),
            ];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        if (_thread.Join(Patience))
            _ending.Dispose();
    }

    private static ImmutableArray<string> LabelsOf(NamespaceUser user) =>
        user.Container.Length + user.Pod.Length == 0 ? [LargestSamples.Unknown, ""] : [user.Container, user.Pod];

    private void Run()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var looks = NamespaceCensus.Look(MostDestinations, out var omitted, _ending.Token);
                lock (_gate)
                    (_looks, _omitted) = (looks, omitted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            for (var rested = 0; rested < RestMicroseconds && !_ending.IsCancellationRequested; rested += NapMicroseconds)
                SleepCall.Wait(NapMicroseconds);
        }
    }
}
