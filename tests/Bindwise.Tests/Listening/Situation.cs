using System.Net;
using System.Net.Sockets;

namespace Bindwise.Tests.Listening;

/// <summary>What connections leave behind, set up for real.</summary>
internal static class Situation
{
    /// <summary>A server that closed first: TIME_WAIT on its port.</summary>
    public static async Task LeaveTimeWaitAsync(int port)
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, port));
        using var client = new TcpClient("127.0.0.1", port);
        using var accepted = await listener.AcceptAsync();
        accepted.Close();
        // The end of the stream: the server's FIN is here, so this close answers it.
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        client.Close();
        await TimeWaitIsThereAsync(port);
    }

    /// <summary>The last packet takes microseconds, unless the machine does something else.</summary>
    public static Task TimeWaitIsThereAsync(int port) => IsThereAsync(port, TcpSocketState.TimeWait);

    /// <summary>A server that closed first while its client does not close: FIN_WAIT2 without a process, for net.ipv4.tcp_fin_timeout seconds.</summary>
    public static async Task<TcpClient> LeaveFinWaitAsync(int port)
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, port));
        var client = new TcpClient("127.0.0.1", port);
        using var accepted = await listener.AcceptAsync();
        accepted.Close();
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        // The server's FIN is here; the answer to it may still be on its way.
        await IsThereAsync(port, TcpSocketState.FinWait2);
        return client;
    }

    private static async Task IsThereAsync(int port, TcpSocketState state)
    {
        var filter = new SocketFilter { Ports = [new PortRange(port, port)], States = [state] };
        for (var tries = 0; SocketTable.Read(filter).Sockets.Length == 0 && tries < 24_000; tries++)
            await Task.Delay(10);
    }
}
