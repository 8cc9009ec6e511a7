using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Testing.XunitV3.Tests;

[assembly: AssemblyFixture(typeof(RunFixture))]

namespace Bindwise.Testing.XunitV3.Tests;

/// <summary>
/// The fixture as xunit 3 makes, starts and ends it. As in a project of a user, nothing here runs in a namespace of its own: the tests bind leased ports of the
/// machine, whatever else runs there.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FixtureTests(PortFixture ports, Shop shop, RunFixture run) : IClassFixture<PortFixture>, IClassFixture<Shop>
{
    private static readonly ConcurrentDictionary<int, string> Seen = [];

    [Fact]
    public async Task Server_OnTheFixturesPort_IsReached()
    {
        await using var server = ports.Lease.Listen();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, ports.Port, TestContext.Current.CancellationToken);
        Assert.True(client.Connected);
    }

    [Fact]
    public async Task Server_OfTheFixture_AcceptsWhenTheTestBegins()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shop.Leases[1].Port, TestContext.Current.CancellationToken);
        Assert.True(client.Connected);
    }

    [Fact]
    public void Fixtures_OfAClassAndOfTheRun_HavePortsOfTheirOwn() =>
        Assert.Distinct([ports.Port, run.Port, .. shop.Leases.Select(static one => one.Port)]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Port_IsTheSame_ForAllTestsOfTheClass(int number)
    {
        Assert.InRange(number, 1, 2);
        Assert.Equal("class", Seen.GetOrAdd(ports.Port, "class"));
        Assert.Single(Seen);
    }

    [Fact]
    public async Task Fixture_WhoseServerDoesNotStart_IsUndone()
    {
        var shop = new FailingShop();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await ((IAsyncLifetime)shop).InitializeAsync());
        Assert.Equal("no stock", failure.Message);
        Assert.Throws<ObjectDisposedException>(() => shop.Port);
    }

    private sealed class FailingShop : PortFixture, IAsyncLifetime
    {
        protected override ValueTask StartAsync() => throw new InvalidOperationException("no stock");
    }
}

/// <summary>For all tests of the assembly.</summary>
public sealed class RunFixture : PortFixture;

/// <summary>The example of docs/testing.md.</summary>
public sealed class Shop() : PortFixture(count: 2), IAsyncLifetime
{
    private BoundListener? _listener;

    protected override ValueTask StartAsync()
    {
        _listener = Leases[1].Listen();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StopAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;
}
