using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>Draws sockets and options for a premise.</summary>
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
        (1, Gen.Elements(3000L << 16 | 2000, 2000L << 16 | 3000, 0).Select(static word => new OptionSetting(SocketOption.LocalPortRange, new OptionValue(word)))),
        (1, Gen.Elements("lo", "", "nx0").Select(static device => new OptionSetting(SocketOption.BindToDevice, new OptionValue(0, device)))));

    /// <summary>Any socket of an outline.</summary>
    public static Gen<NewSocket> Of(TemplateKey outline, Protocol protocol)
    {
        var families = outline.Families switch { AddressFamilies.IPv4 => Gen.Constant(false), AddressFamilies.IPv6 => Gen.Constant(true), _ => RandomDraws.Half };
        var manyOptions = OptionsOf(outline);
        var users = outline.HasUsers ? Users : Gen.Constant<uint?>(null);
        var devices = DevicesOf(outline);
        return
            from isIPv6 in families
            from options in manyOptions
            from v6Only in isIPv6 ? PerhapsV6Only : NoOption
            from user in users
            from device in devices
            from isSetLater in RandomDraws.Half
            from name in RandomDraws.Ordinal
            from takesAnyName in Seldom
            select Assemble(protocol, isIPv6, v6Only is null ? options : [.. options, v6Only], user, device, isSetLater, name, takesAnyName);
    }

    /// <summary>Any option, as often off as it makes sense.</summary>
    public static Gen<OptionSetting> AnyOption(TemplateKey outline) => outline.Theme == ScenarioTopic.SpreadUdp
        ? Flag(SocketOption.Freebind)
        : Gen.Frequency(
            (7, Flag(SocketOption.ReuseAddress, 65)),
            (5, Flag(SocketOption.ReusePort, 60)),
            (2, Flag(SocketOption.V6Only, 60)),
            (2, Extras));

    private static Gen<string?> DevicesOf(TemplateKey outline)
    {
        var none = Gen.Constant<string?>(null);
        if (outline.Devices is not { } devices)
            return none;
        var some = Gen.Elements<string?>(devices.Split(' '));
        return RandomDraws.Of(60).SelectMany(drawn => drawn ? some : none);
    }

    private static Gen<OptionSetting[]> OptionsOf(TemplateKey outline)
    {
        if (outline.Theme == ScenarioTopic.SpreadUdp)
            return Gen.Constant<OptionSetting[]>([]);
        // Every one shares with the crowd, and not every one with each other.
        if (outline.Theme == ScenarioTopic.Crowd)
            return Gen.Elements(Options(true, false, null), Options(true, true, null), Options(false, true, null));
        var (address, port) = outline.Sharing switch
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
