namespace Bindwise.Dashboard.Fleet;

/// <summary>The ephemeral ports to the destination that uses most of them.</summary>
/// <param name="Destination">As <c>127.0.0.9:7777</c>.</param>
/// <param name="Used">Local ports in use, TIME_WAIT included.</param>
/// <param name="Size">Ports that the range has.</param>
/// <param name="FullAt">When all are used if the last six hours go on; null where the use does not grow.</param>
internal sealed record FleetEphemeral(string Destination, long Used, long Size, DateTimeOffset? FullAt);

/// <summary>Binds that failed within 24 hours.</summary>
internal sealed record FleetFailures(string Cause, string Program, long Count);

/// <summary>A host of the fleet.</summary>
/// <param name="Instance">Prometheus' label.</param>
/// <param name="IsUp">It answers Prometheus.</param>
/// <param name="Ephemeral">The fullest destination; null for none.</param>
/// <param name="Failures">The most first.</param>
internal sealed record FleetHost(
    string Instance, bool IsUp, FleetEphemeral? Ephemeral, ImmutableArray<FleetFailures> Failures);

/// <summary>A listener that is new or gone, against 24 hours ago.</summary>
internal sealed record FleetChange(string Instance, int Port, string Program, bool HasAppeared);

/// <summary>The answer of <c>/api/v1/fleet</c>.</summary>
/// <param name="AsOf">When Prometheus was asked.</param>
internal sealed record FleetReport(
    DateTimeOffset AsOf, ImmutableArray<FleetHost> Hosts, ImmutableArray<FleetChange> Changes, ImmutableArray<Remark> Remarks);

/// <summary>Who listens on a port.</summary>
internal sealed record FleetHolder(string Instance, string Address, string Program);

/// <summary>What Prometheus knows of the fleet: the answers to the queries of <see cref="FleetQueries"/>.</summary>
internal sealed record FleetFacts
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Hosts that tell metrics now, with the size of their range.</summary>
    public ImmutableArray<PrometheusSample> Present { get; init; } = [];

    /// <summary>Hosts that told metrics 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> Before { get; init; } = [];

    /// <summary>Whether Prometheus reaches its targets.</summary>
    public ImmutableArray<PrometheusSample> Up { get; init; } = [];

    /// <summary>The fullest destination of each host.</summary>
    public ImmutableArray<PrometheusSample> Fullest { get; init; } = [];

    /// <summary>Ports a second by host and destination, over six hours.</summary>
    public ImmutableArray<PrometheusSample> Growth { get; init; } = [];

    /// <summary>Failed binds since each server began.</summary>
    public ImmutableArray<PrometheusSample> Failures { get; init; } = [];

    /// <summary>The same 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> FailuresBefore { get; init; } = [];

    /// <summary>Failed binds of 24 hours of the hosts whose server began anew in that time.</summary>
    public ImmutableArray<PrometheusSample> FailuresOfRestarted { get; init; } = [];

    /// <summary>Listeners that are there either now (1) or 24 hours ago (2).</summary>
    public ImmutableArray<PrometheusSample> Changes { get; init; } = [];

    /// <summary>How many listeners a host has and does not list.</summary>
    public ImmutableArray<PrometheusSample> Unlisted { get; init; } = [];

    /// <summary>The same 24 hours ago.</summary>
    public ImmutableArray<PrometheusSample> UnlistedBefore { get; init; } = [];

    /// <summary>More than could be asked about in one go was there.</summary>
    public bool IsCut { get; init; }
}
