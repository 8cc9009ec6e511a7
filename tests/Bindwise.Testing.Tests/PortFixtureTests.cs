using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Testing.Tests;

/// <summary>The fixture as xunit uses it, and by hand.</summary>
[SupportedOSPlatform("linux")]
public sealed class PortFixtureTests
{
    [IsolatedFact]
    public Task Fixture_AsItIs_LeasesWhenAsked_AndEndsWithIt() => Body.RunAsync(static () =>
    {
        var fixture = new PortFixture();
        Assert.Equal(fixture.Port, Assert.Single(fixture.Leases).Port);
        Assert.Same(fixture.Lease, fixture.Lease);
        fixture.Dispose();
        Assert.Throws<ObjectDisposedException>(() => fixture.Port);
        Assert.Throws<ObjectDisposedException>(() => new Disposed().Port);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Fixture_WithServers_IsXunits() => Body.RunAsync(static async () =>
    {
        var shop = new Shop();
        IAsyncLifetime lifetime = shop;
        await lifetime.InitializeAsync();
        using (var client = new TcpClient())
            await client.ConnectAsync("localhost", shop.Leases[1].Port);
        var port = shop.Leases[1].Port;
        await lifetime.DisposeAsync();
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await late.ConnectAsync("localhost", port));
    });

    [IsolatedFact]
    public Task Fixture_WhoseServerDoesNotStart_IsUndone() => Body.RunAsync(static async () =>
    {
        var shop = new FailingShop();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await shop.InitializeAsync());
        Assert.Equal("no stock", failure.Message);
        Assert.True(shop.IsStopped);
        Assert.Throws<ObjectDisposedException>(() => shop.Port);
    });

    private sealed class Disposed : PortFixture
    {
        public Disposed() => Dispose();
    }

    private sealed class Shop() : PortFixture(2), IAsyncLifetime
    {
        private BoundListener? _listener;

        Task IAsyncLifetime.InitializeAsync() => InitializeAsync().AsTask();

        Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

        protected override ValueTask StartAsync()
        {
            _listener = Leases[1].Listen();
            return ValueTask.CompletedTask;
        }

        protected override ValueTask StopAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private sealed class FailingShop : PortFixture
    {
        public bool IsStopped { get; private set; }

        protected override ValueTask StartAsync() => throw new InvalidOperationException("no stock");

        protected override ValueTask StopAsync()
        {
            IsStopped = true;
            return ValueTask.CompletedTask;
        }
    }
}
