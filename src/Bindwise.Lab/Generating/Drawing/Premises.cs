using System.Collections.Immutable;
using Bindwise.Lab.Generating.Deciding;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>Draws what holds for a scenario as a whole. A sysctl or a chosen port costs a namespace of its own live, a device a pair of interfaces: those are few.</summary>
internal static class Premises
{
    private const int PercentWithSettings = 5;
    private const int PercentWithUsers = 14;

    private static readonly Gen<ImmutableArray<SysctlStep>> NoSettings = Gen.Constant(ImmutableArray<SysctlStep>.Empty);

    private static readonly Gen<Families> AnyFamilies = Chance.Table((30, Families.IPv4), (22, Families.IPv6), (48, Families.Both));

    private static readonly Gen<Sharing> AnySharing = Chance.Table(
        (18, Sharing.Rare), (32, Sharing.Address), (16, Sharing.Port), (14, Sharing.Both), (20, Sharing.Either));

    private static readonly Gen<string?> AnyDevice = Chance.Table<string?>((950, null), (36, "lo"), (7, "v0"), (3, "v1"), (4, "nx0"));

    private static readonly Gen<ImmutableArray<SysctlStep>> SomeSettings =
        Chance.Of(PercentWithSettings).SelectMany(static drawn => drawn ? Settings.Few : NoSettings);

    private static readonly Gen<OptionValue?> OwnRanges = Chance.Table<(ushort First, ushort Last)>(
        (6, (40000, 40000)), (3, (40000, 40001)), (2, (40000, 40002)), (2, (40001, 40001)))
        .Select(static range => (OptionValue?)PortRangeWord.Of(range.First, range.Last));

    /// <summary>Any premise.</summary>
    public static Gen<Premise> Any { get; } =
        from theme in Chance.Table(
            (619, Theme.Tcp), (170, Theme.Udp), (120, Theme.Mixed), (40, Theme.NarrowTcp), (10, Theme.NarrowUdp), (10, Theme.SpreadUdp),
            (15, Theme.OwnRange), (8, Theme.Reuse), (8, Theme.Crowd))
        from premise in Of(theme, SomeSettings)
        select premise;

    /// <summary>Those about TCP connections, without sysctls.</summary>
    public static Gen<Premise> Connections { get; } = Of(Theme.Tcp, NoSettings);

    /// <summary>Those about TCP connections whose FIN_WAIT2 ends after so many seconds.</summary>
    public static Gen<Premise> ShortFinWait2(string seconds) =>
        Of(Theme.Tcp, Gen.Constant(ImmutableArray.Create(new SysctlStep("net.ipv4.tcp_fin_timeout", seconds))));

    private static Gen<Premise> Of(Theme theme, Gen<ImmutableArray<SysctlStep>> settings) =>
        from families in AnyFamilies
        from sharing in AnySharing
        from ipv4 in Places.IPv4
        from ipv6 in Places.IPv6
        from ports in theme == Theme.Crowd ? Gen.Constant(1) : Chance.Table((65, 1), (27, 2), (8, 3))
        from hasUsers in Chance.Of(PercentWithUsers)
        from device in AnyDevice
        from writes in SettingsOf(theme, settings)
        from ownRange in theme == Theme.OwnRange ? OwnRanges : Gen.Constant<OptionValue?>(null)
        select new Premise(theme, families, sharing, ipv4, ipv6, ports, hasUsers, device, writes) { OwnRange = ownRange };

    private static Gen<ImmutableArray<SysctlStep>> SettingsOf(Theme theme, Gen<ImmutableArray<SysctlStep>> settings) => theme switch
    {
        Theme.NarrowTcp => Settings.Narrow((4, "40000 40000"), (5, "40000 40001"), (2, "40000 40002"), (1, "40001 40002")),
        Theme.Reuse => Settings.Narrow((3, "40000 40000"), (2, "40000 40001")),
        Theme.NarrowUdp => Settings.Narrow((1, "40000 40000")),
        Theme.SpreadUdp => Settings.Narrow((1, "40000 40001"), (1, "40000 40002")),
        Theme.OwnRange => NoSettings,
        _ => settings,
    };
}
