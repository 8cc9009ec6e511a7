using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests.HandingOver;

/// <summary>A web application that hands over, as a process of its own. Only for use in a body that runs apart.</summary>
internal static class WebInstance
{
    // The product's own limits, a minute and half a minute, are not what these tests are about: where one is, the test sets it.
    private const string Long = "00:10:00";

    /// <summary>Starts one.</summary>
    /// <param name="name">What it answers.</param>
    /// <param name="urls">Where it listens.</param>
    /// <param name="path">Where the instances meet.</param>
    /// <param name="settings">Further settings of the configuration.</param>
    public static Started Start(string name, string urls, string path, params (string Key, string? Value)[] settings) => StartBy([], name, urls, path, settings);

    /// <summary>Starts one by another program, whose last words are the command.</summary>
    public static Started StartBy(string[] wrapper, string name, string urls, string path, params (string Key, string? Value)[] settings)
    {
        string[] command = [.. wrapper, Environment.ProcessPath!, "exec", Assembly.GetExecutingAssembly().Location, "run-apart", typeof(WebInstance).FullName!, new Func<Task>(ServeAsync).Method.MetadataToken.ToString(CultureInfo.InvariantCulture)];
        return Started.Run(command[0], command[1..],
        [("INSTANCE_NAME", name), ("ASPNETCORE_URLS", urls), ("Bindwise__HandOver__Path", path), ("Bindwise__HandOver__ConnectionGracePeriod", "00:00:01"),
            ("Bindwise__HandOver__WaitTimeout", Long), ("Bindwise__HandOver__ReadyTimeout", Long), ("Bindwise__HandOver__DrainTimeout", Long), .. settings]);
    }

    /// <summary>Starts one and waits until it has started.</summary>
    public static async Task<Started> ReadyAsync(string name, string urls, string path, params (string Key, string? Value)[] settings)
    {
        var instance = Start(name, urls, path, settings);
        await instance.SaysAsync("ready");
        return instance;
    }

    /// <summary>What the process does.</summary>
    public static async Task ServeAsync()
    {
        var name = Environment.GetEnvironmentVariable("INSTANCE_NAME")!;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(static options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning).AddFilter("Bindwise", LogLevel.Information);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureHttpsDefaults(static https =>
        {
            https.ServerCertificate = Certificate();
            // Kestrel gives up a client that shakes hands for ten seconds, as one does that is held up.
            https.HandshakeTimeout = TimeSpan.FromMinutes(4);
        }));
        builder.WebHost.UseBindwise();
        if (builder.Configuration["OWN_SOCKETS"] is not null)
            builder.WebHost.UseSockets(static sockets => sockets.CreateBoundListenSocket = OwnSocket);
        if (builder.Configuration["FAILS"] is not null)
            builder.Services.AddHostedService<Failing>();
        await using var app = builder.Build();
        app.UseWebSockets();
        app.MapGet("/", () => name);
        app.MapGet("/slow", async () =>
        {
            await Task.Delay(2_000);
            return name;
        });
        app.MapGet("/ws", (HttpContext context) => EchoAsync(context, name));
        app.Lifetime.ApplicationStarted.Register(static () => Console.WriteLine("ready"));
        app.Lifetime.ApplicationStopping.Register(static () => Console.WriteLine("stopping"));
        try
        {
            await app.RunAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            Console.WriteLine("fails: " + exception.Message);
        }
    }

    private static async Task EchoAsync(HttpContext context, string name)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64];
        while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: WebSocketMessageType.Text })
            await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(name), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static Socket OwnSocket(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endpoint);
        return socket;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    // Starts after the server, which accepts by then, and fails.
    private sealed class Failing : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StartedAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(300, cancellationToken);
            throw new InvalidOperationException("no database");
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
