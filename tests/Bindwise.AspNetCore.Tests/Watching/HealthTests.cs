using System.Net;
using System.Net.Sockets;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Bindwise.AspNetCore.Tests.Watching;

/// <summary>The health check, asked of sockets that listen and of some that were made deaf.</summary>
public sealed class HealthTests
{
    [IsolatedFact]
    public Task Check_WhileAllListen_IsHealthyWithNumbers() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://localhost:5000", builder: static builder => builder.Services.AddHealthChecks().AddBindwise());
        var entry = await CheckAsync(web);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(2, entry.Data["listeners"]);
        Assert.Equal(28232, entry.Data["ephemeral_limit"]);
        Assert.Equal(0, entry.Data["time_wait"]);
    });

    [IsolatedFact]
    public Task Check_WhenASocketNoLongerListens_IsUnhealthyAndNamesIt() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://127.0.0.1:5000;http://127.0.0.1:5001", builder: static builder => builder.Services.AddHealthChecks().AddBindwise());
        // shutdown() ends the listening; the descriptor and the port stay.
        web.App.Services.GetRequiredService<ListeningSockets>().Open[1].Socket.Shutdown(SocketShutdown.Both);
        var entry = await CheckAsync(web);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("No longer listening: http://127.0.0.1:5001.", entry.Description);
        Assert.Equal(["http://127.0.0.1:5001"], (IEnumerable<string>)entry.Data["deaf"]);
    });

    [IsolatedFact]
    public Task Check_WhenEphemeralPortsRunOut_IsDegraded() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", "40000 40009");
        await using var web = await Web.StartAsync("http://127.0.0.1:5000", builder: static builder => builder.Services.AddHealthChecks().AddBindwise(configure: static limits => limits.EphemeralUse = 0.5));
        using var first = Web.Occupy(IPAddress.Loopback, 40001);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(web)).Status);
        using var others = new Disposables(Enumerable.Range(40002, 6).Select(static port => Web.Occupy(IPAddress.Loopback, port)));
        await Eventually.SucceedsAsync(async () =>
        {
            var entry = await CheckAsync(web);
            Assert.Equal(HealthStatus.Degraded, entry.Status);
            Assert.Equal("7 of 10 ephemeral ports are in use (40000-40009).", entry.Description);
        });
    });

    [IsolatedFact]
    public Task Check_WithManyTimeWaits_IsDegraded() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://127.0.0.1:5000", builder: static builder => builder.Services.AddHealthChecks().AddBindwise(configure: static limits => limits.TimeWaits = 2));
        using (var listener = Web.Occupy(IPAddress.Loopback, 5001))
        {
            var (clients, accepted) = (new List<Socket>(), new List<Socket>());
            for (var count = 0; count < 3; count++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                clients.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, 5001);
                accepted.Add(await listener.AcceptAsync());
            }
            // One after the other, so that the minute of the first does not end before that of the last begins.
            clients.ForEach(static one => one.Close());
            accepted.ForEach(static one => one.Dispose());
        }
        await Eventually.SucceedsAsync(async () => Assert.Equal("3 sockets are in TIME_WAIT, more than 2.", (await CheckAsync(web)).Description));
    });

    [IsolatedFact]
    public Task Check_BehindAReloadThatTakesAnEndpointOut_IsHealthy() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var settings = folder.PathOf("kestrel.json");
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://localhost:5000"},"B":{"Url":"http://localhost:5001"}}}}""");
        await using var web = await Web.StartAsync(builder: builder =>
        {
            builder.Configuration.AddJsonFile(settings, optional: false, reloadOnChange: false);
            builder.Services.AddHealthChecks().AddBindwise();
        });
        Assert.Equal(4, (await CheckAsync(web)).Data["listeners"]);
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://localhost:5000"}}}}""");
        ((IConfigurationRoot)web.App.Configuration).Reload();
        await Eventually.SucceedsAsync(async () =>
        {
            var entry = await CheckAsync(web);
            Assert.Equal(2, entry.Data["listeners"]);
            Assert.Equal(HealthStatus.Healthy, entry.Status);
        });
        Assert.Equal(["http://localhost:5000"], web.Urls);
    });

    [IsolatedFact]
    public Task Check_AfterAHandOver_IsHealthy_WithAnEndpointThatAReloadHadAdded() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var settings = folder.PathOf("kestrel.json");
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://127.0.0.1:5000"}}}}""");
        await using var web = await Web.StartAsync(
            options: options =>
            {
                options.HandOver.Path = folder.HandOver;
                options.HandOver.ConnectionGracePeriod = TimeSpan.FromHours(1);
            },
            builder: builder =>
            {
                builder.Configuration.AddJsonFile(settings, optional: false, reloadOnChange: false);
                builder.Services.AddHealthChecks().AddBindwise();
            });
        await File.WriteAllTextAsync(settings, """{"Kestrel":{"Endpoints":{"A":{"Url":"http://127.0.0.1:5000"},"B":{"Url":"http://127.0.0.1:5001"}}}}""");
        ((IConfigurationRoot)web.App.Configuration).Reload();
        await Eventually.SucceedsAsync(async () => Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5001")));
        await using var next = await ListenerHandOver.StartAsync(
            [ListenRequest.On(IPAddress.Loopback, 5000), ListenRequest.On(IPAddress.Loopback, 5001)], new HandOverOptions { Path = folder.HandOver });
        Assert.Equal(2, next.ReceivedSockets);
        await next.ReadyAsync();
        await Eventually.SucceedsAsync(async () =>
        {
            Assert.Contains(web.Log.All, static line => line.Contains("The listening sockets were handed over", StringComparison.Ordinal));
            Assert.Equal(HealthStatus.Healthy, (await CheckAsync(web)).Status);
        });
    });

    [Theory]
    [InlineData(0d, null)]
    [InlineData(1.5, null)]
    [InlineData(null, -1)]
    public void Limits_OutOfRange_AreRefused(double? use, int? timeWaits) => Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddHealthChecks().AddBindwise(configure: limits =>
    {
        limits.EphemeralUse = use;
        limits.TimeWaits = timeWaits;
    }));

    private static async Task<HealthReportEntry> CheckAsync(Web web) => (await web.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["bindwise"];

    private sealed class Disposables(IEnumerable<IDisposable> all) : IDisposable
    {
        private readonly List<IDisposable> _all = [.. all];

        public void Dispose() => _all.ForEach(static one => one.Dispose());
    }
}
