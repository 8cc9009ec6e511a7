using System.Collections;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Simulation;

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

/// <param name="WhyNone">Why it names none, as <c>it sets no PORT</c>; null where that is plain, or it names one.</param>
internal sealed record PlanSource(string File, string Format, int Ports, string? WhyNone = null);

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
    /// A port for one of the two, or as many as the larger of two ranges has, free in all files and on this host; the same for all
    /// conflicts about one port. Null where none is known or would help.
    /// </summary>
    public PortRange? Next { get; init; }
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

    /// <summary>Two pods with one hostPort do not fit on one node, nor two containers of one pod.</summary>
    public static PlanRule HostPort { get; } = new("kubernetes-host-port",
        "A node has each hostPort once for a protocol and overlapping hostIPs: the scheduler leaves a second pod pending, and the API "
            + "server refuses a pod that names one twice.", "docs/plan.md#kubernetes");

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
        var named = new Dictionary<string, PortRange?>(StringComparer.Ordinal);
        return [.. conflicts.Select(conflict => conflict with { Next = Next(conflict) })];

        PortRange? Next(PlanConflict conflict)
        {
            if (conflict.First.Protocol == Protocol.Unix || conflict.First.Place != PlanPlace.Host
                || ProtocolPorts.NameOf((ushort)conflict.Port, conflict.First.Protocol) is not null)
                return null;
            if (named.TryGetValue(conflict.Target, out var known))
                return known;
            var more = conflict.Port == conflict.LastPort ? 0
                : Math.Max(WidthOf(conflict.First), conflict.Second is { } second ? WidthOf(second) : 0);
            PortRange? next = null;
            foreach (var port in NearbyPorts.Of((ushort)conflict.Port, settings, mayBindPrivileged: false, Window))
            {
                if (port + more > ushort.MaxValue || Enumerable.Range(port, more + 1).Any(number => taken[number]))
                    continue;
                for (var number = (int)port; number <= port + more; number++)
                    taken[number] = true;
                next = new PortRange(port, port + more);
                break;
            }
            named.Add(conflict.Target, next);
            return next;
        }
    }

    private static int WidthOf(PlannedPort port) => port.LastPort - port.FirstPort;
}

/// <summary>What the rules say of two ports of files.</summary>
/// <param name="Conflicts">They cannot be open together.</param>
internal readonly record struct PairVerdict(PlanRule Rule, bool Conflicts, BindRequest First, BindRequest Second);

/// <summary>Asks the rule model about two sockets that do not exist yet: one listens, the other one is bound then.</summary>
/// <param name="bindV6Only">net.ipv6.bindv6only.</param>
/// <param name="kernel">The release of Linux whose rules decide.</param>
internal sealed class PairCheck(bool bindV6Only, KernelRelease kernel)
{
    private readonly Dictionary<string, uint> _devices = new(StringComparer.Ordinal);

    /// <summary>
    /// The verdict of two ports with at least one number in common: a conflict if any two of their binds conflict, else how they share the
    /// port. Null where they have nothing to do with each other: other addresses, other interfaces.
    /// </summary>
    public PairVerdict? Decide(PlannedPort first, PlannedPort second)
    {
        PairVerdict? shared = null;
        foreach (var one in first.Binds)
        {
            foreach (var other in second.Binds)
            {
                if (one.Protocol == Protocol.Unix)
                    return new PairVerdict(PlanRule.Of(one.Path is ['@', ..] ? RuleBook.UnixAbstractName : RuleBook.UnixPathExists), true,
                        one, other);
                // Asked for every pair: two addresses of their own never meet, whatever else.
                if (!one.Address.IsWildcard && !other.Address.IsWildcard && one.Address.AsIPv6 != other.Address.AsIPv6)
                    continue;
                var verdict = Decide(one, other);
                if (verdict.Conflicts)
                {
                    var rule = first.Place == PlanPlace.Cluster ? PlanRule.NodePort
                        : first.Place == PlanPlace.Node ? PlanRule.HostPort : PlanRule.Of(verdict.Rule);
                    return new PairVerdict(rule, true, one, other);
                }
                if (verdict.Rule != RuleBook.AddressesDisjoint && verdict.Rule != RuleBook.DevicesDisjoint && IsOverlapping(one, other))
                    shared ??= new PairVerdict(PlanRule.Of(verdict.Rule), false, one, other);
            }
        }
        return shared;
    }

