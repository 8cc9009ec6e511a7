using System.Collections.Concurrent;
using System.Collections.Immutable;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>What a scenario turns on.</summary>
internal enum ScenarioTopic
{
    /// <summary>TCP connections on a few ports.</summary>
    Tcp,

    /// <summary>UDP on a few ports.</summary>
    Udp,

    /// <summary>Both protocols, which never meet.</summary>
    Mixed,

    /// <summary>TCP with so few ports to choose from that the kernel's choice is known, and ends.</summary>
    NarrowTcp,

    /// <summary>UDP with one port to choose from.</summary>
    NarrowUdp,

    /// <summary>
    /// UDP sockets that are all alike, with two or three ports to choose from: how many there are is known, which one is not.
    /// </summary>
    SpreadUdp,

    /// <summary>Sockets with an IP_LOCAL_PORT_RANGE of their own.</summary>
    OwnRange,

    /// <summary>
    /// TCP clients that have a port or two to choose from, whose connections have ended: their servers' ports are others.
    /// </summary>
    Reuse,

    /// <summary>UDP with more than ten sockets on one port.</summary>
    Crowd,

    /// <summary>UDP over a veth pair: the addresses of its ends, groups and broadcast addresses.</summary>
    Links,
}

/// <summary>Which families a scenario's sockets have.</summary>
internal enum AddressFamilies
{
    /// <summary>AF_INET.</summary>
    IPv4,

    /// <summary>AF_INET6.</summary>
    IPv6,

    /// <summary>Either.</summary>
    Both,
}

/// <summary>How often a scenario's sockets share: an option matters most when both sides have it.</summary>
internal enum SharingFrequency
{
    /// <summary>Hardly ever.</summary>
    Rare,

    /// <summary>Mostly SO_REUSEADDR.</summary>
    Address,

    /// <summary>Mostly SO_REUSEPORT.</summary>
    Port,

    /// <summary>Mostly both.</summary>
    Both,

    /// <summary>Each as it comes.</summary>
    Either,
}

/// <summary>What holds for one scenario as a whole: few addresses, few ports, so that its sockets meet.</summary>
/// <param name="Topic">What it turns on.</param>
/// <param name="Families">Its sockets' families.</param>
/// <param name="Sharing">How often they share.</param>
/// <param name="IPv4">The places of AF_INET sockets.</param>
/// <param name="IPv6">The places of AF_INET6 sockets.</param>
/// <param name="Ports">How many ports it names: 1 to 3.</param>
/// <param name="HasUsers">Some sockets are other users'.</param>
/// <param name="Devices">The interfaces that some sockets are bound to, a space between two; null for none.</param>
/// <param name="Settings">The sysctls that it writes first.</param>
internal sealed record ScenarioParameters(
    ScenarioTopic Topic, AddressFamilies Families, SharingFrequency Sharing, BindAddress[] IPv4, BindAddress[] IPv6, int Ports,
    bool HasUsers, string? Devices, ImmutableArray<SysctlStep> Settings)
{
    /// <summary>The word of IP_LOCAL_PORT_RANGE that this scenario's sockets have, where they have one.</summary>
    public OptionValue? OwnRange { get; init; }
}

/// <summary>
/// Draws what holds for a scenario as a whole. A sysctl or a chosen port costs a namespace of its own
/// live, a device a pair of interfaces: those are few.
/// </summary>
internal static class ScenarioParameterDraws
{
    private const int PercentWithSettings = 6;
    private const int PercentWithUsers = 14;

    private static readonly Gen<ImmutableArray<SysctlStep>> NoSettings = Gen.Constant(ImmutableArray<SysctlStep>.Empty);

    private static readonly Gen<AddressFamilies> AnyFamilies =
        RandomDraws.Table((30, AddressFamilies.IPv4), (22, AddressFamilies.IPv6), (48, AddressFamilies.Both));

    private static readonly Gen<AddressFamilies> OneFamily = Gen.Elements(AddressFamilies.IPv4, AddressFamilies.IPv6);

    private static readonly Gen<SharingFrequency> AnySharing = RandomDraws.Table(
        (18, SharingFrequency.Rare), (32, SharingFrequency.Address), (16, SharingFrequency.Port), (14, SharingFrequency.Both),
        (20, SharingFrequency.Either));

    private static readonly Gen<string?> AnyDevices =
        RandomDraws.Table<string?>((944, null), (32, "lo"), (12, "lo v0"), (7, "v0 v1"), (5, "nx0 lo"));

    private static readonly Gen<ImmutableArray<SysctlStep>> SomeSettings =
        RandomDraws.Of(PercentWithSettings).SelectMany(static drawn => drawn ? SysctlDraws.Few : NoSettings);

    private static readonly Gen<OptionValue?> OwnRanges = RandomDraws.Table<(ushort First, ushort Last)>(
        (6, (40000, 40000)), (3, (40000, 40001)), (2, (40000, 40002)), (2, (40001, 40001)))
        .Select(static range => (OptionValue?)PortRangeWord.Of(range.First, range.Last));

