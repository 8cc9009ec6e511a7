using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// The parts around one server, put together here: services of their own would each be found and made by reflection, while the host starts.
/// </summary>
internal sealed class ServerParts : IAsyncDisposable
{
    /// <summary>Makes them; nothing is read yet but what the application has registered.</summary>
    public ServerParts(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<BindwiseOptions>>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var sockets = services.GetRequiredService<ListeningSockets>();
        var meter = services.GetRequiredService<BindMeter>();
        var application = new ApplicationSockets();
        var activated = new ActivatedSocketPool(options, loggers);
        var requests = new EndpointRequests(options, application, services.GetRequiredService<WaitLog>());
        var localhost = new ConfiguredLocalhost(services.GetRequiredService<IConfiguration>(), requests, sockets, meter);
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        HandOver = new KestrelHandOver(sockets, options, services.GetRequiredService<IOptions<HostOptions>>(), lifetime, loggers);
        Addresses = new BoundAddresses();
        var transport = services.GetRequiredService<IOptions<SocketTransportOptions>>();
        Hook = new TransportHook(sockets, activated, requests, application, HandOver, meter, Addresses, transport, loggers);
        Start = new ServerStart(
            new EndpointPlan(services.GetRequiredService<IOptions<KestrelServerOptions>>(), options, activated, localhost, loggers),
            new EndpointBinder(requests, sockets, activated, localhost, HandOver, meter),
            localhost, sockets, activated, Addresses, HandOver, options, loggers);
    }

    /// <summary>The sockets on their way from instance to instance.</summary>
    public KestrelHandOver HandOver { get; }

    /// <summary>The server's addresses.</summary>
    public BoundAddresses Addresses { get; }

    /// <summary>Where Kestrel's transport gets its sockets.</summary>
    public TransportHook Hook { get; }

    /// <summary>The start around Kestrel's own.</summary>
    public ServerStart Start { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => HandOver.DisposeAsync();
}
