using System.Collections.Immutable;
using Bindwise.Lab.Generating.Filtering;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>Draws what holds for a scenario as a whole. A sysctl or a chosen port costs a namespace of its own live, a device a pair of interfaces: those are few.</summary>
internal static class ScenarioParameterDraws
{
    private const int PercentWithSettings = 6;
    private const int PercentWithUsers = 14;

    private static readonly Gen<ImmutableArray<SysctlStep>> NoSettings = Gen.Constant(ImmutableArray<SysctlStep>.Empty);

    private static readonly Gen<AddressFamilies> AnyFamilies = RandomDraws.Table((30, AddressFamilies.IPv4), (22, AddressFamilies.IPv6), (48, AddressFamilies.Both));

    private static readonly Gen<AddressFamilies> OneFamily = Gen.Elements(AddressFamilies.IPv4, AddressFamilies.IPv6);

    private static readonly Gen<SharingFrequency> AnySharing = RandomDraws.Table(
        (18, SharingFrequency.Rare), (32, SharingFrequency.Address), (16, SharingFrequency.Port), (14, SharingFrequency.Both), (20, SharingFrequency.Either));

    private static readonly Gen<string?> AnyDevices = RandomDraws.Table<string?>((944, null), (32, "lo"), (12, "lo v0"), (7, "v0 v1"), (5, "nx0 lo"));

    private static readonly Gen<ImmutableArray<SysctlStep>> SomeSettings =
        RandomDraws.Of(PercentWithSettings).SelectMany(static drawn => drawn ? SysctlDraws.Few : NoSettings);

    private static readonly Gen<OptionValue?> OwnRanges = RandomDraws.Table<(ushort First, ushort Last)>(
        (6, (40000, 40000)), (3, (40000, 40001)), (2, (40000, 40002)), (2, (40001, 40001)))
        .Select(static range => (OptionValue?)PortRangeWord.Of(range.First, range.Last));

    /// <summary>Any premise.</summary>
    public static Gen<ScenarioParameters> Any { get; } = Gen.Frequency(
        (602, Of(ScenarioTopic.Tcp, SomeSettings)), (170, Of(ScenarioTopic.Udp, SomeSettings)), (120, Of(ScenarioTopic.Mixed, SomeSettings)),
        (40, Of(ScenarioTopic.NarrowTcp, SysctlDraws.Narrow((4, "40000 40000"), (5, "40000 40001"), (2, "40000 40002"), (1, "40001 40002")))),
        (10, Of(ScenarioTopic.NarrowUdp, SysctlDraws.Narrow((1, "40000 40000")))),
        (10, Of(ScenarioTopic.SpreadUdp, SysctlDraws.Narrow((1, "40000 40001"), (1, "40000 40002")))),
        (15, Of(ScenarioTopic.OwnRange, NoSettings)),
        (20, Of(ScenarioTopic.Reuse, SysctlDraws.Narrow((3, "40000 40000"), (2, "40000 40001")))),
        (13, Of(ScenarioTopic.Crowd, SomeSettings)));

    /// <summary>Those about TCP connections, without sysctls.</summary>
    public static Gen<ScenarioParameters> Connections { get; } = Of(ScenarioTopic.Tcp, NoSettings);

    /// <summary>Those about TCP connections whose FIN_WAIT2 ends after so many seconds.</summary>
    public static Gen<ScenarioParameters> ShortFinWait2(string seconds) =>
        Of(ScenarioTopic.Tcp, Gen.Constant(ImmutableArray.Create(new SysctlStep("net.ipv4.tcp_fin_timeout", seconds))));

    // What is drawn from is made here, once: a query would make it anew for every draw.
    private static Gen<ScenarioParameters> Of(ScenarioTopic theme, Gen<ImmutableArray<SysctlStep>> settings)
    {
        var isCrowd = theme == ScenarioTopic.Crowd;
        var (placesIPv4, placesIPv6) = isCrowd ? (BindAddresses.FewIPv4, BindAddresses.FewIPv6) : (BindAddresses.IPv4, BindAddresses.IPv6);
        var counts = isCrowd ? Gen.Constant(1) : RandomDraws.Table((65, 1), (27, 2), (8, 3));
        var manyFamilies = isCrowd ? OneFamily : AnyFamilies;
        var withUsers = RandomDraws.Of(PercentWithUsers);
        var ownRanges = theme == ScenarioTopic.OwnRange ? OwnRanges : Gen.Constant<OptionValue?>(null);
        return
            from families in manyFamilies
            from sharing in AnySharing
            from ipv4 in placesIPv4
            from ipv6 in placesIPv6
            from ports in counts
            from hasUsers in withUsers
            from devices in AnyDevices
            from writes in settings
            from ownRange in ownRanges
            select new ScenarioParameters(theme, families, sharing, ipv4, ipv6, ports, hasUsers, devices, writes) { OwnRange = ownRange };
    }
}
