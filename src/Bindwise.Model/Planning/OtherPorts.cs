using System.Collections;
using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Planning;

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
