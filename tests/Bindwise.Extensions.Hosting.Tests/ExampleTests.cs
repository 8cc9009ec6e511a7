using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Bindwise.Extensions.Hosting.Tests.Connections;

namespace Bindwise.Extensions.Hosting.Tests;

/// <summary>The example of the package's README.md and of docs/hosting.md, run.</summary>
[SupportedOSPlatform("linux")]
public sealed class ExampleTests
{
    [IsolatedFact]
    public Task Worker_OfThePages_Echoes_AfterAResetToo() => Body.RunAsync(static async () =>
    {
        var run = RunAsync([]);
        for (var client = 0; client < 2; client++)
        {
            using var connection = await ConnectAsync(run);
            await connection.GetStream().WriteAsync("hello"u8.ToArray());
            var answer = new byte[5];
            await connection.GetStream().ReadExactlyAsync(answer);
            Assert.Equal("hello"u8, answer);
            connection.LingerState = new LingerOption(true, 0);
        }
    });

    private static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddListener("echo", ListenRequest.OnLocalhost(7000));
        builder.Services.AddHostedService<EchoWorker>();
        await builder.Build().RunAsync();
    }

    private static async Task<TcpClient> ConnectAsync(Task run)
    {
        while (true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, 7000);
                return client;
            }
            catch (SocketException) when (!run.IsCompleted)
            {
                // The host has not bound it yet.
                client.Dispose();
            }
        }
    }
}

internal sealed class EchoWorker([FromKeyedServices("echo")] BoundListener listener) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var connection in listener.AcceptAllAsync(stoppingToken))
            _ = ServeAsync(connection, stoppingToken);
    }
}

/// <summary>What the example leaves to its reader.</summary>
internal static class Connections
{
    public static async Task ServeAsync(Socket connection, CancellationToken stoppingToken)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        await stream.CopyToAsync(stream, stoppingToken);
    }
}
