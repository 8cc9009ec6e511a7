using System.Diagnostics;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Censuses;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Events;
using Bindwise.Linux.Native;
using Bindwise.Model.Events;

namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// <c>--all-namespaces</c>: what presses on the ports of every other network namespace, and the binds that fail there, by container or pod.
/// A thread of its own looks each 15 seconds, and sooner after a failure in a namespace that is new. Thread-safe.
/// </summary>
internal sealed class NamespaceWatch : IPortEventSink, IDisposable
{
    private const int MostDestinations = 4;
    private const int MostWaiting = 1024;
    private const int NapMicroseconds = 200_000;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    // A failure in a namespace that no look has seen has the next one come earlier, within 4 % of a processor.
    private const int RestPerCost = 25;
    private static readonly TimeSpan ShortRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly ImmutableArray<string> Owner = ["container", "pod"];
    private static readonly NamespaceUser Nobody = new("", "");

    private readonly Lock _gate = new();
    private readonly BoundedCounters _failures;
    private readonly List<(ulong Network, PortEvent Failure)> _waiting = [];
    private readonly int _most;
    private readonly CancellationTokenSource _ending = new();
    private readonly ulong? _own = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;
    private readonly Thread _thread;
    private ImmutableArray<NamespaceReading> _readings = [];
    private CgroupNames _names = new(new CgroupMounts("/proc"));
    private int _omitted;

    public NamespaceWatch(int most)
    {
        (_most, _failures) = (most, new BoundedCounters(most, labels: Owner.Length + 2));
        _thread = new Thread(Run) { IsBackground = true, Name = "bindwise namespaces" };
        _thread.Start();
    }

    public void Happened(PortEvent happened)
    {
        if (happened.Kind != PortEventKind.BindFailed || happened.NetworkNamespace is not { } network || network == _own)
            return;
        lock (_gate)
        {
            var user = happened.Cgroup is { } path ? NamespaceUser.Of([_names.Meant(_names.Meant(path), isUnified: false)]) : Nobody;
            if (user != Nobody || UserOf(network) is not null || _waiting.Count >= MostWaiting)
                Count(happened, user == Nobody ? UserOf(network) ?? Nobody : user);
            else
                // Younger than the last look: the next one knows whose it is.
                _waiting.Add((network, happened));
        }
    }

    public void CensusRead(HostCensus census)
    {
        // The host's own is told with the other metrics.
    }

    public ImmutableArray<MetricFamily> Read()
    {
        lock (_gate)
        {
            return
            [
                new("bindwise_namespace_time_wait_sockets", MetricKind.Gauge, "Connections in TIME_WAIT of another network namespace.",
                    Owner,
                    LargestSamples.Of(_readings.Select(static one => new MetricSample(LabelsOf(one.User),
                        one.Census.States.Where(static state => state.State == TcpSocketState.TimeWait)
                            .Sum(static state => state.Count))), _most)),
                new("bindwise_namespace_ephemeral_ports_used", MetricKind.Gauge,
                    "Local ports in use of another network namespace by destination, the fullest few of each, TIME_WAIT included.",
                    [.. Owner, "destination"],
                    LargestSamples.Of(_readings.SelectMany(static one => one.Census.Destinations.Select(to =>
                        new MetricSample([.. LabelsOf(one.User), to.Remote.ToString()], to.Ports))), _most)),
                new("bindwise_namespace_ephemeral_ports", MetricKind.Gauge,
                    "Ports that the ephemeral range of another network namespace has.", Owner,
                    [.. LargestSamples.Of(
                        _readings.Select(static one => new MetricSample(LabelsOf(one.User), one.Census.EphemeralPorts)), _most)
                        .Where(static one => one.Labels[0] != LargestSamples.Other)]),
                new("bindwise_namespace_bind_failures_total", MetricKind.Counter,
                    "Calls that failed in another network namespace, since the server began.", [.. Owner, "cause", "program"],
                    _failures.Read()),
                new("bindwise_namespaces", MetricKind.Gauge, "Other network namespaces that are looked at.", [],
                    [new([], _readings.Length)]),
                new("bindwise_namespaces_omitted", MetricKind.Gauge,
                    "Other network namespaces that are not looked at: too many, or not allowed.", [], [new([], _omitted)]),
            ];
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        if (_thread.Join(Patience))
            _ending.Dispose();
    }

    private NamespaceUser? UserOf(ulong network) => _readings.FirstOrDefault(one => one.Network == network)?.User;

    private void Count(PortEvent failure, NamespaceUser user) =>
        _failures.Add([.. LabelsOf(user), HostMetrics.Label(failure.Cause), HostMetrics.Label(failure.Program)], failure.Count);

    private static ImmutableArray<string> LabelsOf(NamespaceUser user) =>
        user == Nobody ? [LargestSamples.Unknown, ""] : [user.Container, user.Pod];

    private void Run()
    {
        while (!_ending.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                var readings = NamespaceCensus.ReadCensus(MostDestinations, out var omitted, _ending.Token);
                lock (_gate)
                {
                    // Whose groups are is looked up once between two looks.
                    (_readings, _omitted, _names) = (readings, omitted, new CgroupNames(new CgroupMounts("/proc")));
                    foreach (var (network, failure) in _waiting)
                        Count(failure, UserOf(network) ?? Nobody);
                    _waiting.Clear();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (InspectionException)
            {
                // It takes longer than a minute now: the last looks stand until the next.
            }
            var cost = Stopwatch.GetElapsedTime(began);
            for (var readAt = Stopwatch.GetTimestamp(); !_ending.IsCancellationRequested && !IsDue(Stopwatch.GetElapsedTime(readAt), cost);)
                SleepCall.Wait(NapMicroseconds);
        }
    }

    private bool IsDue(TimeSpan rested, TimeSpan cost)
    {
        lock (_gate)
            return rested >= Rest || (_waiting.Count > 0 && rested >= ShortRest && rested >= cost * RestPerCost);
    }
}
