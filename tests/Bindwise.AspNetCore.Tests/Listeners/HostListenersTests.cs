using System.Net;
using System.Net.Sockets;
using System.Text;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore.Tests.Listeners;

/// <summary>Listeners of a host without a web server.</summary>
public sealed class HostListenersTests
{
    [IsolatedFact]
    public Task Worker_FindsItsListenerBound_AndServes() => Body.RunAsync(static async () =>
    {
        using var host = Make(static services =>
        {
            services.AddListener("echo", ListenRequest.OnLocalhost(7000));
            services.AddHostedService<EchoWorker>();
        });
        await host.StartAsync();
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address, 7000);
            await client.GetStream().WriteAsync("ping"u8.ToArray());
            var answer = new byte[4];
            await client.GetStream().ReadExactlyAsync(answer);
            Assert.Equal("ping", Encoding.ASCII.GetString(answer));
        }
        await host.StopAsync();
        using var free = Web.Occupy(IPAddress.Loopback, 7000);
    });

    [IsolatedFact]
    public Task Start_WithOneTaken_BindsNone_AndEndsWithTheDiagnosis() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 7001);
        using var host = Make(static services => services.AddListener("free", ListenRequest.OnLocalhost(7000)).AddListener("taken", ListenRequest.OnLocalhost(7001)).AddHostedService<NeverStarted>());
        var failure = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.StartsWith("The listener 'taken' cannot be bound: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal("listener", failure.Diagnosis!.Cause.Id());
        // No log has it: its text is the diagnosis, which names the holder once.
        Assert.StartsWith($"Bindwise.Extensions.Hosting.StartRefusedException: The listener 'taken' cannot be bound: {failure.Diagnosis.Summary}", failure.ToString(), StringComparison.Ordinal);
        using var free = Web.Occupy(IPAddress.Loopback, 7000);
        Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IBoundListeners>()["free"]);
    });

    [IsolatedFact]
    public Task Listeners_OfAHostThatFailsLater_AreClosedWithIt() => Body.RunAsync(static async () =>
    {
        using (var host = Make(static services => services.AddListener("one", ListenRequest.OnLocalhost(7000)).AddHostedService<NeverStarted>()))
            await Assert.ThrowsAsync<NotSupportedException>(() => host.StartAsync());
        using var free = Web.Occupy(IPAddress.Loopback, 7000);
    });

    [IsolatedFact]
    public Task Ports_OfTheSystemsChoice_AreToldBeforeWorkersStart() => Body.RunAsync(static async () =>
    {
        using var host = Make(static services => services.AddListener("any", static _ => ListenRequest.OnLocalhost(PortPolicy.SystemChoice)));
        var listeners = host.Services.GetRequiredService<IBoundListeners>();
        Assert.Throws<InvalidOperationException>(() => listeners["any"]);
        await host.StartAsync();
        Assert.InRange(listeners["any"].Port, 1024, 65535);
        Assert.Equal("any", Assert.Single(listeners.Names));
        Assert.Throws<KeyNotFoundException>(() => listeners["other"]);
        await host.StopAsync();
        Assert.Throws<InvalidOperationException>(() => listeners["any"]);
    });

    // Services that start at the same time: one asks while the host's own start waits for the port.
    [IsolatedFact]
    public Task Listener_AskedForWhileItIsBound_IsBoundOnce() => Body.RunAsync(static async () =>
    {
        var taken = Web.Occupy(IPAddress.Loopback, 7000);
        using var host = Make(static services =>
        {
            services.AddListener("one", ListenRequest.On(IPAddress.Loopback, 7000) with { Retry = new BindRetryOptions { Timeout = TimeSpan.FromMinutes(4), RetryOn = BindRetryReasons.All } });
            services.Configure<HostOptions>(static options => options.ServicesStartConcurrently = true);
            services.AddSingleton<AsksEarly>();
            services.AddHostedService(static all => all.GetRequiredService<AsksEarly>());
        });
        var early = host.Services.GetRequiredService<AsksEarly>();
        var starting = host.StartAsync();
        await early.Asks.Task;
        await Task.Delay(100);
        taken.Dispose();
        await starting;
        Assert.Same(host.Services.GetRequiredService<IBoundListeners>()["one"], early.Listener);
        await host.StopAsync();
        using var free = Web.Occupy(IPAddress.Loopback, 7000);
    });

    private sealed class AsksEarly(IServiceProvider services) : IHostedLifecycleService
    {
        public TaskCompletionSource Asks { get; } = new();

        public BoundListener? Listener { get; private set; }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.Run(
            () =>
            {
                Asks.SetResult();
                Listener = services.GetRequiredKeyedService<BoundListener>("one");
            }, cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task Names_ThatAreTwins_AreRefused()
    {
        using var host = Make(static services => services.AddListener("a", ListenRequest.OnLocalhost(7000)).AddListener("a", ListenRequest.OnLocalhost(7001)));
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.Equal("Two listeners are named 'a': give each AddListener its own name.", refused.Message);
    }

    [Fact]
    public async Task Requests_ForOnePort_AreRefusedInOneSentence()
    {
        using var host = Make(static services => services.AddListener("a", ListenRequest.OnLocalhost(7000)).AddListener("b", ListenRequest.OnAny(7000)));
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => host.StartAsync());
        Assert.StartsWith("listener 'a' and listener 'b' both ask for port 7000 ", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Bindwise.Extensions.Hosting.StartRefusedException: " + refused.Message, refused.ToString());
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
    }

    private static IHost Make(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Services);
        return builder.Build();
    }

    internal sealed class EchoWorker(IBoundListeners listeners) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            while (true)
            {
                using var client = await listeners["echo"].AcceptTcpClientAsync(stoppingToken);
                await client.GetStream().CopyToAsync(client.GetStream(), stoppingToken);
            }
        }
    }

    internal sealed class NeverStarted : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException("a service that cannot start");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
