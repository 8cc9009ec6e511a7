using System.Net;
using System.Net.Sockets;

namespace Bindwise.Tests.Closing;

/// <summary>A connection over loopback with both its ends: the server's, which is closed by a strategy, and the client's, which plays the peer.</summary>
internal sealed class Pair : IDisposable
{
    private readonly Socket _listener;

    private Pair(Socket listener, Socket server, Socket client)
    {
        _listener = listener;
        Server = server;
        Client = client;
        ClientPort = ((IPEndPoint)client.LocalEndPoint!).Port;
    }

    public Socket Server { get; }

    public Socket Client { get; }

    public int ClientPort { get; }

    public static async Task<Pair> OpenAsync(int port = 8080, int? clientBuffer = null)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (clientBuffer is { } bytes)
            client.ReceiveBufferSize = bytes;
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.NoDelay = true;
        return new Pair(listener, server, client);
    }

    /// <summary>The state of the server's end and of the client's, as the live socket table has them; null for an end that is gone.</summary>
    public (TcpSocketState? Server, TcpSocketState? Client) States()
    {
        var port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        var table = SocketTable.Read(new SocketFilter { Protocols = [Protocol.Tcp] });
        Assert.True(table.IsComplete);
        return (Of(port, ClientPort), Of(ClientPort, port));

        TcpSocketState? Of(int local, int remote) => table.Sockets.SingleOrDefault(one => one.Local.Port == local && one.Remote.Port == remote)?.State;
    }

    /// <summary>
    /// The states once they stay as they are: a few milliseconds after the last packet, which may be an acknowledgement that was put off. While a packet
    /// is on its way, which a busy machine may leave to a thread of the kernel, the states tell so.
    /// </summary>
    public async Task<(TcpSocketState? Server, TcpSocketState? Client)> SettledAsync()
    {
        var before = States();
        for (var (same, tries) = (0, 0); same < 5 && tries < 60_000; tries++)
        {
            await Task.Delay(4);
            var now = States();
            same = now == before && !IsOnTheMove(now.Server) && !IsOnTheMove(now.Client) && !IsResetOnItsWay(now) ? same + 1 : 0;
            before = now;
        }
        return before;
    }

    private static bool IsOnTheMove(TcpSocketState? state) => state is TcpSocketState.FinWait1 or TcpSocketState.LastAck or TcpSocketState.Closing;

    // Of one end alone only TIME_WAIT stays.
    private static bool IsResetOnItsWay((TcpSocketState? Server, TcpSocketState? Client) states) =>
        states is (null, not (null or TcpSocketState.TimeWait)) or (not (null or TcpSocketState.TimeWait), null);

    /// <summary>Reads to the end: how many bytes came, and how it ended: FIN, or the error's name.</summary>
    public static async Task<(long Bytes, string End)> ReadToEndAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        try
        {
            while (await socket.ReceiveAsync(buffer) is var count and > 0)
                total += count;
            return (total, "FIN");
        }
        catch (SocketException exception)
        {
            return (total, exception.SocketErrorCode.ToString());
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
        _listener.Dispose();
    }
}
