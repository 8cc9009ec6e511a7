using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Connections are taken from every socket, and none is lost.</summary>
public sealed class AcceptTests
{
    [IsolatedFact]
    public Task Accept_OfSeveralSockets_LosesNothingByCancellation() => Body.RunAsync(static async () =>
    {
        // A reader that gives up just as a connection arrives: one round in four lost one when waiting and taking were one step.
        for (var round = 0; round < 20; round++)
            await AcceptAllAsync();
    });

    private static async Task AcceptAllAsync()
    {
        await using var listener = Listener.Bind(ListenRequest.OnLocalhost(8080));
        Assert.Equal(2, listener.Sockets.Length);
        const int Connections = 200;
        var connecting = Task.Run(static async () =>
        {
            for (byte index = 0; index < Connections; index++)
            {
                using var client = new TcpClient(index % 2 == 0 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
                await client.ConnectAsync(index % 2 == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback, 8080);
                await client.GetStream().WriteAsync(new[] { index });
            }
        });
        var seen = new HashSet<byte>();
        for (var turn = 0; seen.Count < Connections; turn++)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMicroseconds(50 * (turn % 20)));
            try
            {
                // Bounded, so that a connection that is lost fails the test and does not hang it.
                using var accepted = await listener.AcceptAsync(turn % 4 == 0 ? CancellationToken.None : cancellation.Token).AsTask().WaitAsync(TimeSpan.FromMinutes(4));
                var read = new byte[1];
                Assert.Equal(1, await accepted.ReceiveAsync(read));
                Assert.True(seen.Add(read[0]));
            }
            catch (OperationCanceledException)
            {
                Assert.True(turn < 100_000);
            }
        }
        await connecting;
    }

    [IsolatedTheory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1 ::1")]
    public Task Accept_OfADisposedListener_SaysSo(string addresses) => Body.RunAsync(static async addresses =>
    {
        var request = new ListenRequest { Addresses = [.. addresses.Split(' ').Select(IPAddress.Parse)], Port = PortPolicy.Exactly(8080) };
        var listener = Listener.Bind(request);
        var waiting = listener.AcceptAsync().AsTask();
        var another = listener.AcceptTcpClientAsync().AsTask();
        await Task.Delay(100);
        Assert.False(waiting.IsCompleted);
        listener.Dispose();
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => another);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await listener.AcceptAsync());
        Assert.Throws<ObjectDisposedException>(() => listener.Release(0));
        using var again = Listener.Bind(request);
        using var client = new TcpClient("127.0.0.1", 8080);
        using var accepted = await again.AcceptTcpClientAsync();
        Assert.True(accepted.Connected);
    }, addresses);

    [IsolatedFact]
    public Task Accept_WithoutAStreamSocket_IsMisuse() => Body.RunAsync(static async () =>
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080) with { Transports = Transports.Udp });
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await listener.AcceptAsync());
        using var client = new UdpClient();
        _ = await client.SendAsync(new byte[] { 1, 2 }, "127.0.0.1", 8080);
        var room = new byte[8];
        var read = await listener.Sockets[0].Socket.ReceiveFromAsync(room, new IPEndPoint(IPAddress.Any, 0));
        Assert.Equal(2, read.ReceivedBytes);
    });

    [IsolatedFact]
    public Task Release_LeavesThatSocketOpen() => Body.RunAsync(static async () =>
    {
        var listener = Listener.Bind(ListenRequest.OnLocalhost(8080));
        using var kept = listener.Release(1);
        listener.Dispose();
        using var free = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        using var client = new TcpClient(AddressFamily.InterNetworkV6);
        await client.ConnectAsync(IPAddress.IPv6Loopback, 8080);
        using var accepted = await kept.AcceptAsync();
    });

    [IsolatedFact]
    public Task Dispose_ClosesWhatNobodyTook() => Body.RunAsync(static async () =>
    {
        var listener = Listener.Bind(ListenRequest.OnLocalhost(8080));
        using (var one = new CancellationTokenSource(50))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await listener.AcceptAsync(one.Token));
        using var client = new TcpClient("127.0.0.1", 8080);
        await Task.Delay(200);
        listener.Dispose();
        client.ReceiveTimeout = 240_000;
        var stream = client.GetStream();
        var end = await Record.ExceptionAsync(async () => Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromMinutes(4))));
        Assert.True(end is null or IOException, $"{end}");
    });

    // A TcpClient begins with a socket of its own, which would stay open until the collector comes.
    [IsolatedFact]
    public Task AcceptTcpClient_OpensNothingBesideTheConnection() => Body.RunAsync(static async () =>
    {
        await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        await AcceptOneAsync(listener);
        var before = KernelOption.OpenSockets();
        for (var index = 0; index < 20; index++)
            await AcceptOneAsync(listener);
        Assert.InRange(KernelOption.OpenSockets(), 0, before);

        static async Task AcceptOneAsync(BoundListener listener)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, 8080);
            using var accepted = await listener.AcceptTcpClientAsync();
            Assert.True(accepted.Connected);
            await accepted.GetStream().WriteAsync(new byte[] { 1 });
            Assert.Equal(1, client.GetStream().ReadByte());
        }
    });
}
