using System.Collections.Concurrent;
using System.Net;
using Bindwise.Outgoing.Tests.Documentation;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace Bindwise.Outgoing.Tests;

/// <summary>Requests that YARP forwards.</summary>
public sealed class YarpTests
{
    [IsolatedFact]
    public Task Requests_LeaveFromTheSource_WithItsWholeRangeForEachDestination() => Body.RunAsync(static async () =>
    {
        using var connector = World.Connector();
        var builder = Builder();
        Examples.Yarp(builder, connector);
        var failures = new ConcurrentQueue<Exception?>();
        await using var world = await ServeAsync(builder, failures);
        using var client = Client();
        var requests = Request(client, World.RangeSize);
        await world.SettledAsync(requests);
        Assert.Empty(failures);
        world.AssertWholeRangeForEach();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("/0", UriKind.Relative)));
        var reason = Assert.IsType<ConnectException>(Assert.Single(failures)?.GetBaseException());
        Assert.Equal(World.Destinations[0], reason.RemoteEndPoint);
        Assert.NotNull(reason.Diagnosis?.PortUse);

        world.Release();
        Assert.All(await Task.WhenAll(requests), static answer => Assert.Equal("127.0.0.2", answer));
    });

    [IsolatedFact]
    public Task Requests_WithBindThenConnect_StopAtTheRangesSize() => Body.RunAsync(static async () =>
    {
        var builder = Builder();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .ConfigureHttpClient(static (_, handler) => handler.ConnectCallback = World.BindThenConnectAsync);
        await using var world = await ServeAsync(builder, []);
        using var client = Client();
        await world.SettledAsync(Request(client, World.RangeSize));
        Assert.Equal(World.RangeSize, world.Held.Count);
    });

    private static WebApplicationBuilder Builder()
    {
        var builder = World.Builder();
        var settings = new Dictionary<string, string?>();
        for (var index = 0; index < World.Destinations.Count; index++)
        {
            settings[$"ReverseProxy:Routes:r{index}:ClusterId"] = $"c{index}";
            settings[$"ReverseProxy:Routes:r{index}:Match:Path"] = $"/{index}";
            settings[$"ReverseProxy:Clusters:c{index}:Destinations:d:Address"] = $"http://{World.Destinations[index]}";
            // YARP gives up a request that is held for 100 s, as does HttpClient below.
            settings[$"ReverseProxy:Clusters:c{index}:HttpRequest:ActivityTimeout"] = "00:10:00";
        }
        builder.Configuration.AddInMemoryCollection(settings);
        return builder;
    }

    private static async Task<World> ServeAsync(WebApplicationBuilder proxy, ConcurrentQueue<Exception?> failures)
    {
        World.NarrowRange();
        var world = new World();
        foreach (var endpoint in World.Destinations)
        {
            await world.StartAsync(World.Builder(), endpoint, HttpProtocols.Http1, application => application.Run(async context =>
            {
                await world.HoldAsync(context.Connection);
                await context.Response.WriteAsync(context.Connection.RemoteIpAddress!.ToString());
            }));
        }
        await world.StartAsync(proxy, new IPEndPoint(IPAddress.Loopback, 8080), HttpProtocols.Http2, application =>
        {
            application.Use(async (context, next) =>
            {
                await next(context);
                if (context.Features.Get<IForwarderErrorFeature>() is { } error)
                    failures.Enqueue(error.Exception);
            });
            application.MapReverseProxy();
        });
        return world;
    }

    /// <summary>With HTTP/2: all requests to the proxy on one connection, and one port.</summary>
    private static HttpClient Client() => new()
    {
        BaseAddress = new Uri("http://127.0.0.1:8080/"),
        Timeout = TimeSpan.FromMinutes(10),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static List<Task<string>> Request(HttpClient client, int each) =>
        [.. Enumerable.Range(0, each * World.Destinations.Count).Select(index => client.GetStringAsync(new Uri($"/{index % World.Destinations.Count}", UriKind.Relative)))];
}
