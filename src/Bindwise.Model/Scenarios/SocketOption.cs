namespace Bindwise.Model.Scenarios;

/// <summary>The options that scenarios can set, as socket(7), ip(7), ipv6(7) and tcp(7) name them.</summary>
internal enum SocketOption : byte
{
    /// <summary>SO_REUSEADDR (socket(7)), on or off.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT (socket(7)), on or off.</summary>
    ReusePort,

    /// <summary>IPV6_V6ONLY (ipv6(7)), on or off; only while the socket has no port.</summary>
    V6Only,

    /// <summary>SO_BINDTODEVICE; the value is an interface's name, empty to unbind.</summary>
    BindToDevice,

    /// <summary>IP_FREEBIND (ip(7)), on or off: bind() takes an address that the host does not have.</summary>
    Freebind,

    /// <summary>IPV6_FREEBIND, on or off: IP_FREEBIND for IPv6.</summary>
    FreebindIPv6,

    /// <summary>IP_TRANSPARENT (ip(7)), on or off; needs CAP_NET_ADMIN or CAP_NET_RAW.</summary>
    Transparent,

    /// <summary>IP_BIND_ADDRESS_NO_PORT (ip(7)), on or off: bind() to port 0 leaves the port to connect().</summary>
    BindAddressNoPort,

    /// <summary>
    /// IP_LOCAL_PORT_RANGE; the value is the kernel's word (last port shifted by 16, or'ed with the first), or the text <c>first-last</c>.
    /// </summary>
    LocalPortRange,

    /// <summary>SO_LINGER; the value is the seconds, negative to switch it off.</summary>
    Linger,
}

internal static class SocketOptionNames
{
    private static readonly (SocketOption Option, string Name)[] Table =
    [
        (SocketOption.ReuseAddress, "SO_REUSEADDR"),
        (SocketOption.ReusePort, "SO_REUSEPORT"),
        (SocketOption.V6Only, "IPV6_V6ONLY"),
        (SocketOption.BindToDevice, "SO_BINDTODEVICE"),
        (SocketOption.Freebind, "IP_FREEBIND"),
        (SocketOption.FreebindIPv6, "IPV6_FREEBIND"),
        (SocketOption.Transparent, "IP_TRANSPARENT"),
        (SocketOption.BindAddressNoPort, "IP_BIND_ADDRESS_NO_PORT"),
        (SocketOption.LocalPortRange, "IP_LOCAL_PORT_RANGE"),
        (SocketOption.Linger, "SO_LINGER"),
    ];

    public static IEnumerable<string> All => Table.Select(static row => row.Name);

    public static string Of(SocketOption option) => Array.Find(Table, row => row.Option == option).Name;

    public static bool TryParse(string name, out SocketOption option)
    {
        var row = Array.Find(Table, r => r.Name == name);
        option = row.Option;
        return row.Name is not null;
    }
}

/// <summary>A sysctl that scenarios can write, with the values that the kernel takes (Documentation/networking/ip-sysctl.rst).</summary>
/// <param name="Minimum">The smallest value; for a range of ports the smallest port.</param>
/// <param name="Default">What a new network namespace starts with.</param>
internal sealed record Sysctl(string Name, long Minimum, long Maximum, string Default);

/// <summary>Every sysctl that the rules read. Writing a value out of range gives EINVAL, on both hosts.</summary>
internal static class ScenarioSysctls
{
    public static ImmutableArray<Sysctl> All { get; } =
    [
        new("net.ipv4.ip_autobind_reuse", 0, 1, "0"),
        new("net.ipv4.ip_local_port_range", 1, 65535, "32768 60999"),
        new("net.ipv4.ip_local_reserved_ports", 0, 65535, ""),
        new("net.ipv4.ip_nonlocal_bind", 0, 255, "0"),
        new("net.ipv4.ip_unprivileged_port_start", 0, 65535, "1024"),
        new("net.ipv4.tcp_fin_timeout", int.MinValue, int.MaxValue, "60"),
        new("net.ipv4.tcp_max_tw_buckets", int.MinValue, int.MaxValue, "131072"),
        new("net.ipv4.tcp_rfc1337", 0, 255, "0"),
        new("net.ipv4.tcp_timestamps", 0, 255, "1"),
        new("net.ipv4.tcp_tw_reuse", 0, 2, "2"),
        new("net.ipv4.tcp_tw_reuse_delay", 1, 60000, "1000"),
        new("net.ipv6.bindv6only", 0, 255, "0"),
        new("net.ipv6.ip_nonlocal_bind", 0, 255, "0"),
    ];

    /// <summary>The sysctl of a name; null when scenarios do not know it.</summary>
    public static Sysctl? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>The sysctl of a name as a release of Linux has it; null where it has none.</summary>
    public static Sysctl? Find(string name, KernelRelease kernel) => Find(name) switch
    {
        { Name: "net.ipv4.tcp_tw_reuse_delay" } when !kernel.Has(KernelChanges.TimeWaitReuseDelay) => null,
        { Name: "net.ipv6.bindv6only" or "net.ipv6.ip_nonlocal_bind" } sysctl when !kernel.Has(KernelChanges.ByteSysctls) =>
            sysctl with { Minimum = int.MinValue, Maximum = int.MaxValue },
        var sysctl => sysctl,
    };
}
