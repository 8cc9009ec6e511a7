using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// One rule of SocketBindAllow= or SocketBindDeny= (systemd.resource-control(5)): systemd attaches them to the unit's cgroup as programs on
/// bind(), and a bind that is denied there fails with EPERM.
/// </summary>
/// <param name="Allows">SocketBindAllow=; false for SocketBindDeny=.</param>
/// <param name="Family">Only binds of this family; null for both.</param>
/// <param name="Protocol">Only binds of this protocol; null for both.</param>
/// <param name="Ports">Only binds to these ports; null for every port.</param>
/// <param name="Text">The line as it stands in the unit file.</param>
public sealed record SocketBindRule(bool Allows, IpFamily? Family, Protocol? Protocol, PortRange? Ports, string Text)
{
    /// <summary>Whether a bind falls under the rule. Port 0 is looked at as it is (bpf/socket_bind of systemd).</summary>
    public bool Covers(BindRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Protocol != Addresses.Protocol.Unix
            && (Family is not { } family || family == request.Address.Family)
            && (Protocol is not { } protocol || protocol == request.Protocol)
            && (Ports is not { } ports || ports.Contains(request.Port));
    }
}
