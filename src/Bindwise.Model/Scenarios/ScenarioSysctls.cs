using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>A sysctl that scenarios can write, with the values that the kernel takes (Documentation/networking/ip-sysctl.rst).</summary>
/// <param name="Name">The name with dots.</param>
/// <param name="Minimum">The smallest value; for a range of ports the smallest port.</param>
/// <param name="Maximum">The largest value.</param>
/// <param name="Default">What a new network namespace starts with.</param>
public sealed record Sysctl(string Name, long Minimum, long Maximum, string Default);

/// <summary>Every sysctl that the rules read. Writing a value out of range gives EINVAL, on both hosts.</summary>
public static class ScenarioSysctls
{
    /// <summary>All of them, by name.</summary>
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
}
