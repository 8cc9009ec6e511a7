using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios;

/// <summary>What a scenario asks of the network namespace that it is played in, as its steps alone tell.</summary>
/// <param name="Ports">The ports that steps name, other than 0, ascending: those bound, connected to and sent to.</param>
/// <param name="UsesPortZero">A step binds port 0: which port it gets, or that none is left, depends
/// on all that stands in the namespace.</param>
/// <param name="TouchesRange">A step changes which ports the system gives out: a sysctl of the range or of the
/// reserved ports, or IP_LOCAL_PORT_RANGE.</param>
/// <param name="NamesPair">A step names <c>v0</c> or <c>v1</c>, the veth pair: as a device or as a scope.</param>
internal sealed record ScenarioNeeds(
    ImmutableArray<ushort> Ports, ImmutableArray<string> Sysctls, bool UsesPortZero, bool TouchesRange, bool NamesPair)
{
    /// <summary>What the steps do to segments, and ask of closed sockets.</summary>
    public SegmentNeeds Segments { get; init; }

    /// <summary>Of a scenario whose steps are not known yet.</summary>
    internal static ScenarioNeeds Any { get; } =
        new([], [], false, false, NamesPair: true) { Segments = new SegmentNeeds(true, true, true) };

    /// <summary>It must have a namespace that nothing else uses: it runs processes of its own, meddles with segments, sends so much that
    /// others would wait, or tries again as long as something is in its way.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The interface at one end of the veth pair (192.0.2.1, 2001:db8::1).</summary>
    public const string PairFirst = "v0";

    /// <summary>The interface at the other end of the veth pair (198.51.100.1, 2001:db8:1::1).</summary>
    public const string PairSecond = "v1";

    private const string RangeSysctl = "net.ipv4.ip_local_port_range";
    private const string ReservedSysctl = "net.ipv4.ip_local_reserved_ports";

    /// <summary>An endpoint as <see cref="NameStep"/> tells it: <c>127.0.0.1:auto</c> where the system chose the port from a range that the
    /// scenario left as it is, since no rule says which one that is.</summary>
    public string TextOf(IpEndpoint endpoint) => EndpointNames.Of(
        endpoint.Address,
        !TouchesRange && endpoint.Port is >= HostSettings.DefaultLocalPortFirst and <= HostSettings.DefaultLocalPortLast
            && !Ports.Contains(endpoint.Port) ? null : endpoint.Port);

    /// <summary>Finds out from a scenario's steps what the host must provide for it.</summary>
    public static ScenarioNeeds Of(Scenario scenario)
    {
        var ports = new SortedSet<ushort>();
        var sysctls = new List<string>();
        var (portZero, range, pair, alone) = (false, false, false, false);
        var segments = default(SegmentNeeds);
        foreach (var next in scenario.Steps)
        {
            var step = next is RetryStep retry ? retry.Attempt : next;
            alone |= next is RetryStep or HoldStep or ReleaseStep or LoseStep or RepeatStep or StreamStep or SignalStep or ExitStep;
            switch (step)
            {
                case OpenStep open:
                    pair |= IsPair(open.Device);
                    alone |= open.Process is not null;
                    break;
                case SetStep { Option: SocketOption.BindToDevice } set:
                    pair |= IsPair(set.Value.Text);
                    break;
                case SetStep { Option: SocketOption.LocalPortRange }:
                    range = true;
                    break;
                case BindStep bind:
                    pair |= IsPair(bind.Scope);
                    portZero |= bind.Port == 0;
                    _ = ports.Add(bind.Port);
                    break;
                case ConnectStep { To: null } connect:
                    _ = ports.Add(connect.Port);
                    break;
                case SendStep { To: { } to }:
                    _ = ports.Add(to.Port);
                    break;
                case HoldStep:
                    segments = segments with { Holds = true, AsksOfClosed = true };
                    break;
                case RepeatStep:
                    segments = segments with { Repeats = true, AsksOfClosed = true };
                    break;
                case StateStep or StreamStep or ReleaseStep or LoseStep:
                    segments = segments with { AsksOfClosed = true };
                    break;
                case SysctlStep sysctl:
                    range |= sysctl.Name is RangeSysctl or ReservedSysctl;
                    if (!sysctls.Contains(sysctl.Name))
                        sysctls.Add(sysctl.Name);
                    break;
            }
        }
        _ = ports.Remove(0);
        return new ScenarioNeeds([.. ports], [.. sysctls], portZero, range, pair) { IsAlone = alone, Segments = segments };
    }

    private static bool IsPair(string? device) => device is PairFirst or PairSecond;
}

/// <summary>What a scenario does to segments, and asks of closed sockets: a host keeps for it what else it would forget.</summary>
/// <param name="Holds">It holds segments back (<see cref="HoldStep"/>).</param>
/// <param name="Repeats">It repeats old segments (<see cref="RepeatStep"/>).</param>
/// <param name="AsksOfClosed">It may speak of sockets that are closed.</param>
internal readonly record struct SegmentNeeds(bool Holds, bool Repeats, bool AsksOfClosed);
