using System.Collections.Immutable;
using Bindwise.Linux.Native;
using Bindwise.Linux.Routing;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Routing;

public sealed class RouteClientTests
{
    [KernelFact]
    public void Loopback_InAFreshNamespace_HasItsAddresses() => NetworkNamespace.Run(() =>
    {
        var loopback = Assert.Single(Interfaces(), candidate => candidate.Name == "lo");

        Assert.Equal(1u, loopback.Index);
        Assert.True(loopback.IsUp);
        Assert.Equal(
            [new InterfaceAddress(IpAddress.LoopbackIPv4, 8), new InterfaceAddress(IpAddress.LoopbackIPv6, 128)], loopback.Addresses.ToArray());
    });

    [KernelTheory]
    [InlineData("127.0.0.1", AddressKind.Local)]
    [InlineData("127.9.9.9", AddressKind.Local)]
    [InlineData("::ffff:127.0.0.1", AddressKind.Local)]
    [InlineData("0.0.0.0", AddressKind.Broadcast)]
    [InlineData("0.1.2.3", AddressKind.Elsewhere)]
    [InlineData("255.255.255.255", AddressKind.Broadcast)]
    [InlineData("127.255.255.255", AddressKind.Broadcast)]
    [InlineData("224.0.0.1", AddressKind.Multicast)]
    [InlineData("192.0.2.1", AddressKind.Elsewhere)]
    [InlineData("::1", AddressKind.Unknown)]
    internal void Address_AskedOfTheRoutes_CanBeBoundAsTold(string text, AddressKind expected) => NetworkNamespace.Run(() =>
    {
        Assert.True(IpAddress.TryParse(text, out var address));
        Assert.Equal(Errno.None, RouteClient.TryOpen(out var client));
        using (client)
        {
            var fact = client!.ReadAddress(address);
            Assert.Equal(expected, fact.Kind);
            Assert.Equal(address.AsIPv4 ?? address, fact.Address);
        }
        if (expected == AddressKind.Unknown)
            return;
        using var socket = RawSocket.Tcp();
        Assert.Equal(expected == AddressKind.Elsewhere ? Errno.EADDRNOTAVAIL : Errno.None, socket.TryBind((address.AsIPv4 ?? address).ToString(), 8080));
    });

    // bind() looks into the table of own addresses, whatever the rules say.
    [KernelTheory]
    [InlineData("127.7.7.7", AddressKind.Local)]
    [InlineData("10.4.0.1", AddressKind.Elsewhere)]
    [InlineData("10.5.0.1", AddressKind.Local)]
    [InlineData("10.5.9.255", AddressKind.Broadcast)]
    [InlineData("10.6.0.1", AddressKind.Elsewhere)]
    internal void Address_UnderRulesOfItsOwn_CanBeBoundAsTold(string text, AddressKind expected) => NetworkNamespace.Run(() =>
    {
        foreach (var words in (string[])["rule add pref 100 lookup local", "rule del pref 0", "rule add pref 5 lookup 77", "route add unicast 127.7.7.7 dev lo table 77",
            "route add local 10.4.0.0/16 dev lo table 77", "route add local 10.5.0.0/16 dev lo", "route add broadcast 10.5.9.255 dev lo table local"])
        {
            using var ip = System.Diagnostics.Process.Start("ip", words);
            ip.WaitForExit();
            Assert.Equal(0, ip.ExitCode);
        }
        Assert.True(IpAddress.TryParse(text, out var address));
        Assert.Equal(Errno.None, RouteClient.TryOpen(out var client));
        using (client)
            Assert.Equal(expected, client!.ReadAddress(address).Kind);
        using var socket = RawSocket.Tcp();
        Assert.Equal(expected == AddressKind.Elsewhere ? Errno.EADDRNOTAVAIL : Errno.None, socket.TryBind(text, 8080));
    });

    [Theory]
    [InlineData("eth0", 7u)]
    [InlineData("7", 7u)]
    [InlineData("2", 3u)]
    [InlineData("3", 3u)]
    [InlineData("9", null)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    public void Scope_ByNameElseByNumber_IsFound(string text, uint? expected)
    {
        ImmutableArray<InterfaceRecord> interfaces =
            [new InterfaceRecord { Index = 7, Name = "eth0" }, new InterfaceRecord { Index = 2, Name = "x" }, new InterfaceRecord { Index = 3, Name = "2" }];

        Assert.Equal(expected, InterfaceNames.FindIndex(interfaces, text));
    }

    private static ImmutableArray<InterfaceRecord> Interfaces()
    {
        Assert.Equal(Errno.None, RouteClient.TryOpen(out var client));
        using (client)
        {
            Assert.True(client!.ReadInterfaces(out var interfaces).IsComplete);
            return interfaces;
        }
    }
}
