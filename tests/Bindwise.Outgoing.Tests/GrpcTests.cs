using System.Net;
using System.Text;
using Bindwise.Outgoing.Tests.Documentation;
using Grpc.Core;
using Grpc.Net.Client;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.Outgoing.Tests;

/// <summary>Calls of Grpc.Net.Client to Grpc.AspNetCore.</summary>
[Trait("Lane", "second")]
public sealed class GrpcTests
{
    [IsolatedFact]
    public Task Calls_LeaveFromTheSource_WithItsWholeRangeForEachDestination() => Body.RunAsync(static async () =>
    {
        await using var world = await ServeAsync();
        using var connector = World.Connector();
        var channels = Channels(one => Examples.Grpc(connector, $"http://{one}"));
        var calls = Call(channels);
        await world.SettledAsync(calls);
        Assert.All(calls, static one => Assert.False(one.IsFaulted, one.Exception?.ToString()));
        world.AssertWholeRangeForEach();

        using var another = Examples.Grpc(connector, $"http://{World.Destinations[0]}");
        var full = await Assert.ThrowsAsync<RpcException>(() => Asking.AskAsync(another));
        Assert.Equal(StatusCode.Unavailable, full.StatusCode);
        var reason = Assert.IsType<ConnectException>(full.Status.DebugException?.GetBaseException());
        Assert.Equal(World.Destinations[0], reason.RemoteEndPoint);
        Assert.StartsWith("No source port is left for a connection to 127.0.0.1:9001 from 127.0.0.2 (EADDRNOTAVAIL)", reason.Message, StringComparison.Ordinal);
        Assert.Contains("No source port is left for a connection to 127.0.0.1:9001", full.Status.Detail, StringComparison.Ordinal);

        world.Release();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal("127.0.0.2", answer));
        channels.ForEach(static one => one.Dispose());
    });

    [IsolatedFact]
    public Task Calls_WithBindThenConnect_StopAtTheRangesSize() => Body.RunAsync(static async () =>
    {
        await using var world = await ServeAsync();
        var channels = Channels(static one => GrpcChannel.ForAddress($"http://{one}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = World.BindThenConnectAsync },
            DisposeHttpClient = true,
        }));
        await world.SettledAsync(Call(channels));
        Assert.Equal(World.RangeSize, world.Held.Count);
        channels.ForEach(static one => one.Dispose());
    });

    // The page says so.
    [Fact]
    public void LoadBalancing_OfTheClient_RefusesAConnectCallback()
    {
        using var connector = new OutgoingConnector();
        using var services = new ServiceCollection().AddSingleton<Grpc.Net.Client.Balancer.ResolverFactory>(new Grpc.Net.Client.Balancer.StaticResolverFactory(static _ => [new("127.0.0.1", 1)])).BuildServiceProvider();
        using var handler = new SocketsHttpHandler { ConnectCallback = connector.ConnectHttpAsync };
        var refused = Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress("static:///shop", new GrpcChannelOptions
        {
            HttpHandler = handler,
            Credentials = ChannelCredentials.Insecure,
            ServiceProvider = services,
        }));
        Assert.Contains("ConnectCallback", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<World> ServeAsync()
    {
        World.NarrowRange();
        var world = new World();
        foreach (var endpoint in World.Destinations)
        {
            var builder = World.Builder();
            builder.Services.AddGrpc();
            await world.StartAsync(builder, endpoint, HttpProtocols.Http2, static application => application.MapGrpcService<HoldingService>());
        }
        return world;
    }

    /// <summary>A channel has one connection: as many of them to each destination as there are ports.</summary>
    private static List<GrpcChannel> Channels(Func<IPEndPoint, GrpcChannel> open) =>
        [.. Enumerable.Range(0, World.RangeSize * World.Destinations.Count).Select(index => open(World.Destinations[index % World.Destinations.Count]))];

    private static List<Task<string>> Call(List<GrpcChannel> channels) => [.. channels.Select(Asking.AskAsync)];
}

/// <summary>The contract that protoc would write, by hand: one text for another.</summary>
[BindServiceMethod(typeof(Asking), nameof(BindService))]
internal abstract class Asking
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);
    private static readonly Method<string, string> Method = new(MethodType.Unary, "bindwise.Asking", nameof(Ask), Text, Text);

    public static async Task<string> AskAsync(GrpcChannel channel) =>
        await channel.CreateCallInvoker().AsyncUnaryCall(Method, host: null, new CallOptions(), "whence?");

    public static void BindService(ServiceBinderBase binder, Asking? service) =>
        binder.AddMethod(Method, service is null ? null : new UnaryServerMethod<string, string>(service.Ask));

    public abstract Task<string> Ask(string question, ServerCallContext context);
}

/// <summary>Answers with the caller's address, when the world releases it.</summary>
internal sealed class HoldingService(World world) : Asking
{
    public override async Task<string> Ask(string question, ServerCallContext context)
    {
        var connection = context.GetHttpContext().Connection;
        await world.HoldAsync(connection);
        return connection.RemoteIpAddress!.ToString();
    }
}
