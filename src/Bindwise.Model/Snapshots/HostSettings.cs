namespace Bindwise.Diagnostics;

/// <summary>The sysctls that the rules read (ip-sysctl), each null where it could not be read.</summary>
internal sealed record HostSettings
{
    private readonly EquatableArray<PortRange> _reservedPorts;

    /// <summary>The first port that Linux picks for port 0 unless it was told otherwise (inet_init_net(), net/ipv4/af_inet.c).</summary>
    public const int DefaultLocalPortFirst = 32768;

    /// <summary>The last port that Linux picks for port 0 unless it was told otherwise (inet_init_net(), net/ipv4/af_inet.c).</summary>
    public const int DefaultLocalPortLast = 60999;

    /// <summary>The first port that needs no privilege unless Linux was told otherwise (inet_init_net(), net/ipv4/af_inet.c).</summary>
    public const int DefaultUnprivilegedPortStart = 1024;

    /// <summary>net.ipv4.ip_unprivileged_port_start: the first port that needs no privilege (1024 by default).</summary>
    public int? UnprivilegedPortStart { get; init; }

    /// <summary>net.ipv4.ip_local_port_range: the first port that the kernel picks for port 0 (32768 by default).</summary>
    public int? LocalPortFirst { get; init; }

    /// <summary>net.ipv4.ip_local_port_range: the last port that the kernel picks for port 0 (60999 by default).</summary>
    public int? LocalPortLast { get; init; }

    /// <summary>
    /// net.ipv4.ip_local_port_range, or what Linux begins with where it was not read, or is no range: a snapshot that somebody else saved
    /// may say anything.
    /// </summary>
    public PortRange LocalPorts => (LocalPortFirst ?? DefaultLocalPortFirst, LocalPortLast ?? DefaultLocalPortLast) is var (first, last)
        && PortRange.AreEnds(first, last)
        ? new PortRange(first, last) : new PortRange(DefaultLocalPortFirst, DefaultLocalPortLast);

    /// <summary>
    /// Of a range with an odd number of ports TCP tries one fewer at a time: the first is left out, or the last
    /// (inet_csk_find_open_port(), __inet_hash_connect()).
    /// </summary>
    internal bool IsOnePortSkipped => LocalPorts is var range && range.First < range.Last && (range.Last - range.First) % 2 == 0;

    /// <summary>An IPv6 socket leaves IPv4 alone: by the program, else by net.ipv6.bindv6only, off where it was not read.</summary>
    internal bool IsV6Only(BindRequest request) => request.V6Only ?? BindV6Only ?? false;

    /// <summary>The first port that needs no privilege, or what Linux begins with where it was not read.</summary>
    public int FirstUnprivilegedPort => UnprivilegedPortStart ?? DefaultUnprivilegedPortStart;

    /// <summary>net.ipv4.ip_local_reserved_ports: ports of that range that the kernel does not pick.</summary>
    public ImmutableArray<PortRange> ReservedPorts { get => _reservedPorts; init => _reservedPorts = value; }

    /// <summary>The kernel gives the port to sockets that ask for none; false where the range was not read.</summary>
    public bool IsEphemeral(int port) => port >= LocalPortFirst && port <= LocalPortLast;

    /// <summary>The port is reserved: the kernel leaves it out of the range.</summary>
    public bool IsReserved(int port) => ReservedPorts.Any(range => range.Contains(port));

    /// <summary>How many ports of a range are reserved; at most all of it, whatever a saved snapshot says.</summary>
    public int CountReserved(PortRange range) => (int)Math.Min(range.Last - range.First + 1L, ReservedPorts
        .Sum(one => Math.Max(0L, Math.Min(one.Last, range.Last) - Math.Max(one.First, range.First) + 1L)));

