using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Bindwise.AspNetCore;

/// <summary>
/// Where Kestrel's transport gets its listening sockets: those bound before it started, and for what comes later, as an endpoint that a
/// reload of the configuration adds, one that is bound then. It is asked once for each endpoint, never for a connection.
/// </summary>
internal sealed class TransportHook(ListeningSockets sockets, ActivatedSocketPool activated, EndpointRequests requests,
    ApplicationSockets application, KestrelHandOver handOver, BindMeter meter, BoundAddresses addresses,
    IOptions<SocketTransportOptions> transport, ILoggerFactory loggers)
{
    private readonly Dictionary<int, int> _localhostPorts = [];
    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);
    private Action<EndPoint>? _first;

    /// <summary>Is called once, with what Kestrel asks for first, before it gets that. A failure ends the start.</summary>
    public void BeforeTheFirst(Action<EndPoint> first) => _first = first;

    /// <summary>
    /// From now on Kestrel's transport asks here. The options object is the transport's own, and everything that configures it has run:
    /// what the application has set stays in force, and makes the sockets.
    /// </summary>
    public void Attach()
    {
        var options = transport.Value;
        var otherwise = options.CreateBoundListenSocket;
        if (otherwise != SocketTransportOptions.CreateDefaultBoundListenSocket)
            application.Create = otherwise;
        options.CreateBoundListenSocket = endpoint =>
        {
            Interlocked.Exchange(ref _first, null)?.Invoke(endpoint);
            // Kestrel calls listen() once more, with this. Read here, after the check of the options when the host starts.
            var backlog = requests.SettingsFor(endpoint).Backlog;
            if (backlog != SocketSettings.Default.Backlog)
                options.Backlog = backlog;
            return Make(endpoint, otherwise);
        };
    }

    private Socket Make(EndPoint endpoint, Func<EndPoint, Socket> otherwise) => endpoint switch
    {
        FileHandleEndPoint handle => activated.Find(handle.FileHandle)?.Socket ?? otherwise(endpoint),
        IPEndPoint or UnixDomainSocketEndPoint => sockets.TryTake(endpoint, out var reserved)
            ? reserved ?? throw requests.LeftOut(endpoint)
            : BindNow(endpoint),
        _ => otherwise(endpoint),
    };

    private Socket BindNow(EndPoint endpoint)
    {
        var kind = endpoint is not IPEndPoint ip ? EndpointKind.Unix
            : ip.Address.Equals(IPAddress.IPv6Any) ? EndpointKind.Any : EndpointKind.Address;
        var asked = new AskedEndpoint(endpoint.ToString()!, kind, endpoint, IsUrl: false);
        var listener = Bind(asked);
        meter.Bound(listener);
        sockets.Add(asked.Name, listener);
        if (IsAt(endpoint, IPAddress.Loopback))
        {
            addresses.SetLocalhostPort(asked.Port, listener.Port);
            if (listener.Port != asked.Port && asked.Port != 0)
                _localhostPorts[asked.Port] = listener.Port;
        }
        return listener.Sockets[0].Socket;
    }

    private BoundListener Bind(AskedEndpoint asked)
    {
        var exact = requests.Exactly(asked);
        try
        {
            // The other address of localhost, asked for in the next call, belongs on the port that the first one got.
            if (IsAt(asked.EndPoint, IPAddress.IPv6Loopback) && _localhostPorts.Remove(asked.Port, out var same))
                return handOver.Bind(exact with { Port = PortPolicy.Exactly(same) });
            try
            {
                return handOver.Bind(exact);
            }
            catch (BindException taken) when (taken.SocketErrorCode.IsAboutPort()
                && requests.WithFallback(asked, exact, []) is { } fallback)
            {
                meter.Retried(taken.Attempts);
                var listener = handOver.Bind(fallback);
                StartLog.FellBack(_logger, asked.Port, taken.Diagnosis, listener.Port);
                return listener;
            }
        }
        catch (BindException exception)
        {
            meter.Failed(exception);
            throw;
        }
    }

    private static bool IsAt(EndPoint endpoint, IPAddress address) => endpoint is IPEndPoint ip && ip.Address.Equals(address);
}

/// <summary>
/// A Kestrel that was registered after <c>UseBindwise</c>, by a later <c>UseKestrel</c> or by <c>WebApplicationFactory.UseKestrel</c>,
/// takes the place of the server that <c>UseBindwise</c> set up. Its endpoints are bound all the same, when it asks for the first: not
/// before, since until it starts its addresses may change, as <c>WebApplicationFactory.UseKestrel(port)</c> changes them from the test's
/// thread. Every other server is left alone.
/// </summary>
internal sealed class LaterKestrel(IServer server, IServiceProvider services) : IStartupFilter, IHostedLifecycleService
{
    private ServerStart? _start;
    private bool _follows;

    /// <summary>Whether a server is one of Kestrel's: its own type is not public.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServer).Assembly;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        if (IsKestrel(server.GetType()))
            Prepare();
        return next;
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before hosting takes the addresses, which it reads again when the server has started.
        if (IsKestrel(server.GetType()))
            Follow();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _start?.Complete();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _start?.RemovePortFile();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _start?.CloseSockets();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Follow()
    {
        if (_follows)
            return;
        _follows = true;
        var addresses = services.GetRequiredService<ServerParts>().Addresses;
        addresses.Follow(server.Features.GetRequiredFeature<IServerAddressesFeature>());
        server.Features.Set<IServerAddressesFeature>(addresses);
    }

    private void Prepare()
    {
        // A host without IHostedLifecycleService has not called for it.
        Follow();
        var parts = services.GetRequiredService<ServerParts>();
        var start = _start = parts.Start;
        OrFail(start, start.Prepare);
        parts.Hook.BeforeTheFirst(first => OrFail(start, () => start.BindAll(first)));
        parts.Hook.Attach();
    }

    private static void OrFail(ServerStart start, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            var failure = start.Fail(exception);
            if (failure == exception)
                throw;
            // After another exception than an IOException, Kestrel tries the next address.
            throw failure ?? StartFailure.Of(exception.Message, exception);
        }
    }
}
