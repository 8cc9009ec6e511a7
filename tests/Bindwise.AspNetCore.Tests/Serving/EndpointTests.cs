using System.Collections.Immutable;
using System.Net;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>Every way to give Kestrel an endpoint is bound by the package, and answers.</summary>
public sealed class EndpointTests
{
    [IsolatedFact]
    public Task Nothing_Configured_IsLocalhost5000OnBothFamilies() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync();
        Assert.Equal(["http://localhost:5000"], web.Urls);
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:5000"));
        Assert.Contains(web.Log.All, static line => line.EndsWith("Now listening on: http://localhost:5000", StringComparison.Ordinal));
        Assert.Equal(2, BoundSockets(web).Length);
    });

    [IsolatedFact]
    public Task Code_AnyIPLocalhostAddressAndUnix_AreBoundByThePackage() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("app.sock");
        await using var web = await Web.StartAsync(kestrel: kestrel =>
        {
            kestrel.ListenAnyIP(5000);
            kestrel.ListenLocalhost(5001);
            kestrel.Listen(IPAddress.Loopback, 5002);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenUnixSocket(path);
        });
        Assert.Equal(6, BoundSockets(web).Length);
        Assert.Equal(["http://[::]:5000", "http://localhost:5001", "http://127.0.0.1:5002"], web.Urls.Take(3));
        var chosen = new Uri(web.Urls[3]);
        Assert.InRange(chosen.Port, 1024, 65535);
        foreach (var address in new[] { "http://127.0.0.1:5000", "http://[::1]:5000", "http://127.0.0.1:5001", "http://[::1]:5001", "http://127.0.0.1:5002", chosen.ToString() })
            Assert.Equal("hello", await Web.GetAsync(address));
        Assert.Equal("hello", await UnixClient.GetAsync(path));
        await web.App.StopAsync();
        Assert.False(File.Exists(path), "the file of the UNIX socket goes with the server");
    });

    [IsolatedFact]
    public Task UnixSocket_LeftBehindByACrash_IsReplaced() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("app.sock");
        using (var crashed = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            crashed.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path + ".old"));
            File.Move(path + ".old", path);
        }
        await using var web = await Web.StartAsync($"http://unix:{path}");
        Assert.Equal([$"http://unix:{path}"], web.Urls);
        Assert.Equal("hello", await UnixClient.GetAsync(path));
    });

    [IsolatedFact]
    public Task Configuration_OfKestrelEndpoints_IsBoundByThePackage() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync(settings: [("Kestrel:Endpoints:Web:Url", "http://*:6000"), ("Kestrel:Endpoints:Admin:Url", "http://127.0.0.1:6001"), ("Kestrel:Endpoints:Admin:Protocols", "Http1")]);
        Assert.Equal(2, BoundSockets(web).Length);
        Assert.Equal(["http://127.0.0.1:6001", "http://[::]:6000"], web.Urls.Order());
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:6000"));
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:6001"));
    });

    [IsolatedFact]
    public Task Environment_UrlsAndHttpPorts_AreBoundByThePackage() => Body.RunAsync(static async () =>
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_HTTP_PORTS", "6100;6101");
        await using (var web = await Web.StartAsync())
        {
            Assert.Equal(["http://[::]:6100", "http://[::]:6101"], web.Urls);
            Assert.Equal(2, BoundSockets(web).Length);
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:6101"));
        }
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:6102;http://localhost:6103");
        await using (var web = await Web.StartAsync())
        {
            Assert.Equal(["http://127.0.0.1:6102", "http://localhost:6103"], web.Urls);
            Assert.Equal("hello", await Web.GetAsync("http://[::1]:6103"));
        }
    });

    [IsolatedFact]
    public Task Urls_BesideCode_GiveWayAsWithKestrel_UnlessPreferred() => Body.RunAsync(static async () =>
    {
        await using (var web = await Web.StartAsync("http://localhost:6200", kestrel: static kestrel => kestrel.ListenLocalhost(6201)))
        {
            Assert.Equal(["http://localhost:6201"], web.Urls);
            Assert.Contains(web.Log.All, static line => line.Contains("Overriding address(es) 'http://localhost:6200'", StringComparison.Ordinal));
        }
        await using (var web = await Web.StartAsync("http://localhost:6200", kestrel: static kestrel => kestrel.ListenLocalhost(6201), builder: static builder => builder.WebHost.PreferHostingUrls(true)))
        {
            Assert.Equal(["http://localhost:6200"], web.Urls);
            Assert.Equal(2, BoundSockets(web).Length);
        }
    });

    [IsolatedFact]
    public Task Settings_AreThoseOfTheSockets() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://[::]:6300", static options => options.Settings = SocketSettings.Default with { V6Only = true, ReusePort = true });
        var socket = Assert.Single(BoundSockets(web)).Socket;
        Assert.False(socket.DualMode);
        await Assert.ThrowsAsync<HttpRequestException>(static () => Web.GetAsync("http://127.0.0.1:6300"));
        Assert.Equal("hello", await Web.GetAsync("http://[::1]:6300"));
        await using var second = await Web.StartAsync("http://[::]:6300", static options => options.Settings = SocketSettings.Default with { V6Only = true, ReusePort = true });
        Assert.Equal(["http://[::]:6300"], second.Urls);
    });

    [IsolatedFact]
    public Task Stop_ClosesAll_AndTheNextStartBindsAtOnce() => Body.RunAsync(static async () =>
    {
        for (var start = 0; start < 3; start++)
        {
            await using var web = await Web.StartAsync("http://*:6400;http://localhost:6401");
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:6400"));
            await web.App.StopAsync();
            Assert.Empty(BoundSockets(web));
        }
        using var free = Web.Occupy(IPAddress.Any, 6400);
    });

    [Fact]
    public void Endpoints_OfThisKestrel_CanBeRead()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        kestrel.ListenLocalhost(5000);
        kestrel.ListenAnyIP(5001);
        Assert.Equal(["http://localhost:5000", "http://[::]:5001"], KestrelEndpoints.Read(kestrel)!.Select(static one => one.ToString()));
    }

    [Fact]
    public void Endpoint_OfHttp3Alone_IsLeftToKestrel()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        kestrel.ListenAnyIP(5000, static listen => listen.Protocols = HttpProtocols.Http3);
        kestrel.ListenAnyIP(5001, static listen => listen.Protocols = HttpProtocols.Http1AndHttp2AndHttp3);
        Assert.Equal("http://[::]:5001", Assert.Single(KestrelEndpoints.Read(kestrel)!.Select(AskedEndpoint.Of).OfType<AskedEndpoint>()).Name);
    }

    [IsolatedFact]
    public Task Socket_ThatKestrelDoesNotFetch_IsClosed() => Body.RunAsync(static () =>
    {
        using var sockets = new ListeningSockets();
        var listener = Listener.Bind(ListenRequest.OnLocalhost(5000));
        sockets.Add("unfetched", listener);
        sockets.Reserve(listener.Sockets[0].LocalEndPoint, listener.Sockets[0].Socket);
        sockets.CloseReserved();
        Assert.Equal("[::1]:5000", Assert.Single(sockets.Open).LocalEndPoint!.ToString());
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("http://localhost:5000", EndpointKind.Localhost, "127.0.0.1:5000")]
    [InlineData("https://LOCALHOST", EndpointKind.Localhost, "127.0.0.1:443")]
    [InlineData("http://*:80", EndpointKind.Any, "[::]:80")]
    [InlineData("http://+:80", EndpointKind.Any, "[::]:80")]
    [InlineData("http://example.test:80", EndpointKind.Any, "[::]:80")]
    [InlineData("http://0.0.0.0:80", EndpointKind.Address, "0.0.0.0:80")]
    [InlineData("http://[::1]:80", EndpointKind.Address, "[::1]:80")]
    [InlineData("http://unix:/tmp/a.sock", EndpointKind.Unix, "/tmp/a.sock")]
    internal void Url_IsUnderstoodAsKestrelDoes(string url, EndpointKind kind, string endpoint)
    {
        var asked = AskedEndpoint.OfUrl(url)!;
        Assert.Equal((kind, endpoint), (asked.Kind, asked.EndPoint.ToString()));
    }

    [Theory]
    [InlineData("localhost:5000")]
    [InlineData("ftp://localhost:5000")]
    [InlineData("http://localhost:5000/base")]
    [InlineData("http://localhost:70000")]
    public void Url_ThatKestrelRefuses_IsLeftToIt(string url) => Assert.Null(AskedEndpoint.OfUrl(url));

    private static ImmutableArray<OpenSocket> BoundSockets(Web web) => web.App.Services.GetRequiredService<ListeningSockets>().Open;
}
