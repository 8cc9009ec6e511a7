// A worker with a listener and without ASP.NET Core: it echoes what clients send. The host binds the listener before the worker starts, takes it from
// systemd where a socket unit passes it, and refuses to start with one line that says who has the port.
using System.Net.Sockets;
using Bindwise;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddListener("echo", ListenRequest.OnLocalhost(7000));
builder.Services.AddHostedService<EchoWorker>();
using var host = builder.Build();
await host.RunAsync();

internal sealed class EchoWorker([FromKeyedServices("echo")] BoundListener listener) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Console.WriteLine($"echoes on port {listener.Port}");
        try
        {
            await foreach (var connection in listener.AcceptAllAsync(stoppingToken))
                _ = EchoAsync(connection, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static async Task EchoAsync(Socket connection, CancellationToken stoppingToken)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        try
        {
            await stream.CopyToAsync(stream, stoppingToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // A client that resets its connection ends that one, and not the service.
        }
    }
}
