using System.Net.Sockets;
using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore.Tests.Documentation;

/// <summary>The blocks of docs/aspnetcore.md, which stand there as they stand here.</summary>
internal static class Examples
{
    public static WebApplication First(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise();
        return builder.Build();
    }

    public static WebApplication Ports(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise(options =>
        {
            options.Fallback = PortPolicy.Range(5001, 5009);
            options.FallbackByPort[443] = PortPolicy.Exactly(443);
            options.Retry = BindRetryOptions.For(TimeSpan.FromSeconds(30), BindRetryReasons.FormerInstance);
            options.PortFile = "/run/shop/port";
        });
        return builder.Build();
    }

    public static WebApplication Restricted(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise(options => options.SettingsByEndpoint["/run/shop.sock"] = SocketSettings.Default with
        {
            UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
        });
        return builder.Build();
    }

    public static WebApplication Health(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseBindwise();
        builder.Services.AddHealthChecks().AddBindwise(configure: limits => limits.TimeWaits = 20_000);
        return builder.Build();
    }

    public static IHost Worker(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddListener("echo", ListenRequest.OnLocalhost(7000));
        builder.Services.AddHostedService<EchoWorker>();
        return builder.Build();
    }

    public static async Task<string?> Catching(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException exception) when (exception is StartupBindException { Diagnosis: { } diagnosis })
        {
            return diagnosis.Summary;
        }
        return null;
    }

    internal sealed class EchoWorker(IBoundListeners listeners) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    var connection = await listeners["echo"].AcceptAsync(stoppingToken);
                    _ = ServeAsync(connection, stoppingToken);
                }
                catch (SocketException)
                {
                    // Out of descriptors, for instance. The next connection may find one.
                    await Task.Delay(100, stoppingToken);
                }
            }
        }

        private static async Task ServeAsync(Socket connection, CancellationToken stoppingToken)
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
}
