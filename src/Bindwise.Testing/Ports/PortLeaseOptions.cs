using System.Net;

namespace Bindwise.Testing;

/// <summary>Which ports to lease, and how they are held. Immutable; checked when they are leased.</summary>
public sealed record PortLeaseOptions
{
    /// <summary>Any TCP port outside the ephemeral range, on every address, held by a socket.</summary>
    public static PortLeaseOptions Default { get; } = new();

    /// <summary>
    /// Only these ports; null: any from 1024 on outside the ephemeral range
    /// (net.ipv4.ip_local_port_range), those from 10000 on first, in a random order.
    /// </summary>
    public PortRange? Range { get; init; }

    /// <summary>
    /// The address that the server will bind; null: every address of both families, so that no address of the port is taken.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>TCP, UDP or both: the port is free for all of them.</summary>
    public Transports Transports { get; init; } = Transports.Tcp;

    /// <summary>
    /// A bound TCP socket holds the port until the lease ends: only a server that sets SO_REUSEADDR can bind beside it, as .NET's own
    /// sockets, Kestrel, Go, Node.js and nearly all servers do on Linux (socket(7)). False, for a server that does not: the port is free,
    /// and only other leases stay away from it. No socket can hold a UDP port for somebody else.
    /// </summary>
    public bool HoldsPort { get; init; } = true;
}
