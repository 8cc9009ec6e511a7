using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>The templates that are drawn alike for every key.</summary>
internal static class StepTemplates
{
    private static readonly Gen<CloseWay> Endings = RandomDraws.Table(
        (48, CloseWay.Close), (11, CloseWay.Abort), (20, CloseWay.ShutWrite), (6, CloseWay.ShutRead), (9, CloseWay.ShutBoth),
        (4, CloseWay.Disconnect));

    private static readonly Gen<CloseWay> GentleEndings = RandomDraws.Table((80, CloseWay.Close), (20, CloseWay.ShutWrite));

    private static readonly Gen<StepTemplate> Parts =
        PartsOf(RandomDraws.Table((25, 1), (40, 2), (20, 3), (15, 4)), Endings, percentSame: 30);

    /// <summary>The end of any connection.</summary>
    public static Gen<StepTemplate> AnyPart => Parts;

    /// <summary>How a socket is given up.</summary>
    public static Gen<CloseWay> AnyEnding => Endings;

    /// <summary>The end of a connection that leaves a TIME_WAIT: both sides give up, in order.</summary>
    public static Gen<StepTemplate> BothPart { get; } = PartsOf(RandomDraws.Table((70, 2), (30, 3)), GentleEndings, percentSame: 10);

    /// <summary>The end of one side, mostly: what is left is in FIN_WAIT2.</summary>
    public static Gen<StepTemplate> OnePart { get; } = PartsOf(RandomDraws.Table((75, 1), (25, 2)), GentleEndings, percentSame: 50);

    /// <summary>The end of the listener.</summary>
    public static Gen<StepTemplate> ListenerEnds { get; } =
        RandomDraws.Ordinal.Select(static who => (StepTemplate)new SocketEndTemplate(who, true, CloseWay.Close));

    /// <summary>More than ten UDP sockets on a port, by a margin: the kernel counts others in its hash slot too, by chance.</summary>
    public static Gen<StepTemplate> Crowds { get; } =
        Gen.Choose(12, 13).Select(static count => (StepTemplate)new ManyUdpSocketsTemplate(count));

    /// <summary>A wait that is short of tcp_tw_reuse_delay, or long enough.</summary>
    public static Gen<StepTemplate> ShortPauses { get; } =
        RandomDraws.Table<StepTemplate>((1, new WaitTemplate(0.1m)), (4, new WaitTemplate(1.2m)));

    private static Gen<StepTemplate> PartsOf(Gen<int> counts, Gen<CloseWay> endings, int percentSame)
    {
        var turns = RandomDraws.Of(percentSame).Zip(endings);
        return
            from pair in RandomDraws.Ordinal
            from count in counts
            from first in RandomDraws.Half
            from drawn in turns.ArrayOf(count)
            select (StepTemplate)new ConnectionEndTemplate(pair, Alternate(drawn, first));
    }

    // The sides take turns, unless a roll says otherwise.
    private static (bool IsPeer, CloseWay Ending)[] Alternate((bool IsSame, CloseWay Ending)[] endings, bool isPeer)
    {
        var result = new (bool IsPeer, CloseWay Ending)[endings.Length];
        for (var index = 0; index < endings.Length; index++)
        {
            if (index > 0 && !endings[index].IsSame)
                isPeer = !isPeer;
            result[index] = (isPeer, endings[index].Ending);
        }
        return result;
    }
}

/// <summary>The tables of templates for one key.</summary>
internal sealed class StepTemplateTables
{
    private static readonly Gen<BindAddress?> Nowhere = Gen.Constant<BindAddress?>(null);
    private static readonly Gen<BindAddress?> OftenForeign = OddOf(40, BindAddresses.Foreign);

    private readonly TemplateKey _key;
    private readonly Gen<BindPoint> _spots;

