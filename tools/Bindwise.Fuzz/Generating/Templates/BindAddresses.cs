using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>The addresses of random scenarios, and how often they are taken.</summary>
internal static class BindAddresses
{
    private const int PerScenario = 3;

    /// <summary>The places of a scenario's AF_INET sockets.</summary>
    public static Gen<BindAddress[]> IPv4 { get; } = Table(
        (7, "0.0.0.0"), (9, "127.0.0.1"), (4, "127.0.0.2"), (2, "127.0.0.6")).ArrayOf(PerScenario);

    /// <summary>The places of a scenario's AF_INET6 sockets.</summary>
    public static Gen<BindAddress[]> IPv6 { get; } = Table(
        (9, "::"), (6, "::1"), (5, "::ffff:127.0.0.1"), (2, "::ffff:127.0.0.2"), (2, "::ffff:0.0.0.0"), (1, "::ffff:127.0.0.6"))
        .ArrayOf(PerScenario);

    /// <summary>The places of a crowd's neighbours, AF_INET: the wildcard and one address, so that they meet.</summary>
    public static Gen<BindAddress[]> FewIPv4 { get; } =
        Gen.Constant<BindAddress[]>([BindAddress.Of("0.0.0.0"), BindAddress.Of("127.0.0.1"), BindAddress.Of("127.0.0.1")]);

    /// <summary>The same, AF_INET6.</summary>
    public static Gen<BindAddress[]> FewIPv6 { get; } = Gen.Elements("::1", "::ffff:127.0.0.1")
        .Select(static text => new[] { BindAddress.Of("::"), BindAddress.Of(text), BindAddress.Of(text) });

    /// <summary>Addresses that are not this machine's.</summary>
    public static Gen<BindAddress> Foreign { get; } = Table((4, "10.9.9.9"), (3, "2001:db8::9"), (2, "::ffff:10.9.9.9"));

    /// <summary>Places that are refused, or taken by some sockets only: of either family, whatever the socket's.</summary>
    public static Gen<BindAddress> Odd { get; } = Gen.OneOf(
        Table((6, "10.9.9.9"), (2, "127.255.255.255"), (2, "224.0.0.5"), (1, "239.1.1.1"), (2, "255.255.255.255"), (2, "0.0.0.0"),
            (2, "127.0.0.1")),
        Table(
            (4, "2001:db8::9"), (3, "::ffff:10.9.9.9"), (2, "ff02::1"), (2, "ff02::1%lo"), (2, "fe80::1%lo"), (2, "fe80::1"),
            (3, "fe80::1%nx0"),
            (1, "::ffff:224.0.0.5"), (1, "::ffff:255.255.255.255"), (2, "::"), (2, "::1")));

    /// <summary>Destinations without a route, and ordinary ones of either family, whatever the socket's.</summary>
    public static Gen<BindAddress> OddDestination { get; } = Table(
        (4, "10.9.9.9"), (2, "2001:db8:9::9"), (3, "::ffff:10.9.9.9"), (1, "127.0.0.1"), (1, "::1"), (1, "::ffff:127.0.0.1"),
        (1, "0.0.0.0"), (1, "::"));

    /// <summary>The places of AF_INET sockets on the veth pair: its ends, lo, the wildcard, now and then a group or a broadcast.</summary>
    public static Gen<BindAddress[]> OnLinksIPv4 { get; } = Table(
        (7, "0.0.0.0"), (7, "192.0.2.1"), (4, "198.51.100.1"), (4, "127.0.0.1"), (2, "224.0.0.1"), (1, "192.0.2.255"),
        (1, "255.255.255.255"))
        .ArrayOf(PerScenario);

    /// <summary>The same, AF_INET6.</summary>
    public static Gen<BindAddress[]> OnLinksIPv6 { get; } = Table(
        (7, "::"), (6, "2001:db8::1"), (3, "2001:db8:1::1"), (3, "::1"), (4, "::ffff:192.0.2.1"), (2, "::ffff:127.0.0.1"),
        (3, "::ffff:0.0.0.0"))
        .ArrayOf(PerScenario);

    /// <summary>Destinations of datagrams on the veth pair, none of them a neighbour.</summary>
    public static Gen<BindAddress> OnLinks { get; } = Table(
        (6, "0.0.0.0"), (4, "192.0.2.1"), (2, "198.51.100.1"), (3, "224.0.0.1"), (2, "239.1.1.1"), (2, "192.0.2.255"),
        (1, "198.51.100.255"), (2, "255.255.255.255"), (2, "127.0.0.1"), (1, "127.255.255.255"), (3, "::"), (3, "2001:db8::1"),
        (2, "2001:db8:1::1"), (1, "::1"), (3, "::ffff:0.0.0.0"), (3, "::ffff:192.0.2.1"), (2, "::ffff:224.0.0.1"));

    private static Gen<BindAddress> Table(params (int Weight, string Text)[] rows) =>
        RandomDraws.Table(Array.ConvertAll(rows, static row => (row.Weight, BindAddress.Of(row.Text))));
}

/// <summary>Where a socket is bound: an address, and the scope that goes with it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Scope">The interface's name of sin6_scope_id; null for none.</param>
internal readonly record struct BindAddress(IpAddress Address, string? Scope = null)
{
    /// <summary>Reads <c>::1</c> or <c>fe80::1%lo</c>.</summary>
    public static BindAddress Of(string text)
    {
        var parts = text.Split('%');
        return IpAddress.TryParse(parts[0], out var address)
            ? new BindAddress(address, parts.Length > 1 ? parts[1] : null)
            : throw new ArgumentException($"{text} is no address", nameof(text));
    }
}
