using Bindwise.Model.Events;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Dashboard.Metrics;

/// <param name="ProcessorTime">Of all its threads, since it began.</param>
/// <param name="ResidentBytes">Its memory that is in RAM.</param>
internal readonly record struct OwnCost(TimeSpan ProcessorTime, long ResidentBytes)
{
    public static OwnCost Now() => new(Environment.CpuUsage.TotalTime, Environment.WorkingSet);
}

/// <summary>Everything that the metrics are made of.</summary>
/// <param name="Failures">The failed binds since the server began, of a bounded number of label sets.</param>
/// <param name="SeesFailures">Failed binds are seen at all.</param>
internal sealed record MetricFacts(
    HostCensus Census, ImmutableArray<MetricSample> Failures, bool SeesFailures, OwnCost Cost, string Version)
{
    /// <summary>What listeners dropped, of a bounded number of label sets.</summary>
    public ImmutableArray<MetricSample> Drops { get; init; } = [];

    /// <summary>The metrics of other network namespaces; empty without <c>--all-namespaces</c>.</summary>
    public ImmutableArray<MetricFamily> Namespaces { get; init; } = [];

    /// <summary>Exports by OTLP that failed; null without <c>--otlp</c>.</summary>
    public long? FailedExports { get; init; }
}

/// <summary>The metrics of a host, from a look and what was counted; pure.</summary>
internal static class HostMetrics
{
    private const int LongestLabel = 128;

    private static readonly ImmutableArray<string> ListenerLabels = ["address", "port", "program"];

    private static readonly ImmutableArray<TcpSocketState> TcpStates =
        [.. Enum.GetValues<TcpSocketState>().Where(static state => state is not (TcpSocketState.Close or 0))];

    private static readonly ImmutableArray<TcpSocketState> UdpStates = [TcpSocketState.Established, TcpSocketState.Close];

    /// <param name="most">So many label sets of each that has no bound by itself.</param>
    public static ImmutableArray<MetricFamily> Of(MetricFacts facts, int most)
    {
        var census = facts.Census;
        var listeners = census.Sockets.Where(static one => one.Socket is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen })
            .Select(static one => (Labels: LabelsOf(one), One: one)).ToList();
        return
        [
            new("bindwise_sockets", MetricKind.Gauge, "Sockets by state.", ["protocol", "state"],
                [.. States(census.States, Protocol.Tcp), .. States(census.UdpStates, Protocol.Udp)]),
            OfListeners("sockets", "Listening sockets; those that share a port by SO_REUSEPORT count one each.",
                static _ => 1),
            OfListeners("queue", "Connections that wait for accept().", static one => one.Socket.ReceiveQueue),
            OfListeners("backlog", "Connections that may wait for accept(), as listen() was told.", static one => one.Socket.SendQueue),
            new("bindwise_listener_drops_total", MetricKind.Counter, "Connections that a listener dropped since it was opened.",
                ListenerLabels, facts.Drops),
            One("bindwise_listen_overflows_total", MetricKind.Counter,
                "Connections dropped because a queue for accept() was full (ListenOverflows).", census.ListenOverflows),
            One("bindwise_listen_drops_total", MetricKind.Counter,
                "Connections that listeners dropped for any reason (ListenDrops).", census.ListenDrops),
            new("bindwise_time_wait_sockets", MetricKind.Gauge, "Connections in TIME_WAIT by local port.", ["port"],
                LargestSamples.Of(census.TimeWaits.Select(static one => new MetricSample([Text(one.Port)], one.Count)), most,
                    Math.Max(0, Count(census, TcpSocketState.TimeWait) - census.TimeWaits.Sum(static one => one.Count)))),
            new("bindwise_ephemeral_ports_used", MetricKind.Gauge,
                "Local ports of the ephemeral range in use by destination, TIME_WAIT included.", ["destination"],
                LargestSamples.Of(census.Destinations.Select(static one => new MetricSample([one.Remote.ToString()], one.Ports)), most,
                    census.DestinationsOmitted)),
            One("bindwise_ephemeral_ports", MetricKind.Gauge, "Ports that the ephemeral range has, reserved ones left out.",
                census.EphemeralPorts),
            new("bindwise_bind_failures_total", MetricKind.Counter,
                "Calls of bind(), listen() and connect() that failed for want of a port or address, since the server began.",
                ["cause", "program"], facts.Failures),
            One("bindwise_bind_failures_seen", MetricKind.Gauge,
                "1 if failed calls are seen, which needs root or CAP_BPF and CAP_PERFMON; else 0.", facts.SeesFailures ? 1 : 0),
            new("bindwise_build_info", MetricKind.Gauge, "The version of bindwise.", ["version"], [new([facts.Version], 1)]),
            One("bindwise_collection_seconds", MetricKind.Gauge, "How long the last look at the host took.",
                census.Cost.TotalSeconds) with { Unit = "seconds" },
            One("process_cpu_seconds_total", MetricKind.Counter, "Processor time that bindwise serve used.",
                facts.Cost.ProcessorTime.TotalSeconds) with { Unit = "seconds" },
            One("process_resident_memory_bytes", MetricKind.Gauge, "Memory of bindwise serve that is in RAM.", facts.Cost.ResidentBytes)
                with { Unit = "bytes" },
            .. facts.FailedExports is { } failed ? [One("bindwise_otlp_export_failures_total", MetricKind.Counter,
                "Exports of metrics by OTLP that failed, since the server began.", failed)] : ImmutableArray<MetricFamily>.Empty,
            .. facts.Namespaces,
        ];

        MetricFamily OfListeners(string what, string help, Func<CensusSocket, long> valueOf) => new(
            "bindwise_listener_" + what, MetricKind.Gauge, help, ListenerLabels,
            LargestSamples.Of(listeners.Select(one => new MetricSample(one.Labels, valueOf(one.One))), most));
    }

    /// <summary>A label's text: what programs chose is made harmless, and cut.</summary>
    internal static string Label(string? text) => string.IsNullOrEmpty(text) ? LargestSamples.Unknown : Escaper.Escape(text, LongestLabel);

    /// <summary>The labels of a listener.</summary>
    internal static ImmutableArray<string> LabelsOf(CensusSocket one) =>
        [one.Socket.Local.Address.ToString(), Text(one.Socket.Local.Port), Label(one.Holder?.Program)];

    private static MetricFamily One(string name, MetricKind kind, string help, double value) => new(name, kind, help, [], [new([], value)]);

    // A state that nothing is in has the value 0, so that its line goes on.
    private static IEnumerable<MetricSample> States(ImmutableArray<StateCount> states, Protocol protocol) =>
        states.Concat((protocol == Protocol.Tcp ? TcpStates : UdpStates).Select(static state => new StateCount(state, 0)))
            .GroupBy(one => TcpStateNames.Of(one.State, protocol))
            .Select(one => new MetricSample([protocol == Protocol.Tcp ? "tcp" : "udp", one.Key], one.Sum(static state => state.Count)))
            .OrderBy(static one => one.Labels[1], StringComparer.Ordinal);

    private static int Count(HostCensus census, TcpSocketState state) =>
        census.States.Where(one => one.State == state).Sum(static one => one.Count);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