    /// <summary>The parameters of any scenario.</summary>
    public static Gen<ScenarioParameters> Any { get; } = Gen.Frequency(
        (602, Of(ScenarioTopic.Tcp, SomeSettings)), (170, Of(ScenarioTopic.Udp, SomeSettings)),
        (120, Of(ScenarioTopic.Mixed, SomeSettings)),
        (40, Of(ScenarioTopic.NarrowTcp,
            SysctlDraws.Narrow((4, "40000 40000"), (5, "40000 40001"), (2, "40000 40002"), (1, "40001 40002")))),
        (10, Of(ScenarioTopic.NarrowUdp, SysctlDraws.Narrow((1, "40000 40000")))),
        (10, Of(ScenarioTopic.SpreadUdp, SysctlDraws.Narrow((1, "40000 40001"), (1, "40000 40002")))),
        (15, Of(ScenarioTopic.OwnRange, NoSettings)),
        (20, Of(ScenarioTopic.Reuse, SysctlDraws.Narrow((3, "40000 40000"), (2, "40000 40001")))),
        (13, Of(ScenarioTopic.Crowd, SomeSettings)),
        (25, Of(ScenarioTopic.Links, SomeSettings)));

    /// <summary>Those about TCP connections, without sysctls.</summary>
    public static Gen<ScenarioParameters> Connections { get; } = Of(ScenarioTopic.Tcp, NoSettings);

    /// <summary>Those about TCP connections whose FIN_WAIT2 ends after so many seconds.</summary>
    public static Gen<ScenarioParameters> ShortFinWait2(string seconds) =>
        Of(ScenarioTopic.Tcp, Gen.Constant(ImmutableArray.Create(new SysctlStep("net.ipv4.tcp_fin_timeout", seconds))));

    // What is drawn from is made here, once: a query would make it anew for every draw.
    private static Gen<ScenarioParameters> Of(ScenarioTopic topic, Gen<ImmutableArray<SysctlStep>> settings)
    {
        var isCrowd = topic == ScenarioTopic.Crowd;
        var (placesIPv4, placesIPv6) = topic switch
        {
            ScenarioTopic.Crowd => (BindAddresses.FewIPv4, BindAddresses.FewIPv6),
            ScenarioTopic.Links => (BindAddresses.OnLinksIPv4, BindAddresses.OnLinksIPv6),
            _ => (BindAddresses.IPv4, BindAddresses.IPv6),
        };
        var counts = isCrowd ? Gen.Constant(1) : RandomDraws.Table((65, 1), (27, 2), (8, 3));
        var manyFamilies = isCrowd ? OneFamily : AnyFamilies;
        var manyDevices = topic == ScenarioTopic.Links ? Gen.Constant<string?>("v0 v1 lo") : AnyDevices;
        var withUsers = RandomDraws.Of(PercentWithUsers);
        var ownRanges = topic == ScenarioTopic.OwnRange ? OwnRanges : Gen.Constant<OptionValue?>(null);
        return
            from families in manyFamilies
            from sharing in AnySharing
            from ipv4 in placesIPv4
            from ipv6 in placesIPv6
            from ports in counts
            from hasUsers in withUsers
            from devices in manyDevices
            from writes in settings
            from ownRange in ownRanges
            select new ScenarioParameters(topic, families, sharing, ipv4, ipv6, ports, hasUsers, devices, writes) { OwnRange = ownRange };
    }
}

/// <summary>All that is drawn for one scenario: the emitter makes steps of it, without a further draw.</summary>
/// <param name="Parameters">What holds for the whole.</param>
/// <param name="Sequence">What happens.</param>
internal sealed record ScenarioDraft(ScenarioParameters Parameters, TemplateSequence Sequence)
{
    private static readonly ConcurrentDictionary<TemplateKey, TemplateSequences> Known = [];

    private static readonly Gen<ScenarioDraft> Quick =
        from parameters in ScenarioParameterDraws.Any
        from sequence in SequencesOf(parameters).Quick
        select new ScenarioDraft(parameters, sequence);

    private static readonly Gen<ScenarioDraft> TimeWait =
        from parameters in ScenarioParameterDraws.Connections
        from sequence in SequencesOf(parameters).TimeWait
        select new ScenarioDraft(parameters, sequence);

    private static readonly Gen<ScenarioDraft> FinWait2 =
        from parameters in ScenarioParameterDraws.ShortFinWait2("2")
        from sequence in SequencesOf(parameters).FinWait2
        select new ScenarioDraft(parameters, sequence);

    /// <summary>The scripts of a profile.</summary>
    public static Gen<ScenarioDraft> Of(ScenarioProfile profile) => profile switch
    {
        ScenarioProfile.TimeWait => TimeWait,
        ScenarioProfile.FinWait2 => FinWait2,
        _ => Gen.Frequency((995, Quick), (5, FinWait2)),
    };

    private static TemplateSequences SequencesOf(ScenarioParameters parameters) =>
        Known.GetOrAdd(TemplateKey.Of(parameters), static key => new TemplateSequences(key));
}
