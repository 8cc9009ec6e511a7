using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Listeners on the real kernel: ports, transports, all or nothing.</summary>
public sealed class ListenerTests
{
    [IsolatedFact]
    public Task Bind_OnePort_AcceptsSynchronouslyAndAsynchronously() => Body.RunAsync(static async () =>
    {
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        Assert.Equal(8080, listener.Port);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), listener.Sockets[0].LocalEndPoint);
        Assert.True(listener.Sockets[0].Socket.IsBound);
        using var first = new TcpClient("127.0.0.1", 8080);
        using var there = await listener.AcceptAsync();
        using var second = new TcpClient("127.0.0.1", 8080);
        using var synchronous = listener.Sockets[0].Socket.Accept();
        await first.GetStream().WriteAsync(new byte[] { 7 });
        var read = new byte[1];
        Assert.Equal(1, await there.ReceiveAsync(read));
        Assert.Equal(7, read[0]);
    });

    [IsolatedFact]
    public Task Bind_TakenPort_NamesTheHolder() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var exception = Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.On(IPAddress.Any, 8080)));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
        Assert.Equal(98, exception.NativeErrorCode);
        Assert.Equal(Cause.Listener, exception.Diagnosis!.Cause);
        Assert.Contains($"pid {Environment.ProcessId}) listens on 127.0.0.1:8080", exception.Message, StringComparison.Ordinal);
        Assert.Contains("this process itself", exception.Message, StringComparison.Ordinal);
        Assert.Equal("close-own-socket", exception.Diagnosis!.Remedies[0].Id);
        Assert.DoesNotContain(exception.Diagnosis.Remedies, static one => one.Command?.Contains("kill", StringComparison.Ordinal) == true);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Bind_SystemChoice_GivesOnePortToAddressesAndTransports() => Body.RunAsync(static async () =>
    {
        var request = new ListenRequest { Addresses = [IPAddress.Any, IPAddress.IPv6Loopback], Transports = Transports.TcpAndUdp };
        await using var listener = await Listener.BindAsync(request);
        Assert.NotEqual(0, listener.Port);
        Assert.Equal(4, listener.Sockets.Length);
        Assert.All(listener.Sockets, one => Assert.Equal(listener.Port, ((IPEndPoint)one.LocalEndPoint).Port));
        Assert.Equal([Transports.Tcp, Transports.Udp, Transports.Tcp, Transports.Udp], listener.Sockets.Select(static one => one.Transport));
    });
}
