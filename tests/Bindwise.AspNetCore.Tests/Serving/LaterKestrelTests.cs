using System.Net;
using System.Net.Sockets;
using IsolatedProcess;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>A Kestrel that is set up after UseBindwise, as WebApplicationFactory does.</summary>
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

    // As the factory does, from another thread, while the application starts: here in the middle of the bind.
    [IsolatedTheory]
    [InlineData("UseBindwise last")]
    [InlineData("UseKestrel last")]
    public Task Addresses_ChangedWhileTheEndpointsAreBound_AreServed(string order) => Body.RunAsync(static async order =>
    {
        IServer? server = null;
        await using var web = Web.Make(
            "http://127.0.0.1:5000",
            options => options.ConfigureSocket = (_, _) =>
            {
                var addresses = Interlocked.Exchange(ref server, null)?.Features.Get<IServerAddressesFeature>()?.Addresses;
                addresses?.Clear();
                addresses?.Add("http://127.0.0.1:5001");
            },
            builder: order == "UseKestrel last" ? UseKestrelAgain : null);
        server = web.App.Services.GetRequiredService<IServer>();
        await web.App.StartAsync();
        Assert.Equal(["http://127.0.0.1:5001"], web.Urls);
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5001"));
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
    }, order);

    private static void UseKestrelAgain(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder) => builder.WebHost.UseKestrel(static kestrel => kestrel.AddServerHeader = false);
}
