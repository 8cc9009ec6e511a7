using System.Globalization;
using Bindwise.Fuzz.Generating.Templates;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>Which addresses answer at once in a scenario's namespace, which are refused at once, and which do neither.</summary>
internal static class Destinations
{
    /// <summary>The interface that carries everything which is connected.</summary>
    public const string Loopback = "lo";

    // 10.0.0.0/8, and 2001:db8:9::/48 which is on neither link of the veth pair: no route.
    private const int UnroutedIPv4 = 10;
    private const ulong UnroutedIPv6 = 0x20010db80009;
    private const uint LoopbackBroadcast = 0x7fffffff;
    private const uint FirstLinkBroadcast = 0xc00002ff;
    private const uint SecondLinkBroadcast = 0xc63364ff;

    /// <summary>The host's own addresses on the veth pair, and the end that has each.</summary>
    private static readonly Dictionary<IpAddress, string> OnLinks = new()
    {
        [BindAddress.Of("192.0.2.1").Address] = "v0",
        [BindAddress.Of("2001:db8::1").Address] = "v0",
        [BindAddress.Of("198.51.100.1").Address] = "v1",
        [BindAddress.Of("2001:db8:1::1").Address] = "v1",
    };

    /// <summary>Reached over lo, the wildcards included (they stand for loopback).</summary>
    public static bool IsLocal(IpAddress address) =>
        address.AsIPv4 is { } v4 ? v4.IsAny || (v4.IsLoopback && v4.Bits != LoopbackBroadcast) : address.IsAny || address.IsLoopback;

    /// <summary>
    /// A datagram to it is refused, lost or received at once, whichever of these interfaces its sender is bound to: it goes to this host,
    /// an IPv4 group or all of an IPv4 network. Any other may be a neighbour, who is asked for and does not answer for seconds.
    /// </summary>
    public static bool IsDecidedAtOnce(IpAddress address, IReadOnlyCollection<string> devices)
    {
        var own = address.AsIPv4 ?? address;
        if (own.IsAny || (own.Family == IpFamily.IPv4 && IsOneToMany(own)))
            return true;
        var owner = own.IsLoopback ? Loopback : OnLinks.GetValueOrDefault(own);
        return owner is not null && devices.All(device => device == owner || device == Loopback);
    }

    /// <summary>There is no route to it, whatever interfaces there are.</summary>
    public static bool IsUnreachable(IpAddress address) =>
        address.AsIPv4 is { } v4 ? v4.Bits >> 24 == UnroutedIPv4 : address.Bits >> 80 == UnroutedIPv6;

    /// <summary>A group's or a broadcast address: no connection comes from one, though it may be bound.</summary>
    public static bool IsOneToMany(IpAddress address) =>
        address.AsIPv4 is { } v4
            ? v4.IsMulticast || (uint)v4.Bits is LoopbackBroadcast or FirstLinkBroadcast or SecondLinkBroadcast or uint.MaxValue
            : address.IsMulticast;

    /// <summary>Where a connection to a socket that is bound there goes: a wildcard stands for loopback.</summary>
    public static IpAddress Reached(IpAddress address)
    {
        if (!address.IsAny)
            return address;
        return address.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6;
    }
}

/// <summary>The value of IP_LOCAL_PORT_RANGE (ip(7)): the last port shifted by 16, or'ed with the first.</summary>
internal static class PortRangeWord
{
    /// <summary>The word of two ports.</summary>
    public static OptionValue Of(ushort first, ushort last) => new((long)last << 16 | first);

    /// <summary>The word of a value as the kernel takes it; null where it says EINVAL.</summary>
    public static uint? Read(OptionValue value)
    {
        if (value.Text is { } text)
        {
            var parts = text.Split('-');
            if (parts.Length != 2 || !ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var low)
                || !ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var high))
                return null;
            value = Of(low, high);
        }
        if (value.Number is < 0 or > uint.MaxValue)
            return null;
        var word = (uint)value.Number;
        var (first, last) = (word & 0xffff, word >> 16);
        return first != 0 && last != 0 && first > last ? null : word;
    }
}
