using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Testing.Tests;

/// <summary>The examples of docs/testing.md, run.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class ExampleTests
{
    [IsolatedFact]
    public Task Leases_OfThePage_Work() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        using var server = StartServer($"http://localhost:{lease.Port}");
        server.Dispose();
        var ports = PortLease.Take(3, new PortLeaseOptions { Range = new PortRange(20000, 20999), Transports = Transports.TcpAndUdp });
        Assert.All(ports, static port => Assert.InRange(port.Port, 20000, 20999));
        await using var listener = lease.Listen();
        Assert.Equal(lease.Port, listener.Port);
        Assert.InRange(FindFreePort(), 1, 65535);
    });

    [IsolatedFact]
    public Task Fixture_OfThePage_Works() => Body.RunAsync(static async () =>
    {
        var shop = new Shop();
        await shop.InitializeAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shop.Leases[1].Port);
        await ((IAsyncLifetime)shop).DisposeAsync();
    });

    [IsolatedFact]
    public Task Clock_OfThePage_Works() => Body.RunAsync(static async () =>
    {
        var holder = Listener.Bind(ListenRequest.OnLocalhost(8080));
        var time = new AutoAdvanceTimeProvider();
        time.RunAfter(TimeSpan.FromMinutes(5), holder.Dispose);
        var retry = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with { TimeProvider = time };
        using var listener = await Listener.BindAsync(ListenRequest.OnLocalhost(8080) with { Retry = retry });
        Assert.Equal(5, (int)time.Elapsed.TotalMinutes);
    });

    [IsolatedFact]
    public Task Restart_OfThePage_Works() => Body.RunAsync(static async () =>
    {
        var path = Started.PathOf("KestrelFallback");
        await RestartAssertion.CanRestartAsync(new RestartOptions
        {
            Program = "dotnet",
            Arguments = ["exec", path, "--urls", "http://localhost:{port}"],
            Talk = RestartOptions.HttpGet("/"),
        });
    });

    // A server like many: it is given a URL, and binds the port by its number.
    private static TcpListener StartServer(string url)
    {
        var server = new TcpListener(IPAddress.Loopback, new Uri(url).Port);
        server.Start();
        return server;
    }

#pragma warning disable BWC003 // What the page advises against.
    private static int FindFreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
#pragma warning restore BWC003
}

public sealed class Shop() : PortFixture(count: 2), IAsyncLifetime
{
    private BoundListener? _listener;

    protected override ValueTask StartAsync()
    {
        _listener = Leases[1].Listen();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StopAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Only for xunit 2, whose interface has tasks.
    Task IAsyncLifetime.InitializeAsync() => InitializeAsync().AsTask();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();
}