    /// <summary>
    /// What they are to a socket that may have only parts of the range (IP_LOCAL_PORT_RANGE): what lies between is as if reserved.
    /// </summary>
    public HostSettings Within(ImmutableArray<PortRange> parts)
    {
        var ordered = parts.OrderBy(static one => one.First).ToList();
        return this with
        {
            LocalPortFirst = ordered[0].First,
            LocalPortLast = ordered[^1].Last,
            ReservedPorts = [.. ReservedPorts,
                .. ordered.Zip(ordered.Skip(1), static (one, next) => new PortRange(one.Last + 1, next.First - 1))],
        };
    }

    /// <summary>An outgoing connection may be given the port.</summary>
    public bool MayGiveOut(int port) => IsEphemeral(port) && !IsReserved(port);

    /// <summary>net.ipv4.ip_nonlocal_bind: bind() takes IPv4 addresses that the host does not have.</summary>
    public bool? NonLocalBindIPv4 { get; init; }

    /// <summary>net.ipv6.ip_nonlocal_bind: bind() takes IPv6 addresses that the host does not have.</summary>
    public bool? NonLocalBindIPv6 { get; init; }

    /// <summary>net.ipv6.bindv6only: the default of IPV6_V6ONLY.</summary>
    public bool? BindV6Only { get; init; }

    /// <summary>net.ipv4.ip_autobind_reuse: if no port is free, port 0 may share one between sockets with SO_REUSEADDR.</summary>
    public bool? AutobindReuse { get; init; }

    /// <summary>net.ipv4.tcp_fin_timeout, in seconds: how long FIN_WAIT2 lasts once no process holds the socket (60 by default).</summary>
    public int? FinTimeoutSeconds { get; init; }

    /// <summary>net.ipv4.tcp_tw_reuse: 0 off, 1 on, 2 (the default) for loopback; read only with the use of the ephemeral range.</summary>
    public int? TimeWaitReuse { get; init; }

    /// <summary>
    /// net.ipv4.tcp_tw_reuse_delay, in milliseconds: how old a TIME_WAIT is before connect() takes it over. Read with
    /// <see cref="TimeWaitReuse"/>; older kernels have no such setting and wait a second.
    /// </summary>
    public int TimeWaitReuseDelay { get; init; } = DefaultTimeWaitReuseDelay;

    /// <summary>What Linux begins with (tcp_sk_init(), net/ipv4/tcp_ipv4.c).</summary>
    public const int DefaultTimeWaitReuseDelay = 1000;

    /// <summary>How late the kernel's timer wheel may end a TIME_WAIT, in milliseconds (2,048 at HZ=250); 0 when not known.</summary>
    public int TimerSlackMilliseconds { get; init; }

    /// <summary>net.ipv4.tcp_l3mdev_accept: all VRFs have the same TCP ports. Read where there is a VRF.</summary>
    public bool? TcpL3mdevAccept { get; init; }

    public bool HasIPv4 { get; init; } = true;

    /// <summary>The host can open IPv6 sockets (false: booted with ipv6.disable=1, or no module).</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>
    /// Who asks may open sockets of IPv4: no filter of system calls refuses them (RestrictAddressFamilies= of systemd.exec(5)).
    /// </summary>
    public bool MayOpenIPv4 { get; init; } = true;

    /// <summary>The same of IPv6.</summary>
    public bool MayOpenIPv6 { get; init; } = true;

    /// <summary>net.ipv6.conf.all.disable_ipv6 (and lo's): IPv6 sockets open, but no interface has an address.</summary>
    public bool? DisableIPv6 { get; init; }
}

internal enum NameKind : byte
{
    /// <summary>A host name, looked up by getaddrinfo(3).</summary>
    Host,

    /// <summary>A service name, looked up in /etc/services.</summary>
    Service,
}

/// <summary>A name that the target used, and what the host made of it.</summary>
/// <param name="Addresses">A host's addresses, in the resolver's order; empty when unknown.</param>
internal sealed record NameLookup(NameKind Kind, string Name, ImmutableArray<IpAddress> Addresses, ushort? Port = null)
{
    private readonly EquatableArray<IpAddress> _addresses = Addresses;

    public ImmutableArray<IpAddress> Addresses { get => _addresses; init => _addresses = value; }
}
