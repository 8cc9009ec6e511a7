using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>The loop over connections, the UDP socket, and the error's name.</summary>
public sealed class AcceptAllTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [IsolatedFact]
    public Task AcceptAll_GivesEveryConnection_AndEndsWithTheListener() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.OnLocalhost(8080));
        var served = 0;
        var serving = Task.Run(async () =>
        {
            await foreach (var connection in listener.AcceptAllAsync())
            {
                using (connection)
                    served++;
            }
        });
        for (var client = 0; client < 20; client++)
        {
            using var connection = new TcpClient(client % 2 == 0 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
            await connection.ConnectAsync(client % 2 == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback, 8080);
            // Its end: it was accepted.
            Assert.Equal(0, await connection.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Limit));
        }
        listener.Dispose();
        await serving.WaitAsync(Limit);
        Assert.Equal(20, served);
    });

    // With one socket, and with two, which accept ahead of time.
    [IsolatedFact]
    public Task AcceptAll_EndsWithAHandOver() => Body.RunAsync(static async () =>
    {
        foreach (var request in (ListenRequest[])[ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.OnLocalhost(8081)])
        {
            await using var listener = Listener.Bind(request);
            var served = Channel.CreateUnbounded<Socket>();
            var serving = Task.Run(async () =>
            {
                await foreach (var connection in listener.AcceptAllAsync())
                    await served.Writer.WriteAsync(connection);
            });
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, listener.Port);
            (await served.Reader.ReadAsync().AsTask().WaitAsync(Limit)).Dispose();
            listener.CloseHandedOver();
            await serving.WaitAsync(Limit);
            await foreach (var _ in listener.AcceptAllAsync())
                Assert.Fail("the other process has it");
        }
    });

    [IsolatedFact]
    public Task AcceptAll_OutlivesAReset_AndEndsByItsToken() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        using var end = new CancellationTokenSource();
        var accepted = Channel.CreateUnbounded<Socket>();
        var serving = Task.Run(async () =>
        {
            await foreach (var connection in listener.AcceptAllAsync(end.Token))
                await accepted.Writer.WriteAsync(connection);
        });
        using (var rude = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) })
            await rude.ConnectAsync(IPAddress.Loopback, 8080);
        (await accepted.Reader.ReadAsync().AsTask().WaitAsync(Limit)).Dispose();
        using var next = new TcpClient();
        await next.ConnectAsync(IPAddress.Loopback, 8080);
        using (await accepted.Reader.ReadAsync().AsTask().WaitAsync(Limit))
            await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(Limit));
    });

    [IsolatedFact]
    public Task UdpSocket_IsTheOneThereIs() => Body.RunAsync(static async () =>
    {
        await using var both = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080) with { Transports = Transports.TcpAndUdp });
        Assert.Equal(SocketType.Dgram, both.UdpSocket.SocketType);
        Assert.Equal(both.Port, ((IPEndPoint)both.UdpSocket.LocalEndPoint!).Port);
        await using var tcp = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081));
        Assert.Contains("no UDP socket", Assert.Throws<InvalidOperationException>(() => tcp.UdpSocket).Message, StringComparison.Ordinal);
        await using var several = Listener.Bind(ListenRequest.OnLocalhost(8082) with { Transports = Transports.Udp });
        Assert.Contains("several UDP sockets", Assert.Throws<InvalidOperationException>(() => several.UdpSocket).Message, StringComparison.Ordinal);
        var failure = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080)));
        Assert.Equal("EADDRINUSE", failure.ErrorName);
        Assert.Equal("EACCES", new BindException(SocketError.AccessDenied, "no", null, null).ErrorName);
    });
}
