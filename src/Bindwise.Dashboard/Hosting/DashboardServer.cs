using System.Net;
using System.Security.Authentication;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Endpoints;
using Bindwise.Dashboard.Guarding;
using Bindwise.Dashboard.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.Dashboard.Hosting;

/// <summary>The server: Kestrel on a listener of ours, the guards, the endpoints and the page.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    // Whoever is answered gets so long to read the end; streams have ended by then.
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly BoundListener _listener;
    private readonly RequestGuard _guard;

    private DashboardServer(WebApplication app, BoundListener listener, DashboardServices services, RequestGuard guard)
    {
        (_app, _listener, Services, _guard) = (app, listener, services, guard);
        var scheme = services.Access.Certificate is null ? "http" : "https";
        Address = $"{scheme}://{new IPEndPoint(services.Settings.Address, listener.Port)}/";
    }

    public DashboardServices Services { get; }

    /// <summary>Where it serves, as <c>http://127.0.0.1:9876/</c>.</summary>
    public string Address { get; }

    /// <param name="report">Is given what whoever runs the server has to know, a line each, on any thread.</param>
    /// <exception cref="BindException">No port is free, or the address is not this host's; the exception says why.</exception>
    /// <exception cref="SocketActivationException">A socket was passed to this process that is not at the address and port to serve, or
    /// none that can be taken.</exception>
    public static async Task<DashboardServer> StartAsync(ServeSettings settings, AccessRules access, Action<string> report)
    {
        // A passed socket is taken only if it has the address that the settings were checked for.
        var place = SocketActivationOptions.Of(ListenRequest.On(settings.Address, settings.Ports));
        var taken = await SocketActivation.ListenAsync(place with { ListenPidMismatch = ListenPidMismatch.Ignore });
        var listener = taken.Listeners[0].Listener;
        var services = new DashboardServices(settings, access, report) { Routes = RouteTable.All };
        // Nothing of the environment, of the current folder or of its files has a say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = LastWait);
        // The sockets of its connections inherit it.
        listener.Sockets[0].Socket.SendBufferSize = RequestLimits.SendBufferBytes;
        builder.Services.Configure<SocketTransportOptions>(options =>
        {
            options.CreateBoundListenSocket = _ => listener.Sockets[0].Socket;
            // An answer is over when the kernel has it, and its deadline counts until then: nothing waits here behind its back.
            options.MaxWriteBufferSize = 1;
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            RequestLimits.Apply(options.Limits);
            options.AddServerHeader = false;
            options.Listen(settings.Address, listener.Port, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                if (access.Certificate is not { } certificate)
                    return;
                endpoint.Protocols = HttpProtocols.Http1AndHttp2;
                endpoint.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ServerCertificateChain = access.Chain,
                    SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                });
            });
        });
        var app = builder.Build();
        var guard = new RequestGuard(services);
        Compose(app, services, guard);
        var server = new DashboardServer(app, listener, services, guard);
        try
        {
            await app.StartAsync();
            // Failed binds count from now on, whoever asks and when.
            services.Host.Begin();
            services.Fleet?.Begin();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <summary>Ends: streams at once, other requests within two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await Services.Ending.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Services.Dispose();
        _guard.Dispose();
        await _listener.DisposeAsync();
    }

    private static void Compose(WebApplication app, DashboardServices services, RequestGuard guard)
    {
        app.Use(guard.InvokeAsync);
        foreach (var path in services.Routes.GroupBy(static route => route.Path))
        {
            foreach (var route in path)
                app.MapMethods(route.Path, route.Methods, context => route.Handle(context, services)).WithMetadata(route);
            // What has no method of its own comes after what has.
            var allowed = string.Join(", ", path.SelectMany(static route => route.Methods));
            RequestDelegate refuse = context => throw Problem.MethodOf(context, allowed);
            app.Map(path.Key, refuse);
        }
        app.Map("/{**path}", PageFiles.AnswerAsync);
    }

    // Signals are the command line's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Every endpoint: what is in <c>Endpoints</c> has a line here.</summary>
internal static class RouteTable
{
    /// <summary>The endpoints, in the order of the OpenAPI document.</summary>
    public static ImmutableArray<ApiRoute> All { get; } =
    [
        WhyEndpoint.Route,
        PortsEndpoint.Route,
        HistoryEndpoint.Route,
        EventsEndpoint.Route,
        FreeEndpoint.Route,
        StatesEndpoint.Route,
        PressureEndpoint.Route,
        SessionEndpoints.Get,
        SessionEndpoints.Post,
        SessionEndpoints.Delete,
        ScenarioEndpoints.List,
        ScenarioEndpoints.One,
        .. ModelEndpoints.Routes,
        FleetEndpoints.Fleet,
        FleetEndpoints.Port,
        MetricsEndpoint.Route,
        OpenApiEndpoint.Route,
    ];
}
