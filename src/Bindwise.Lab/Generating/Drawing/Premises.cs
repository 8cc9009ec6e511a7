using System.Collections.Immutable;
using Bindwise.Lab.Generating.Deciding;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>Draws what holds for a scenario as a whole. A sysctl or a chosen port costs a namespace of its own live, a device a pair of interfaces: those are few.</summary>
internal static class Premises
{
    private const int PercentWithSettings = 6;
    private const int PercentWithUsers = 14;

    private static readonly Gen<ImmutableArray<SysctlStep>> NoSettings = Gen.Constant(ImmutableArray<SysctlStep>.Empty);

    private static readonly Gen<Families> AnyFamilies = Chance.Table((30, Families.IPv4), (22, Families.IPv6), (48, Families.Both));

    private static readonly Gen<Families> OneFamily = Gen.Elements(Families.IPv4, Families.IPv6);

    private static readonly Gen<Sharing> AnySharing = Chance.Table(
        (18, Sharing.Rare), (32, Sharing.Address), (16, Sharing.Port), (14, Sharing.Both), (20, Sharing.Either));

    private static readonly Gen<string?> AnyDevices = Chance.Table<string?>((944, null), (32, "lo"), (12, "lo v0"), (7, "v0 v1"), (5, "nx0 lo"));

    private static readonly Gen<ImmutableArray<SysctlStep>> SomeSettings =
        Chance.Of(PercentWithSettings).SelectMany(static drawn => drawn ? Settings.Few : NoSettings);

    private static readonly Gen<OptionValue?> OwnRanges = Chance.Table<(ushort First, ushort Last)>(
        (6, (40000, 40000)), (3, (40000, 40001)), (2, (40000, 40002)), (2, (40001, 40001)))
        .Select(static range => (OptionValue?)PortRangeWord.Of(range.First, range.Last));

    /// <summary>Any premise.</summary>
    public static Gen<Premise> Any { get; } = Gen.Frequency(
        (602, Of(Theme.Tcp, SomeSettings)), (170, Of(Theme.Udp, SomeSettings)), (120, Of(Theme.Mixed, SomeSettings)),
        (40, Of(Theme.NarrowTcp, Settings.Narrow((4, "40000 40000"), (5, "40000 40001"), (2, "40000 40002"), (1, "40001 40002")))),
        (10, Of(Theme.NarrowUdp, Settings.Narrow((1, "40000 40000")))),
        (10, Of(Theme.SpreadUdp, Settings.Narrow((1, "40000 40001"), (1, "40000 40002")))),
        (15, Of(Theme.OwnRange, NoSettings)),
        (20, Of(Theme.Reuse, Settings.Narrow((3, "40000 40000"), (2, "40000 40001")))),
        (13, Of(Theme.Crowd, SomeSettings)));

    /// <summary>Those about TCP connections, without sysctls.</summary>
    public static Gen<Premise> Connections { get; } = Of(Theme.Tcp, NoSettings);

    /// <summary>Those about TCP connections whose FIN_WAIT2 ends after so many seconds.</summary>
    public static Gen<Premise> ShortFinWait2(string seconds) =>
        Of(Theme.Tcp, Gen.Constant(ImmutableArray.Create(new SysctlStep("net.ipv4.tcp_fin_timeout", seconds))));

    // What is drawn from is made here, once: a query would make it anew for every draw.
    private static Gen<Premise> Of(Theme theme, Gen<ImmutableArray<SysctlStep>> settings)
    {
        var isCrowd = theme == Theme.Crowd;
        var (placesIPv4, placesIPv6) = isCrowd ? (Places.FewIPv4, Places.FewIPv6) : (Places.IPv4, Places.IPv6);
        var counts = isCrowd ? Gen.Constant(1) : Chance.Table((65, 1), (27, 2), (8, 3));
        var manyFamilies = isCrowd ? OneFamily : AnyFamilies;
        var withUsers = Chance.Of(PercentWithUsers);
        var ownRanges = theme == Theme.OwnRange ? OwnRanges : Gen.Constant<OptionValue?>(null);
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
            select new Premise(theme, families, sharing, ipv4, ipv6, ports, hasUsers, devices, writes) { OwnRange = ownRange };
    }
}
