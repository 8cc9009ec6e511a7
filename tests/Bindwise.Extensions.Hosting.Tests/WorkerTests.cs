using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.Versioning;
using IsolatedProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bindwise.Extensions.Hosting.Tests;

/// <summary>Workers of a host without a web server.</summary>
[SupportedOSPlatform("linux")]
public sealed class WorkerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

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

    [IsolatedFact]
    public Task Start_ThatIsStoppedWhileItWaits_SaysForWhat_InOneLine() => Body.RunAsync(static async () =>
    {
        using var taken = new TcpListener(IPAddress.Loopback, 7000);
        taken.Start();
        using var stop = new CancellationTokenSource();
        var retry = BindRetryOptions.For(Timeout.InfiniteTimeSpan, BindRetryReasons.OtherListeners) with { OnRetry = _ => stop.Cancel() };
        // No service of the host asks for the listener: it would wait for it in its constructor.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddListener("web", ListenRequest.OnLocalhost(7000) with { Retry = retry });
        using var host = builder.Build();
        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.StartAsync(stop.Token));
        Assert.StartsWith("System.OperationCanceledException: Stopped while waiting: 127.0.0.1:7000/tcp is taken (EADDRINUSE): ", stopped.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', stopped.ToString());
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

    [IsolatedFact]
    public Task Worker_WithASocketThatNoListenerTakes_SaysWhatItsHostCanDo() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        await using var server = ChildServer.Start(new ChildServerOptions { Program = Environment.ProcessPath!, Arguments = Arguments(RefuseWhatIsLeftOver), Sockets = ChildSocket.Of(listener, "other") });
        Assert.Equal(0, await server.WaitForExitAsync().WaitAsync(Limit));
    });

    [IsolatedFact]
    public Task Worker_BehindAWrapper_SaysWhatHelps_AndBinds() => Body.RunAsync(static async () =>
    {
        Environment.SetEnvironmentVariable("LISTEN_FDS", "1");
        Environment.SetEnvironmentVariable("LISTEN_PID", (Environment.ProcessId + 1).ToString(CultureInfo.InvariantCulture));
        var log = new Lines();
        using var host = Make(ListenRequest.OnLocalhost(7000), log);
        await host.StartAsync();
        Assert.Equal("hello", await AskAsync(7000));
        Assert.Contains($"Sockets were passed to this process and are not used: A socket was passed (LISTEN_FDS) to process {Environment.ProcessId + 1}, which is gone, not to this process ({Environment.ProcessId}): "
            + "a wrapper that ended, or LISTEN_FDS was inherited by mistake; take them (ListenPidMismatch.Take), leave them (ListenPidMismatch.Ignore) or unset it.", log.All);
        await host.StopAsync();
    });

    [Fact]
    public async Task Listener_WhoseFunctionReturnsNull_IsRefused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddListener("web", static _ => null!);
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.Equal("The listener 'web' has no request: the function that AddListener was given returned null.", refused.Message);
    }

    [Fact]
    public async Task Listener_WithoutARetry_IsRefused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddListener("web", ListenRequest.OnLocalhost(7000) with { Retry = null! });
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.StartsWith("listener 'web' cannot be bound: Port, Settings and Retry of a request must not be null.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CommandLines", "Some", "Bindwise:CommandLines is 'Some'; write one of Off, Short, Full.")]
    [InlineData("CommandLine", "Full", "Bindwise:CommandLine is not known; there are SocketActivation, ListenPidMismatch, CommandLines.")]
    public async Task Options_ThatCannotBeUnderstood_AreRefused(string key, string value, string fault)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Bindwise:" + key, value)]);
        builder.Services.AddListener("web", ListenRequest.OnLocalhost(PortPolicy.SystemChoice));
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.Equal(fault, refused.Message);
    }

    [Fact]
    public async Task Listeners_OfOneName_AreRefused_AlsoWhereAServiceAsksForOneBeforeTheStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddListener("echo", ListenRequest.OnLocalhost(PortPolicy.SystemChoice)).AddListener("echo", ListenRequest.OnLocalhost(PortPolicy.SystemChoice));
        using var host = builder.Build();
        const string Reason = "Two listeners are named 'echo': give each AddListener its own name.";
        Assert.Equal(Reason, Assert.Throws<StartRefusedException>(() => host.Services.GetRequiredKeyedService<BoundListener>("echo")).Message);
        Assert.Equal(Reason, (await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync())).Message);
    }

    // The socket of another process, which no listener takes, is in a listener's way.
    [IsolatedFact]
    public Task Listener_WithAPassedSocketInItsWay_SaysWhatLetsItHaveThat() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 7000));
        await using var server = ChildServer.Start(new ChildServerOptions
        {
            Program = Environment.ProcessPath!,
            Arguments = Arguments(RefuseWhatIsInTheWay),
            Environment = System.Collections.Immutable.ImmutableDictionary<string, string?>.Empty.Add("Bindwise__SocketActivation", "Off"),
            Sockets = ChildSocket.Of(listener, "web"),
        });
        Assert.Equal(0, await server.WaitForExitAsync().WaitAsync(Limit));
    });

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

    internal static async Task RefuseWhatIsLeftOver()
    {
        using var host = Make(ListenRequest.OnLocalhost(7000));
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.Equal(
            "Sockets were passed for which this host has no listener, so clients there would wait in vain: 127.0.0.1:8080 (TCP, 'other'). Add a listener for each, remove them from the unit, or set Bindwise:SocketActivation to Off: then none is taken.",
            refused.Message);
    }

    internal static async Task RefuseWhatIsInTheWay()
    {
        var log = new Lines();
        using var host = Make(ListenRequest.OnLocalhost(7000), log);
        _ = await Assert.ThrowsAsync<StartRefusedException>(() => host.StartAsync());
        Assert.Contains(log.All, static line => line.EndsWith("Next: The socket there was passed to this process (LISTEN_FDS). Set Bindwise:SocketActivation to Matching.", StringComparison.Ordinal));
    }

    private static IHost Make(ListenRequest request, ILoggerProvider? log = null)
    {
        var builder = Host.CreateApplicationBuilder();
        if (log is not null)
            builder.Logging.AddProvider(log);
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

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> All => [.. _lines];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));

        public void Dispose() => _lines.Clear();
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
