using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Inspecting;

/// <summary>Finds a port to take instead of the one that was asked about, by bind().</summary>
internal static class OtherPortSearch
{
    /// <summary>Tries the ports beside it until one can be bound that no socket of either family has; it is closed at once.</summary>
    /// <returns>The port, null when none of them can be bound; and why no bind can be tried in the place of the
    /// program in question, null where one can.</returns>
    public static (ushort? Port, string? Obstacle) Find(IHostReader host, Snapshot known, RequestPlan plan)
    {
        // Where a program's own bind cannot be tried, neither can this.
        if (known.Caller.As?.ProbeObstacle is not null)
            return default;
        foreach (var port in NearbyPorts.Of(plan.Port!.Value, known.Settings, known.Caller.MayBinderBindPrivilegedPorts == Fact.Yes))
        {
            var answer = Bind(host, known, plan.Asked[0], port);
            if (answer.Result is { Errno: 0, Landed: null })
                return (port, null);
            if (answer.Obstacle is not null)
                return (null, answer.Obstacle);
        }
        return default;
    }

    private static ProbeAnswer Bind(IHostReader host, Snapshot known, BindRequest asked, ushort port)
    {
        var dualStack =
            new BindRequest { Protocol = asked.Protocol, Address = IpAddress.AnyIPv6, Port = port, V6Only = false, UserId = asked.UserId };
        using (host.LockPort(port))
        {
            var answer = host.Probe(known, dualStack);
            // A host without IPv6.
            return answer.Result is { } result && ErrnoNames.Of(result.Errno) is "EAFNOSUPPORT" or "EADDRNOTAVAIL"
                ? host.Probe(known, dualStack with { Address = IpAddress.AnyIPv4, V6Only = null })
                : answer;
        }
    }
}