    public StepTemplateTables(TemplateKey key)
    {
        _key = key;
        _spots = Spots(key);
        var protocols = key.Topic switch
        {
            ScenarioTopic.Udp or ScenarioTopic.NarrowUdp or ScenarioTopic.SpreadUdp or ScenarioTopic.Crowd or ScenarioTopic.Links =>
                Gen.Constant(Protocol.Udp),
            ScenarioTopic.Mixed => Gen.Elements(Protocol.Tcp, Protocol.Udp),
            ScenarioTopic.OwnRange => RandomDraws.Table((3, Protocol.Tcp), (1, Protocol.Udp)),
            _ => RandomDraws.Table((98, Protocol.Tcp), (2, Protocol.Udp)),
        };
        var (tcp, udp) = (SocketDraws.Of(key, Protocol.Tcp), SocketDraws.Of(key, Protocol.Udp));
        var sockets = protocols.SelectMany(protocol => protocol == Protocol.Tcp ? tcp : udp);
        var options = SocketDraws.AnyOption(key);
        AnyServe = Serves(sockets, options);
        AnyVisit = Visits(sockets);
        FixedVisit = AnyVisit.Select(static visit => (StepTemplate)((ClientTemplate)visit with { Source = ClientBinding.Fixed }));
        Any = Gen.Frequency(
            (26, AnyServe), (24, AnyVisit), (14, StepTemplates.AnyPart), (9, Ends()), (7, Changes(options)), (10, Pokes()),
            (key.Topic switch { ScenarioTopic.Links => 60, ScenarioTopic.Udp => 18, _ => 10 }, Talks(key)),
            (key.HasSettings ? 2 : 0, SysctlDraws.Any.Select(static step => (StepTemplate)new SysctlTemplate(step))),
            (key.IsNarrow ? 4 : 0, StepTemplates.ShortPauses));
    }

    /// <summary>A new server.</summary>
    public Gen<StepTemplate> AnyServe { get; }

    /// <summary>A new client.</summary>
    public Gen<StepTemplate> AnyVisit { get; }

    /// <summary>A new client whose own port is one of the scenario's.</summary>
    public Gen<StepTemplate> FixedVisit { get; }

    /// <summary>Any template.</summary>
    public Gen<StepTemplate> Any { get; }

    private static Gen<BindPoint> Spots(TemplateKey key)
    {
        var odds = key.Topic == ScenarioTopic.SpreadUdp ? Gen.Constant<BindAddress?>(null) : OddOf(5, BindAddresses.Odd);
        var ports = key.IsNarrow
            ? RandomDraws.Table((key.Topic == ScenarioTopic.SpreadUdp ? 0 : 60, PortKind.Own), (40, PortKind.Zero))
            : RandomDraws.Table((975, PortKind.Own), (15, PortKind.Zero), (key.HasUsers ? 200 : 8, PortKind.Privileged));
        return
            from slot in RandomDraws.Ordinal
            from odd in odds
            from port in ports
            from portSlot in RandomDraws.Ordinal
            select new BindPoint(slot, odd, port, portSlot);
    }

    private Gen<StepTemplate> Serves(Gen<NewSocket> sockets, Gen<OptionSetting> options)
    {
        var foreignSpots =
            from spot in _spots
            from foreign in OftenForeign
            select foreign is null ? spot : spot with { Odd = foreign };
        var depths = _key.Topic == ScenarioTopic.SpreadUdp
            ? Gen.Constant(ServerProgress.Bind)
            : RandomDraws.Table((66, ServerProgress.Listen), (27, ServerProgress.Bind), (4, ServerProgress.ListenUnbound),
                (3, ServerProgress.Open));
        var betweens = RandomDraws.Perhaps(9, options);
        return
            from socket in sockets
            from spot in MayBeForeign(socket) ? foreignSpots : _spots
            from depth in depths
            from between in betweens
            select (StepTemplate)new ServerTemplate(socket, spot, depth, between);
    }

    private Gen<StepTemplate> Visits(Gen<NewSocket> sockets)
    {
        var sources = RandomDraws.Table(
            (63, ClientBinding.Automatic), (25, ClientBinding.Fixed), (2, ClientBinding.AddressOnly),
            (_key.IsNarrow ? 6 : 1, ClientBinding.Zero), (7, ClientBinding.Present));
        var odds = OddDestinations(_key, 4);
        var accepts = RandomDraws.Of(85);
        return
            from socket in sockets
            from source in sources
            from spot in _spots
            from target in RandomDraws.Ordinal
            from way in RandomDraws.Ordinal
            from odd in odds
            from isAccepted in accepts
            select (StepTemplate)new ClientTemplate(socket, source, spot, target, way, odd, isAccepted);
    }