    /// <summary>Who gets what is sent to a port that two binds share: <c>b gets every connection to 127.0.0.1</c>.</summary>
    public string Sharing(PairVerdict shared, string first, string second)
    {
        var (one, other) = (shared.First, shared.Second);
        var port = new SharedPort(Asking(one), Asking(other));
        var isUdp = one.Protocol == Protocol.Udp;
        var who = port.Receiver switch
        {
            Receiver.First => first,
            Receiver.Second => second,
            Receiver.Newest => "the one that starts last",
            Receiver.Oldest => "the one that starts first",
            _ => null,
        };
        if (who is null)
            return isUdp ? "only one of them gets each datagram" : "each connection goes to one of them, at random";
        var to = port.Address is { } address ? " to " + address.Bracketed : "";
        var over = port.Family switch { IpFamily.IPv4 => " over IPv4", IpFamily.IPv6 => " over IPv6", _ => "" };
        var through = (DeviceNameOf(one) ?? DeviceNameOf(other)) is { } device ? $" that comes in through {device}" : "";
        return $"{who} gets every {(isUdp ? "datagram" : "connection")}{to}{over}{through}";
    }

    /// <summary>
    /// A bind while a socket of this host holds the port. A device of the plan is not known here: it counts as none, and so in no VRF.
    /// </summary>
    public (PairRuling Ruling, bool IsCertain) DecideHeld(BindRequest want, HeldSocket held, VrfTable vrfs) =>
        held.Protocol == Protocol.Tcp && vrfs.PortsOf(held.DeviceIndex) != 0 ? (PairRuling.Free(RuleBook.DevicesDisjoint), true)
        : PairRules.Settle(AskingSocket.From(want, bindV6Only, 0, kernel) with { Port = held.Local.Port }, HeldTraits.Of(held));

    /// <summary>One bind while another one holds the port, whichever of the two came first.</summary>
    private PairRuling Decide(BindRequest one, BindRequest other)
    {
        var ruling = Ask(other, one);
        return ruling.Conflicts ? ruling : Ask(one, other) is { Conflicts: true } reverse ? reverse : ruling;
    }

    // The port is the same: of two ranges only the common part is asked about.
    private PairRuling Ask(BindRequest want, BindRequest held) =>
        PairRules.Settle(Asking(want) with { Port = held.Port }, TraitsOf(held)).Ruling;

    private AskingSocket Asking(BindRequest want) => AskingSocket.From(want, bindV6Only, DeviceOf(want), kernel);

    private HeldTraits TraitsOf(BindRequest held)
    {
        var asked = Asking(held);
        return new HeldTraits(
            held.Address.Family,
            held.Address,
            held.Protocol == Protocol.Tcp ? HeldKind.Listening : HeldKind.Plain,
            asked.DeviceIndex,
            Fact.Of(asked.V6Only),
            Fact.Of(held.ReuseAddress),
            Fact.Of(held.ReusePort),
            held.UserId);
    }

    // UDP asks for SO_REUSEADDR before it looks at the addresses.
    private bool IsOverlapping(BindRequest one, BindRequest other) =>
        AddressOverlap.Exists(Asking(one), TraitsOf(other).Bound(Asking(other).V6Only));

    /// <summary>The interfaces of a plan have names only; each gets a number of its own.</summary>
    private uint DeviceOf(BindRequest request)
    {
        if (DeviceNameOf(request) is not { } name)
            return 0;
        if (!_devices.TryGetValue(name, out var index))
            _devices[name] = index = (uint)_devices.Count + 1;
        return index;
    }

    private static string? DeviceNameOf(BindRequest request) =>
        AddressRules.NeedsScope(request.Address) ? request.Scope ?? request.Device : request.Device;
}
