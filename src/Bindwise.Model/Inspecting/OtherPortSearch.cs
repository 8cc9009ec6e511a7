using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Inspecting;

/// <summary>Finds a port to take instead of the one that was asked about, by bind().</summary>
/// <param name="host">Whom to ask; the binds in question are known.</param>
internal sealed class OtherPortSearch(IHostReader host)
{
    /// <summary>Tries the ports beside it until one can be bound that no socket of either family has; it is closed at once.</summary>
    /// <returns>The port; null when none of them can be bound, or no bind can be tried.</returns>
    public ushort? Find()
    {
        foreach (var port in NearbyPorts.Of(host.Plan.Port!.Value, host.Snapshot.Settings, host.Snapshot.Caller.MayBinderBindPrivilegedPorts == Fact.Yes))
        {
            // Where a program's own bind cannot be tried, neither can this.
            if (host.Snapshot.Caller.As?.ProbeObstacle is not null)
                return null;
            if (CanBind(port))
                return port;
        }
        return null;
    }

    private bool CanBind(ushort port)
    {
        var asked = host.Plan.Asked[0];
        var dualStack = new BindRequest { Protocol = asked.Protocol, Address = IpAddress.AnyIPv6, Port = port, V6Only = false, UserId = asked.UserId };
        using (host.LockPort(port))
        {
            var result = host.Probe(dualStack);
            // A host without IPv6.
            if (result is not null && ErrnoNames.Of(result.Errno) is "EAFNOSUPPORT" or "EADDRNOTAVAIL")
                result = host.Probe(dualStack with { Address = IpAddress.AnyIPv4, V6Only = null });
            return result is { Errno: 0, Landed: null };
        }
    }
}
