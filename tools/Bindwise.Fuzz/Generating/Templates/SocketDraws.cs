using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>Draws sockets and options for the parameters of a scenario.</summary>
internal static class SocketDraws
{
    private static readonly Gen<uint?> Users = RandomDraws.Table<uint?>((35, null), (40, 1000), (20, 1001), (5, 0));

    private static readonly Gen<bool> Seldom = RandomDraws.Of(7);
    private static readonly Gen<OptionSetting?> NoOption = Gen.Constant<OptionSetting?>(null);
    private static readonly Gen<OptionSetting?> PerhapsV6Only = RandomDraws.Perhaps(14, Flag(SocketOption.V6Only, 75));

    private static readonly Gen<OptionSetting> Extras = Gen.Frequency(
        (5, Flag(SocketOption.Freebind)),
        (2, Flag(SocketOption.FreebindIPv6)),
        (2, Flag(SocketOption.Transparent)),
        (3, Flag(SocketOption.BindAddressNoPort)),
        (3, Gen.Elements(-1L, 0, 1).Select(static seconds => new OptionSetting(SocketOption.Linger, new OptionValue(seconds)))),
        (1, Gen.Elements(3000L << 16 | 2000, 2000L << 16 | 3000, 0)
            .Select(static word => new OptionSetting(SocketOption.LocalPortRange, new OptionValue(word)))),
        (1, Gen.Elements("lo", "", "nx0")
            .Select(static device => new OptionSetting(SocketOption.BindToDevice, new OptionValue(0, device)))));

    /// <summary>Any socket for a key.</summary>
    public static Gen<NewSocket> Of(TemplateKey key, Protocol protocol)
    {
        var families = key.Families switch
        {
            AddressFamilies.IPv4 => Gen.Constant(false),
            AddressFamilies.IPv6 => Gen.Constant(true),
            _ => RandomDraws.Half
        };
        var manyOptions = OptionsOf(key);
        var users = key.HasUsers ? Users : Gen.Constant<uint?>(null);
        var devices = DevicesOf(key);
        return
            from isIPv6 in families
            from options in manyOptions
            from v6Only in isIPv6 ? PerhapsV6Only : NoOption
            from user in users
            from device in devices
            from isSetLater in RandomDraws.Half
            from name in RandomDraws.Ordinal
            from takesAnyName in Seldom
            select Assemble(protocol, isIPv6, v6Only is null ? options : [.. options, v6Only], user, device, isSetLater, name,
                takesAnyName);
    }

    /// <summary>Any option, as often off as it makes sense.</summary>
    public static Gen<OptionSetting> AnyOption(TemplateKey key) => key.Topic == ScenarioTopic.SpreadUdp
        ? Flag(SocketOption.Freebind)
        : Gen.Frequency(
            (7, Flag(SocketOption.ReuseAddress, 65)),
            (5, Flag(SocketOption.ReusePort, 60)),
            (2, Flag(SocketOption.V6Only, 60)),
            (2, Extras));

    private static Gen<string?> DevicesOf(TemplateKey key)
    {
        var none = Gen.Constant<string?>(null);
        if (key.Devices is not { } devices)
            return none;
        var some = Gen.Elements<string?>(devices.Split(' '));
        return RandomDraws.Of(60).SelectMany(drawn => drawn ? some : none);
    }

    private static Gen<OptionSetting[]> OptionsOf(TemplateKey key)
    {
        if (key.Topic == ScenarioTopic.SpreadUdp)
            return Gen.Constant<OptionSetting[]>([]);
        // Every one shares with the crowd, and not every one with each other.
        if (key.Topic == ScenarioTopic.Crowd)
            return Gen.Elements(Options(true, false, null), Options(true, true, null), Options(false, true, null));
        var (address, port) = key.Sharing switch
        {
            SharingFrequency.Rare => (8, 4),
            SharingFrequency.Address => (80, 6),
            SharingFrequency.Port => (8, 80),
            SharingFrequency.Both => (70, 70),
            _ => (40, 40),
        };
        var (addresses, ports, extras) = (RandomDraws.Of(address), RandomDraws.Of(port), RandomDraws.Perhaps(10, Extras));
        return
            from reuseAddress in addresses
            from reusePort in ports
            from extra in extras
            select Options(reuseAddress, reusePort, extra);
    }

    private static OptionSetting[] Options(bool reuseAddress, bool reusePort, OptionSetting? extra)
    {
        List<OptionSetting> options = [];
        if (reuseAddress)
            options.Add(new OptionSetting(SocketOption.ReuseAddress, OptionValue.Flag(true)));
        if (reusePort)
            options.Add(new OptionSetting(SocketOption.ReusePort, OptionValue.Flag(true)));
        if (extra is not null)
            options.Add(extra);
        return [.. options];
    }

    private static NewSocket Assemble(
        Protocol protocol, bool isIPv6, OptionSetting[] options, uint? user, string? device, bool isSetLater, int name, bool takesAnyName)
    {
        if (device is not null && isSetLater)
        {
            options = [.. options, new OptionSetting(SocketOption.BindToDevice, new OptionValue(0, device))];
            device = null;
        }
        return new NewSocket(protocol, isIPv6, options, user, device, name, takesAnyName);
    }

    private static Gen<OptionSetting> Flag(SocketOption option, int percentOn = 90) =>
        RandomDraws.Of(percentOn).Select(on => new OptionSetting(option, OptionValue.Flag(on)));
}

/// <summary>
/// The sysctls of random scenarios: every one of <see cref="ScenarioSysctls"/>, with values that are taken and values that are refused.
/// </summary>
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

/// <summary>The draws that all tables are made of.</summary>
internal static class RandomDraws
{
    private const int Ordinals = 240;

    /// <summary>Which one of those that there are: taken modulo their number when that is known.</summary>
    public static Gen<int> Ordinal { get; } = Gen.Choose(0, Ordinals - 1);

    /// <summary>True every other time.</summary>
    public static Gen<bool> Half { get; } = Of(50);

    /// <summary>True so many times of a hundred.</summary>
    public static Gen<bool> Of(int percent) => Gen.Choose(0, 99).Select(roll => roll < percent);

    /// <summary>A value so many times of a hundred, otherwise null.</summary>
    public static Gen<T?> Perhaps<T>(int percent, Gen<T> value) where T : class
    {
        var (some, none) = (value.Select(static v => (T?)v), Gen.Constant<T?>(null));
        return Of(percent).SelectMany(drawn => drawn ? some : none);
    }

    /// <summary>One of these values, each as often as its weight says.</summary>
    public static Gen<T> Table<T>(params (int Weight, T Value)[] rows) =>
        Gen.Frequency(Array.ConvertAll(rows, static row => (row.Weight, Gen.Constant(row.Value))));
}
