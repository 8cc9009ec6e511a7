using System.Collections;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Planning;

/// <summary>What the files of a folder make of the ports: which collide, and what else deserves attention.</summary>
internal sealed record PortPlan
{
    public ImmutableArray<PlannedPort> Ports { get; init; } = [];

    /// <summary>Pairs that cannot be open together, by port.</summary>
    public ImmutableArray<PlanConflict> Conflicts { get; init; } = [];

    /// <summary>More conflicts than are listed exist.</summary>
    public bool IsCut { get; init; }

    /// <summary>What deserves attention and is no conflict, and what of the files was not understood.</summary>
    public ImmutableArray<PlanRemark> Remarks { get; init; } = [];

    public ImmutableArray<PlanSource> Sources { get; init; } = [];
}

internal sealed record PlanSource(string File, string Format, int Ports)
{
    /// <summary>Why it names none, as <c>it sets no PORT</c>; null where that is plain, or it names one.</summary>
    public string? WhyNone { get; init; }
}

/// <summary>Two ports that cannot be open together, or one that something holds already.</summary>
/// <param name="Second">The other one; null where <see cref="Running"/> is set.</param>
internal sealed record PlanConflict(PlannedPort First, PlannedPort? Second, PlanRule Rule)
{
    /// <summary>What runs on this host and has the port; null for two ports of files.</summary>
    public ListedPort? Running { get; init; }

    /// <summary>The address at which the first one meets the other; default for UNIX.</summary>
    public IpAddress FirstAddress { get; init; }

    public IpAddress SecondAddress { get; init; }

    /// <summary>The first port that both want; 0 for UNIX.</summary>
    public int Port { get; init; }

    public int LastPort { get; init; }

    /// <summary><c>8080/tcp</c>, <c>8000-8010/udp</c>, <c>/run/app.sock</c>.</summary>
    public string Target => PlannedPort.TargetOf(First.Protocol, First.Binds[0].Path, Port, LastPort);

    /// <summary>The profiles that have to be enabled for it, with commas; null for none.</summary>
    public string? Profiles { get; init; }

    /// <summary>
    /// A port for one of the two, free in all files and on this host; the same for all conflicts about one
    /// port. Null where none is known or would help.
    /// </summary>
    public ushort? Next { get; init; }
}

/// <summary>A rule by which two ports collide: one of the kernel, or one of Kubernetes.</summary>
/// <param name="Id">The stable id, as <c>BW004</c> or <c>kubernetes-node-port</c>.</param>
/// <param name="Page">Its page in the repository, as <c>docs/rules/BW004.md</c>.</param>
internal sealed record PlanRule(string Id, string Sentence, string Page)
{
    /// <summary>A nodePort is taken on every node, by one Service.</summary>
    public static PlanRule NodePort { get; } = new("kubernetes-node-port",
        "A nodePort belongs to one Service of the cluster for each protocol; the API server refuses a second one.",
        "docs/plan.md#kubernetes");

    /// <summary>Two pods with one hostPort do not fit on one node.</summary>
    public static PlanRule HostPort { get; } = new("kubernetes-host-port",
        "Two pods with the same hostPort, protocol and overlapping hostIP cannot run on one node; the scheduler leaves the second one "
            + "pending.", "docs/plan.md#kubernetes");

    public static PlanRule Of(Rule rule) => new PlanRule(rule.Id.Value, rule.Sentence, $"docs/rules/{rule.Id}.md");
}

/// <summary>
/// The ports to take instead of those that collide: no file names them, nothing on this host has them, and none is named twice.
/// </summary>
internal static class OtherPorts
{
    /// <summary>So many numbers after a port are looked at.</summary>
    private const int Window = 500;

    /// <summary>
    /// The conflicts, each of one port of the host with the port to take instead; a port that is a protocol's own has none.
    /// </summary>
    public static ImmutableArray<PlanConflict> Name(ImmutableArray<PlanConflict> conflicts, IReadOnlyList<PlannedPort> ports,
        PortListing used, HostSettings settings)
    {
        var taken = new BitArray(ushort.MaxValue + 1);
        // Of whatever protocol and profile: what a person takes for free.
        foreach (var port in ports.Where(static port => port.Protocol != Protocol.Unix))
        {
            for (var number = (int)port.FirstPort; number <= Math.Min(port.LastPort, ushort.MaxValue); number++)
                taken[number] = true;
        }
        foreach (var held in used.Ports.Where(static held => held.Port is not null))
            taken[held.Port!.Value] = true;
        var named = new Dictionary<string, ushort?>(StringComparer.Ordinal);
        return [.. conflicts.Select(conflict => conflict with { Next = Next(conflict) })];

        ushort? Next(PlanConflict conflict)
        {
            if (conflict.First.Protocol == Protocol.Unix || conflict.First.Place != PlanPlace.Host || conflict.Port != conflict.LastPort
                || ProtocolPorts.NameOf((ushort)conflict.Port) is not null)
                return null;
            if (named.TryGetValue(conflict.Target, out var known))
                return known;
            ushort? next = null;
            foreach (var port in NearbyPorts.Of((ushort)conflict.Port, settings, mayBindPrivileged: false, Window))
            {
                if (taken[port])
                    continue;
                taken[port] = true;
                next = port;
                break;
            }
            named.Add(conflict.Target, next);
            return next;
        }
    }
}
