using System.Net;
using System.Net.Sockets;

namespace Bindwise.Listeners.Manners;

/// <summary>TcpListener (UdpClient, Socket for UNIX) one address after the other, with an option that is pasted from somewhere, or none.</summary>
internal sealed class PlainManner(Action<Socket>? prepare = null, Action<Socket>? onClient = null) : IManner
{
    public Task<Listening> ListenAsync(Wanted wanted)
    {
        var opened = new List<IDisposable>();
        try
        {
            return Task.FromResult(Listening.Serve(wanted.UnixPath is { } path ? OpenUnix(path, opened) : OpenInternet(wanted, opened), onClient));
        }
        catch
        {
            opened.ForEach(static one => one.Dispose());
            throw;
        }
    }

    private static List<Socket> OpenUnix(string path, List<IDisposable> opened)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        opened.Add(socket);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return [socket];
    }

    private List<Socket> OpenInternet(Wanted wanted, List<IDisposable> opened)
    {
        var sockets = new List<Socket>();
        var port = wanted.Port;
        foreach (var address in wanted.Addresses)
        {
            var listener = new TcpListener(address, port);
            opened.Add(listener);
            prepare?.Invoke(listener.Server);
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
            sockets.Add(listener.Server);
            if (!wanted.WithUdp)
                continue;
            var udp = new UdpClient(address.AddressFamily);
            opened.Add(udp);
            prepare?.Invoke(udp.Client);
            udp.Client.Bind(new IPEndPoint(address, port));
            sockets.Add(udp.Client);
        }
        return sockets;
    }
}
