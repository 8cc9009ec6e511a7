using System.Net;
using System.Net.Sockets;
using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

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
            ? reserved ?? throw new SocketException((int)SocketError.AddressNotAvailable)
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
            addresses.TellLocalhostPort(asked.Port, listener.Port);
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
            catch (BindException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse
                && requests.WithFallback(asked, exact) is { } fallback)
            {
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
