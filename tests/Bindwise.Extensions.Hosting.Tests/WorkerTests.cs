using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.Versioning;
using IsolatedProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Bindwise.Extensions.Hosting.Tests;

/// <summary>Workers of a host without a web server.</summary>
[SupportedOSPlatform("linux")]
public sealed class WorkerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [IsolatedFact]
    public Task Worker_GetsItsListenerByItsKey_AndServes() => Body.RunAsync(static async () =>
    {
        using var host = Make(ListenRequest.OnLocalhost(7000));
        await host.StartAsync();
        Assert.Equal("hello", await AskAsync(7000));
        Assert.Same(host.Services.GetRequiredKeyedService<BoundListener>("web"), host.Services.GetRequiredService<IBoundListeners>()["web"]);
        await host.StopAsync();
        using var free = new TcpListener(IPAddress.Loopback, 7000);
        free.Start();
    });

    [IsolatedFact]
    public Task Start_WithThePortTaken_IsRefusedWithTheDiagnosis() => Body.RunAsync(static async () =>
    {
        using var taken = new TcpListener(IPAddress.Loopback, 7000);
        taken.Start();
        using var host = Make(ListenRequest.OnLocalhost(7000));
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.StartsWith("The listener 'web' cannot be bound: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(("EADDRINUSE", true), (refused.Bind!.ErrorName, refused.Diagnosis is not null));
        Assert.DoesNotContain('\n', refused.ToString());
    });

    // Bound to 8080, and named as the listener, which asks for 7000.
    [IsolatedFact]
    public Task Worker_OfAParentThatPassesItsSocket_ServesOnThat() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = Environment.ProcessPath!,
            Arguments = Arguments(ServeUntilEnd),
            Sockets = ChildSocket.Of(listener, "web"),
            ExpectsReady = true,
            ReadyTimeout = Limit,
        });
        await server.WaitUntilReadyAsync();
        Assert.Equal("hello", await AskAsync(8080));
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(7000));
        _ = await server.StopAsync(Limit);
    });

    [IsolatedFact]
    public Task Worker_ThatTakesNone_Binds() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = Environment.ProcessPath!,
            Arguments = Arguments(ServeUntilEnd),
            Environment = System.Collections.Immutable.ImmutableDictionary<string, string?>.Empty.Add("Bindwise__SocketActivation", "Off"),
            Sockets = ChildSocket.Of(listener, "web"),
            ExpectsReady = true,
            ReadyTimeout = Limit,
        });
        await server.WaitUntilReadyAsync();
        Assert.Equal("hello", await AskAsync(7000));
        _ = await server.StopAsync(Limit);
    });

    [Fact]
    public async Task Options_ThatCannotBeUnderstood_AreRefused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Bindwise:CommandLines", "Some")]);
        builder.Services.AddListener("web", ListenRequest.OnLocalhost(PortPolicy.SystemChoice));
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("Bindwise:CommandLines is 'Some'; write one of Off, Short, Full", refused.Message, StringComparison.Ordinal);
    }

    internal static async Task ServeUntilEnd()
    {
        using var host = Make(ListenRequest.OnLocalhost(7000));
        await host.StartAsync();
        Assert.True(ServiceNotifier.Ready());
        await host.WaitForShutdownAsync();
    }

    private static System.Collections.Immutable.ImmutableArray<string> Arguments(Func<Task> body) =>
    [
        "exec", Assembly.GetExecutingAssembly().Location, "run-apart", body.Method.DeclaringType!.FullName!, body.Method.MetadataToken.ToString(CultureInfo.InvariantCulture),
    ];

    private static IHost Make(ListenRequest request)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddListener("web", request);
        builder.Services.AddHostedService<Greeter>();
        return builder.Build();
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync().WaitAsync(Limit);
    }

    internal sealed class Greeter([FromKeyedServices("web")] BoundListener listener) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await foreach (var connection in listener.AcceptAllAsync(stoppingToken))
            {
                using (connection)
                    await connection.SendAsync("hello"u8.ToArray(), stoppingToken);
            }
        }
    }
}
