using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Bindwise.Samples;

/// <summary>The orchestrator's proxy: listens on the fixed port, and forwards each connection to the port that the resource was given.</summary>
internal sealed class PortProxy : IDisposable
{
    private readonly List<TcpListener> _listeners = [];

    /// <summary>Listens on localhost, with .NET's own sockets: an orchestrator does not know this library.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public PortProxy(int port)
    {
        try
        {
            foreach (var address in Localhost())
            {
                var listener = new TcpListener(address, port);
                _listeners.Add(listener);
                listener.Start();
            }
        }
        catch (SocketException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Forwards until it is cancelled.</summary>
    public Task ForwardAsync(int target, CancellationToken cancellationToken) => Task.WhenAll(_listeners.Select(listener => ServeAsync(listener, target, cancellationToken)));

    public void Dispose()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    private static IEnumerable<IPAddress> Localhost() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(static one => one.GetIPProperties().UnicastAddresses).Select(static one => one.Address).Where(static one => one.Equals(IPAddress.Loopback) || one.Equals(IPAddress.IPv6Loopback));

    private static async Task ServeAsync(TcpListener listener, int target, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
            _ = ForwardAsync(await listener.AcceptTcpClientAsync(cancellationToken), target, cancellationToken);
    }

    private static async Task ForwardAsync(TcpClient client, int target, CancellationToken cancellationToken)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, cancellationToken);
                var there = client.GetStream().CopyToAsync(server.GetStream(), cancellationToken);
                await server.GetStream().CopyToAsync(client.GetStream(), cancellationToken);
                client.Client.Shutdown(SocketShutdown.Send);
                await there;
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // The resource does not listen (yet), or one side has gone: the client sees its connection end.
            }
        }
    }
}
