using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>The list of sockets.</summary>
public sealed class SocketTableTests
{
    [IsolatedFact]
    public Task Read_ByProtocolPortAndState_ListsTheseAlone() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var other = new TcpListener(IPAddress.IPv6Loopback, 8085);
        other.Start();
        using var datagrams = new UdpClient(new IPEndPoint(IPAddress.Loopback, 8080));
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 8081));
        using var client = new TcpClient("127.0.0.1", 8080);
        using var server = await listener.AcceptTcpClientAsync();

        Assert.Equal(6, Count(new SocketFilter()));
        Assert.Equal(6, (await SocketTable.ReadAsync()).Sockets.Length);
        Assert.Equal(5, Count(new SocketFilter { Protocols = [Protocol.Tcp] }));
        Assert.Equal(1, Count(new SocketFilter { Protocols = [Protocol.Udp] }));
        Assert.Equal(3, Count(new SocketFilter { Ports = [new PortRange(8080, 8080)] }));
        Assert.Equal(5, Count(new SocketFilter { Ports = [new PortRange(8080, 8081), new PortRange(8085, 9000)] }));
        Assert.Equal(2, Count(new SocketFilter { States = [TcpSocketState.Listen] }));
        Assert.Equal(2, Count(new SocketFilter { States = [TcpSocketState.Established] }));
        var only = Assert.Single(SocketTable.Read(new SocketFilter { States = [TcpSocketState.Bound] }).Sockets);
        Assert.Equal((TcpSocketState.Bound, 8081), (only.State, only.Local.Port));
    });

    [IsolatedFact]
    public Task Read_MoreThanTheMaximum_CountsTheOthers() => Body.RunAsync(static () =>
    {
        var sockets = Enumerable.Range(8000, 100).Select(static port =>
        {
            var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }).ToList();
        var listing = SocketTable.Read(new SocketFilter { Maximum = 30 });
        Assert.Equal((30, 70, false), (listing.Sockets.Length, listing.Omitted, listing.IsComplete));
        sockets.ForEach(static socket => socket.Dispose());
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Read_UnixSockets_TellsTheirNames() => Body.RunAsync(static () =>
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0bindwise-listing"));
        listener.Listen();
        var listing = SocketTable.Read(new SocketFilter { Protocols = [Protocol.Unix], States = [TcpSocketState.Listen] });
        Assert.Single(listing.Sockets, static one => one.Path == "@bindwise-listing");
        Assert.Empty(SocketTable.Read(new SocketFilter { Protocols = [Protocol.Unix], Ports = [new PortRange(1, 65535)] }).Sockets);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Read_Portable_ListsTheSameConnections() => Body.RunAsync(static () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var client = new TcpClient("127.0.0.1", 8080);
        using var server = listener.AcceptTcpClient();
        var filter = new SocketFilter { Protocols = [Protocol.Tcp] };
        Assert.Equal(Lines(filter), Lines(filter with { Portable = true }));
        var listing = SocketTable.Read(filter with { Portable = true, Protocols = [Protocol.Tcp, Protocol.Unix] });
        Assert.False(listing.IsComplete);
        Assert.Equal("the system's list does not show UNIX sockets", Assert.Single(listing.Notes));
        return Task.CompletedTask;

        static IEnumerable<string> Lines(SocketFilter filter) =>
            SocketTable.Read(filter).Sockets.Select(static one => $"{one.State} {one.Local} {one.Remote.Port}").Order();
    });

    [Fact]
    public void Read_AFilterThatNamesNothing_IsRefused()
    {
        Assert.Throws<ArgumentException>(static () => SocketTable.Read(new SocketFilter { Protocols = [] }));
        Assert.Throws<ArgumentException>(static () => SocketTable.Read(new SocketFilter { States = default(ImmutableArray<TcpSocketState>) }));
        Assert.Throws<ArgumentException>(static () => SocketTable.Read(new SocketFilter { States = [(TcpSocketState)40] }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => SocketTable.Read(new SocketFilter { Maximum = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => { _ = SocketTable.ReadAsync(new SocketFilter { Maximum = int.MaxValue }); });
        Assert.ThrowsAny<OperationCanceledException>(static () => SocketTable.Read(cancellationToken: new CancellationToken(canceled: true)));
    }

    private static int Count(SocketFilter filter)
    {
        var listing = SocketTable.Read(filter);
        Assert.True(listing.IsComplete);
        return listing.Sockets.Length;
    }
}
