using System.Collections.Immutable;

namespace Bindwise.Model.Snapshots;

/// <summary>The sysctls that the rules read (ip-sysctl), each null where it could not be read.</summary>
public sealed record HostSettings
{
    /// <summary>net.ipv4.ip_unprivileged_port_start: the first port that needs no privilege (1024 by default).</summary>
    public int? UnprivilegedPortStart { get; init; }

    /// <summary>net.ipv4.ip_local_port_range, first port.</summary>
    public int? LocalPortFirst { get; init; }

    /// <summary>net.ipv4.ip_local_port_range, last port.</summary>
    public int? LocalPortLast { get; init; }

    /// <summary>net.ipv4.ip_local_reserved_ports, as ranges.</summary>
    public ImmutableArray<PortRange> ReservedPorts { get; init; } = [];

    /// <summary>net.ipv4.ip_nonlocal_bind.</summary>
    public bool? NonLocalBindIPv4 { get; init; }

    /// <summary>net.ipv6.ip_nonlocal_bind.</summary>
    public bool? NonLocalBindIPv6 { get; init; }

    /// <summary>net.ipv6.bindv6only: the default of IPV6_V6ONLY.</summary>
    public bool? BindV6Only { get; init; }

    /// <summary>net.ipv4.ip_autobind_reuse.</summary>
    public bool? AutobindReuse { get; init; }

    /// <summary>net.ipv4.tcp_fin_timeout, in seconds.</summary>
    public int? FinTimeoutSeconds { get; init; }

    /// <summary>net.ipv4.tcp_tw_reuse: 0 off, 1 on, 2 (the default) for loopback; read only with the use of the ephemeral range.</summary>
    public int? TimeWaitReuse { get; init; }

    /// <summary>How late the kernel's timer wheel may end a TIME_WAIT, in milliseconds (2,048 at HZ=250); 0 when not known.</summary>
    public int TimerSlackMilliseconds { get; init; }

    /// <summary>The host can open IPv4 sockets.</summary>
    public bool HasIPv4 { get; init; } = true;

    /// <summary>The host can open IPv6 sockets (false: booted with ipv6.disable=1, or no module).</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>net.ipv6.conf.all.disable_ipv6 (and lo's): IPv6 sockets open, but no interface has an address.</summary>
    public bool? DisableIPv6 { get; init; }
}

/// <summary>Ports from first to last, both included.</summary>
/// <param name="First">The first port.</param>
/// <param name="Last">The last port.</param>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>Whether the port lies in the range.</summary>
    public bool Contains(int port) => port >= First && port <= Last;
}