    private static Gen<StepTemplate> Talks(TemplateKey key)
    {
        var sizes = RandomDraws.Table(
            (30, 1), (30, 10), (30, 100), (6, 1000), (3, 5000), (1, 20_000),
            (key.Topic is ScenarioTopic.Udp or ScenarioTopic.Mixed ? 3 : 0, 0));
        var reads = RandomDraws.Of(55);
        var odds = OddDestinations(key, 5);
        var datagrams = RandomDraws.Perhaps(
            key.Topic == ScenarioTopic.Links ? 80 : 40,
            from way in RandomDraws.Ordinal
            from portSlot in RandomDraws.Ordinal
            from odd in odds
            select new DatagramTarget(way, portSlot, odd));
        return
            from pair in RandomDraws.Ordinal
            from isFromPeer in RandomDraws.Half
            from bytes in sizes
            from isRead in reads
            from to in datagrams
            select (StepTemplate)new TransferTemplate(pair, isFromPeer, bytes, isRead, to);
    }

    private static Gen<StepTemplate> Ends() =>
        from who in RandomDraws.Ordinal
        from isListener in RandomDraws.Half
        from ending in StepTemplates.AnyEnding
        select (StepTemplate)new SocketEndTemplate(who, isListener, ending);

    private static Gen<StepTemplate> Changes(Gen<OptionSetting> options) =>
        from who in RandomDraws.Ordinal
        from option in options
        select (StepTemplate)new OptionChangeTemplate(who, option);

    private Gen<StepTemplate> Pokes()
    {
        var calls = RandomDraws.Table(
            (24, ArbitraryCall.Bind), (18, ArbitraryCall.Listen), (16, ArbitraryCall.Connect), (6, ArbitraryCall.Accept),
            (12, ArbitraryCall.Send), (8, ArbitraryCall.Receive), (20, ArbitraryCall.End));
        var anyNames = RandomDraws.Of(20);
        var odds = OddDestinations(_key, 25);
        return
            from call in calls
            from who in RandomDraws.Ordinal
            from isAnyName in anyNames
            from spot in _spots
            from way in RandomDraws.Ordinal
            from odd in odds
            from ending in StepTemplates.AnyEnding
            select (StepTemplate)new ArbitraryCallTemplate(call, who, isAnyName, spot, way, odd, ending);
    }

    private static bool MayBeForeign(NewSocket socket) => Array.Exists(
        socket.Options, static option => option.Name is SocketOption.Freebind or SocketOption.FreebindIPv6 or SocketOption.Transparent);

    private static Gen<BindAddress?> OddDestinations(TemplateKey key, int percent) =>
        key.Topic == ScenarioTopic.Links ? OddOf(60, BindAddresses.OnLinks) : OddOf(percent, BindAddresses.OddDestination);

    private static Gen<BindAddress?> OddOf(int percent, Gen<BindAddress> places)
    {
        var some = places.Select(static address => (BindAddress?)address);
        return RandomDraws.Of(percent).SelectMany(drawn => drawn ? some : Nowhere);
    }
}

/// <summary>What the tables of steps depend on: so few values that the tables of each are made once.</summary>
/// <param name="Topic">What the scenario turns on.</param>
/// <param name="Families">Its sockets' families.</param>
/// <param name="Sharing">How often they share.</param>
/// <param name="HasUsers">Some sockets are other users'.</param>
/// <param name="Devices">The interfaces that some sockets are bound to, a space between two; null for none.</param>
/// <param name="HasSettings">It writes sysctls, and so may write more.</param>
internal readonly record struct TemplateKey(ScenarioTopic Topic, AddressFamilies Families, SharingFrequency Sharing, bool HasUsers,
    string? Devices, bool HasSettings)
{
    /// <summary>The key of a scenario, by its parameters.</summary>
    public static TemplateKey Of(ScenarioParameters parameters) =>
        new(parameters.Topic, parameters.Families, parameters.Sharing, parameters.HasUsers, parameters.Devices,
            !parameters.Settings.IsEmpty);

    /// <summary>The kernel chooses among few ports.</summary>
    public bool IsNarrow => Topic is ScenarioTopic.NarrowTcp or ScenarioTopic.NarrowUdp or ScenarioTopic.SpreadUdp or ScenarioTopic.OwnRange
        or ScenarioTopic.Reuse;
}
