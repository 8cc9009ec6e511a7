using System.Net;
using System.Net.Sockets;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>A Kestrel that is set up after UseBindwise, as WebApplicationFactory does.</summary>
[Trait("Lane", "second")]
public sealed class LaterKestrelTests
{
    [IsolatedFact]
    public Task UseKestrel_AfterUseBindwise_FallsBack_AndTellsItsPorts() => Body.RunAsync(static async () =>
    {
        using var first = Web.Occupy(IPAddress.Loopback, 5000);
        using var second = Web.Occupy(IPAddress.IPv6Loopback, 6000);
        await using (var web = await Web.StartAsync("http://localhost:5000", static options => options.Fallback = PortPolicy.Parse("5000-5009"), builder: UseKestrelAgain))
        {
            Assert.StartsWith("Microsoft.", web.App.Services.GetRequiredService<IServer>().GetType().FullName, StringComparison.Ordinal);
            Assert.Equal(["http://localhost:5001"], web.Urls);
            Assert.Equal("hello", await Web.GetAsync("http://[::1]:5001"));
            Assert.Contains(web.Log.All, static line => line.StartsWith("Warning Bindwise: 5000 is taken by dotnet", StringComparison.Ordinal));
        }
        await using (var code = await Web.StartAsync(options: static options => options.Fallback = PortPolicy.Exactly(6001), kestrel: static kestrel => kestrel.ListenLocalhost(6000), builder: UseKestrelAgain))
            Assert.Equal(["http://localhost:6001"], code.Urls);
        using var free = Web.Occupy(IPAddress.Loopback, 6001);
    });

    [IsolatedFact]
    public Task UseKestrel_AfterUseBindwise_FailsWithTheDiagnosis_AndLeavesNothingBound() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://127.0.0.1:5001;http://127.0.0.1:5000", builder: UseKestrelAgain);
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.NotNull(failure.Diagnosis);
        using var free = Web.Occupy(IPAddress.Loopback, 5001);
    });

    [IsolatedFact]
    public Task WebApplicationFactory_OnKestrel_OfAProgramWithThePackage_Serves() => Body.RunAsync(static async () =>
    {
        await using var factory = new WebApplicationFactory<Program>();
        factory.UseKestrel(0);
        factory.StartServer();
        using var client = factory.CreateClient();
        Assert.Equal(IPAddress.Loopback.ToString(), client.BaseAddress!.Host.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        Assert.True(client.BaseAddress.Port > 0);
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var plain = new TcpClient();
        await plain.ConnectAsync(IPAddress.Loopback, client.BaseAddress.Port);
    });

    // Whoever changes the addresses before the server itself starts is heard, and what stood there before is not bound: 5000 is taken.
    [IsolatedTheory]
    [MemberData(nameof(Moments))]
    public Task Addresses_ChangedBeforeTheServerStarts_AreServed(string moment, string order) => Body.RunAsync(
        static async (moment, order) =>
        {
            using var taken = Web.Occupy(IPAddress.Loopback, 5000);
            await using var web = Web.Make(moment == "default" ? null : "http://127.0.0.1:5000", builder: builder =>
            {
                if (order == "UseKestrel last")
                    UseKestrelAgain(builder);
                if (moment is "filter" or "first filter")
                    builder.Services.Insert(moment == "filter" ? builder.Services.Count : 0, ServiceDescriptor.Singleton<IStartupFilter>(static services => new Filter(() => Move(services))));
                if (moment is "starting" or "start")
                    builder.Services.AddHostedService(services => new Service(moment, () => Move(services)));
            });
            if (moment is "pipeline")
                ((IApplicationBuilder)web.App).Use(next => { Move(web.App.Services); return next; });
            if (moment is "built" or "default")
                Move(web.App.Services);
            await web.App.StartAsync();
            Assert.Equal(["http://127.0.0.1:5001"], web.Urls);
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5001"));
        },
        moment, order);

    public static TheoryData<string, string> Moments()
    {
        var data = new TheoryData<string, string>();
        foreach (var moment in (string[])["default", "built", "starting", "start", "first filter", "filter", "pipeline"])
        {
            data.Add(moment, "UseBindwise last");
            data.Add(moment, "UseKestrel last");
        }
        return data;
    }

    // Kestrel itself takes no change any more once it reads its addresses. Around it they still can be changed while the endpoints are bound.
    [IsolatedTheory]
    [InlineData("UseBindwise last", "bound")]
    [InlineData("UseBindwise last", "failed")]
    [InlineData("UseKestrel last", "bound")]
    public Task Addresses_ChangedWhileTheEndpointsAreBound_AreServed(string order, string end) => Body.RunAsync(
        static async (order, end) =>
        {
            using var taken = end == "failed" ? Web.Occupy(IPAddress.Loopback, 5000) : null;
            IServer? server = null;
            var isRefused = false;
            await using var web = Web.Make(
                "http://127.0.0.1:5000",
                options => options.ConfigureSocket = (_, _) =>
                {
                    try
                    {
                        var addresses = Interlocked.Exchange(ref server, null)?.Features.Get<IServerAddressesFeature>()?.Addresses;
                        addresses?.Clear();
                        addresses?.Add("http://127.0.0.1:5001");
                    }
                    catch (InvalidOperationException)
                    {
                        isRefused = true;
                    }
                },
                builder: order == "UseKestrel last" ? UseKestrelAgain : null);
            server = web.App.Services.GetRequiredService<IServer>();
            await web.App.StartAsync();
            Assert.Equal(order == "UseKestrel last", isRefused);
            var port = isRefused ? 5000 : 5001;
            Assert.Equal([$"http://127.0.0.1:{port}"], web.Urls);
            Assert.Equal("hello", await Web.GetAsync($"http://127.0.0.1:{port}"));
            using var free = end == "failed" ? null : Web.Occupy(IPAddress.Loopback, isRefused ? 5001 : 5000);
        },
        order, end);

    [IsolatedFact]
    public Task UseKestrel_AfterUseBindwise_ServesLocalhostZero_OnOnePort() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://localhost:0", builder: UseKestrelAgain);
        var port = new Uri(Assert.Single(web.Urls)).Port;
        Assert.Equal("hello", await Web.GetAsync($"http://127.0.0.1:{port}"));
        Assert.Equal("hello", await Web.GetAsync($"http://[::1]:{port}"));
        Assert.Contains(web.Log.All, line => line.EndsWith($"Now listening on: http://localhost:{port}", StringComparison.Ordinal));
    });

    private static void Move(IServiceProvider services)
    {
        var addresses = services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        addresses.Addresses.Clear();
        addresses.Addresses.Add("http://127.0.0.1:5001");
        addresses.PreferHostingUrls = true;
    }

    private sealed class Filter(Action action) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
        {
            action();
            return next;
        }
    }

    private sealed class Service(string moment, Action action) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => At("starting");

        public Task StartAsync(CancellationToken cancellationToken) => At("start");

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private Task At(string now)
        {
            if (now == moment)
                action();
            return Task.CompletedTask;
        }
    }

    private static void UseKestrelAgain(WebApplicationBuilder builder) => builder.WebHost.UseKestrel(static kestrel => kestrel.AddServerHeader = false);
}
