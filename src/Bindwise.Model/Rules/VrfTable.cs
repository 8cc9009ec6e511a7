namespace Bindwise.Model.Rules;

/// <summary>
/// Which interfaces belong to which VRF (virtual routing and forwarding). Each VRF has local addresses of its own, and TCP ports of its
/// own: the kernel keeps the sockets of a port in one bucket for each (inet_bind_bucket_match(), net/ipv4/inet_hashtables.c). UDP knows
/// interfaces alone.
/// </summary>
/// <param name="interfaces">The interfaces of the network namespace; none where no socket is bound to one.</param>
/// <param name="arePortsShared">net.ipv4.tcp_l3mdev_accept: all VRFs have the same TCP ports.</param>
internal readonly struct VrfTable(ImmutableArray<InterfaceRecord> interfaces, bool arePortsShared)
{
    /// <summary>That of a host; empty where it has no VRF, so that nobody looks for one.</summary>
    public static VrfTable Of(Snapshot snapshot) => snapshot.Interfaces.Any(static link => link.VrfIndex != 0)
        ? new(snapshot.Interfaces, snapshot.Settings.TcpL3mdevAccept == true) : default;

    /// <summary>The VRF of a socket that is bound to an interface (l3mdev_master_ifindex_by_index()); 0 for none.</summary>
    /// <param name="deviceIndex">The bound interface; 0 for none.</param>
    public uint Of(uint deviceIndex)
    {
        if (deviceIndex == 0 || interfaces.IsDefaultOrEmpty)
            return 0;
        foreach (var link in interfaces)
        {
            if (link.Index == deviceIndex)
                return link.VrfIndex;
        }
        return 0;
    }

    /// <summary>The VRF whose TCP ports such a socket has (inet_sk_bound_l3mdev()); 0 for the host's.</summary>
    /// <param name="deviceIndex">The bound interface; 0 for none.</param>
    public uint PortsOf(uint deviceIndex) => arePortsShared ? 0 : Of(deviceIndex);
}
