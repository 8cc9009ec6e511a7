using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bindwise.Outgoing.Tests.Documentation;

/// <summary>The blocks of docs/outgoing.md that need other packages; they stand there as they stand here.</summary>
internal static class Examples
{
    public static GrpcChannel Grpc(OutgoingConnector connector, string address)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = connector.ConnectHttpAsync };
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        return channel;
    }

    public static IReverseProxyBuilder Yarp(WebApplicationBuilder builder, OutgoingConnector connector)
    {
        var proxy = builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .ConfigureHttpClient((_, handler) => handler.ConnectCallback = connector.ConnectHttpAsync);
        return proxy;
    }

    public static NpgsqlDataSource Npgsql(string folder)
    {
        var database = NpgsqlDataSource.Create($"Host={folder};Port=5432;Username=shop;Database=shop;SSL Mode=Disable");
        return database;
    }

    public static async Task RelayAsync(OutgoingConnector connector, string folder, EndPoint database, CancellationToken end)
    {
        using var listener = Listener.Bind(ListenRequest.OnUnixSocket(Path.Combine(folder, ".s.PGSQL.5432")));
        while (!end.IsCancellationRequested)
            _ = RelayOneAsync(await listener.AcceptAsync(end));

        async Task RelayOneAsync(Socket accepted)
        {
            using var near = new NetworkStream(accepted, ownsSocket: true);
            try
            {
                using var far = await connector.ConnectStreamAsync(database, end);
                await Task.WhenAny(near.CopyToAsync(far, end), far.CopyToAsync(near, end));
            }
            catch (SocketException exception)
            {
                Console.Error.WriteLine(exception.Message);
            }
        }
    }
}
