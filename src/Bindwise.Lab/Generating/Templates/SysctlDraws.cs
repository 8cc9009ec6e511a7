using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>The sysctls of random scenarios: every one of <see cref="ScenarioSysctls"/>, with values that are taken and values that are refused.</summary>
internal static class SysctlDraws
{
    /// <summary>Any write that leaves the ranges of ports as they are.</summary>
    public static Gen<SysctlStep> Any { get; } = Gen.OneOf(
        Values("net.ipv4.tcp_max_tw_buckets", "0", "0", "1"),
        Values("net.ipv4.tcp_tw_reuse", "0", "1", "2", "3", "-1"),
        Values("net.ipv4.tcp_tw_reuse_delay", "1000", "2000", "60000", "0", "60001"),
        Values("net.ipv4.tcp_timestamps", "0", "0", "1", "2", "256"),
        Values("net.ipv4.tcp_max_tw_buckets", "0", "1", "2", "4"),
        Values("net.ipv4.tcp_rfc1337", "0", "1", "1", "256"),
        Values("net.ipv4.tcp_fin_timeout", "20", "60", "120"),
        Values("net.ipv4.ip_nonlocal_bind", "0", "1", "1", "256"),
        Values("net.ipv6.ip_nonlocal_bind", "0", "1", "1", "256"),
        Values("net.ipv6.bindv6only", "0", "1", "1", "256"),
        Values("net.ipv4.ip_autobind_reuse", "0", "1", "2"),
        Values("net.ipv4.ip_unprivileged_port_start", "0", "80", "81", "1024", "65536"),
        Values("net.ipv4.ip_local_reserved_ports", "", "8080", "8080,9000-9005", "65536"),
        Values("net.ipv4.ip_local_port_range", "40001 40000", "0 40000", "40000 65536", "80 90", "32768 60999"));

    /// <summary>Up to two of them.</summary>
    public static Gen<ImmutableArray<SysctlStep>> Few { get; } =
        from count in RandomDraws.Table((3, 1), (1, 2))
        from steps in Any.ArrayOf(count)
        select ImmutableArray.Create(steps);

    /// <summary>A narrow range of ports, and what else bears on the kernel's choice.</summary>
    public static Gen<ImmutableArray<SysctlStep>> Narrow(params (int Weight, string Range)[] ranges)
    {
        var firsts = RandomDraws.Table(ranges).Select(static range => (SysctlStep?)new SysctlStep("net.ipv4.ip_local_port_range", range));
        return Gen.CollectToArray(
        [
            firsts,
            RandomDraws.Perhaps(20, Values("net.ipv4.ip_local_reserved_ports", "40000", "40001", "40000-40001", "40002")),
            RandomDraws.Perhaps(45, Values("net.ipv4.ip_autobind_reuse", "1", "1", "1", "0")),
            RandomDraws.Perhaps(35, Values("net.ipv4.tcp_tw_reuse", "0", "1", "1", "2")),
            RandomDraws.Perhaps(8, Values("net.ipv4.tcp_timestamps", "0")),
            RandomDraws.Perhaps(8, Values("net.ipv4.tcp_tw_reuse_delay", "2000", "60000")),
        ]).Select(static steps => ImmutableArray.CreateRange(steps.OfType<SysctlStep>()));
    }

    private static Gen<SysctlStep> Values(string name, params string[] values) =>
        Gen.Elements(Array.ConvertAll(values, value => new SysctlStep(name, value)));
}
